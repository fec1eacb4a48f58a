import { hash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { BorrowedFile } from '../../source/byte-source.ts';
import { DIGEST_SIZE } from '../hashes/hash-shape.ts';

/**
 * Maximum number of bytes queued for the thread. Beyond it, digests are computed on the caller's
 * thread: both stay busy, and memory is bounded.
 */
const MAX_WAITING = 8 * 2 ** 20;
/** Maximum number of bytes of files queued for the thread. Beyond it, the caller waits. */
const MAX_FILE_WAITING = 64 * 2 ** 20;
/** Neighbouring parts of a file are read at once up to this size. */
const MAX_READ = 2 ** 20;

/** Program of the thread. A string, so that a bundle does not need a separate file. */
const THREAD = `
const { parentPort } = require('node:worker_threads');
const { hash } = require('node:crypto');
const { readSync } = require('node:fs');
let buffer = new Uint8Array(0);
function read(fd, from, to) {
  if (to - from > buffer.length) buffer = new Uint8Array(to - from);
  for (let at = from; at < to;) {
    const count = readSync(fd, buffer, at - from, to - at, at);
    if (count === 0) throw new Error('the file ends at ' + at);
    at += count;
  }
}
function ofMemory(bytes, places) {
  const digests = new Uint8Array(places.length * 16);
  for (let i = 0; i < places.length; i += 2) {
    digests.set(hash('sha256', bytes.subarray(places[i], places[i + 1]), 'buffer'), i * 16);
  }
  return digests;
}
function ofFile(fd, places) {
  const digests = new Uint8Array(places.length * 16);
  for (let i = 0; i < places.length;) {
    const from = places[i];
    let behind = i + 2;
    while (places[behind] === places[behind - 1] && places[behind + 1] - from <= ${MAX_READ}) behind += 2;
    read(fd, from, places[behind - 1]);
    for (; i < behind; i += 2) {
      const part = buffer.subarray(places[i] - from, places[i + 1] - from);
      digests.set(hash('sha256', part, 'buffer'), i * 16);
    }
  }
  return digests;
}
parentPort.on('message', ({ job, bytes, fd, places }) => {
  let digests;
  try {
    digests = bytes === undefined ? ofFile(fd, places) : ofMemory(bytes, places);
  } catch {
    digests = undefined;
  }
  parentPort.postMessage({ job, digests });
});
`;

/** Parts of memory, or of an open file, that are being hashed. */
type Job =
  | {
      readonly size: number;
      readonly bytes: Uint8Array;
      readonly places: Uint32Array;
      readonly done: (digests: Uint8Array) => void;
    }
  | {
      readonly size: number;
      readonly bytes: undefined;
      readonly done: (digests: Uint8Array | undefined) => void;
    };

/**
 * Computes SHA-256 digests of many parts at once, on a separate thread if possible. Hashing is the
 * main cost of verification; reads then run at the same time. Without a thread, or if it ends
 * early, digests are computed on the caller's thread.
 */
export class Hasher {
  #thread: Worker | undefined;
  readonly #jobs = new Map<number, Job>();
  #last = 0;
  #waiting = 0;
  #readFailed = false;
  readonly #waiters: (() => void)[] = [];

  /**
   * @param alone uses only the caller's thread.
   * @param program of the thread; a test passes one that fails.
   */
  constructor(alone: boolean, program = THREAD) {
    if (alone || availableParallelism() < 2) return;
    const thread = new Worker(program, { eval: true, execArgv: [], env: {} });
    this.#thread = thread;
    thread.unref();
    thread.on('message', ({ job, digests }: { job: number; digests: Uint8Array | undefined }) =>
      this.#end(job, digests),
    );
    thread.on('error', () => this.#goOnAlone());
    thread.on('exit', () => this.#goOnAlone());
  }

  /** Allocates zeroed memory that the thread can read without a copy. */
  memory(length: number): Buffer {
    if (this.#thread === undefined) return Buffer.alloc(length);
    return Buffer.from(new SharedArrayBuffer(length));
  }

  /**
   * Returns the digests of parts of `bytes`, 32 bytes each, in order. The bytes must not change
   * until then. Never rejects.
   * @param bytes of {@link Hasher.memory}
   * @param places start and end of each part
   */
  async digests(bytes: Uint8Array, places: Uint32Array): Promise<Uint8Array> {
    const thread = this.#thread;
    if (thread === undefined || this.#waiting > MAX_WAITING) return digestsOf(bytes, places);
    return new Promise((done) => {
      const job = this.#begin(thread, { size: bytes.length, bytes, places, done });
      thread.postMessage({ job, bytes, places }, []);
    });
  }

  /** Whether parts of files can be read and hashed on the thread. */
  get readsFiles(): boolean {
    return this.#thread !== undefined;
  }

  /** Whether the thread could not read a part of a file, so that its digest is unknown. */
  get readFailed(): boolean {
    return this.#readFailed;
  }

  /**
   * Reads parts of an open file on the thread and returns their digests, in order; undefined if one
   * of them cannot be read, and `readFailed` is set then. Never rejects.
   * @param places start and end of each part, in bytes of the file
   */
  async fileDigests(file: BorrowedFile, places: Float64Array): Promise<Uint8Array | undefined> {
    const thread = this.#thread;
    if (thread === undefined) {
      this.#readFailed = true;
      return undefined;
    }
    let size = 0;
    for (let i = 0; i < places.length; i += 2) {
      size += (places[i + 1] as number) - (places[i] as number);
    }
    return new Promise((done) => {
      const job = this.#begin(thread, { size, bytes: undefined, done });
      thread.postMessage({ job, fd: file.fd, places }, []);
    });
  }

  /** Resolves once few bytes wait for the thread. */
  async hasRoom(): Promise<void> {
    while (this.#waiting > MAX_FILE_WAITING && this.#jobs.size > 0) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  /** Ends the thread. Pending digests of memory are computed on the caller's thread. */
  async close(): Promise<void> {
    const thread = this.#thread;
    // Files must not be returned before the thread has stopped reading them.
    await thread?.terminate();
    this.#goOnAlone();
  }

  #begin(thread: Worker, job: Job): number {
    const number = ++this.#last;
    this.#waiting += job.size;
    this.#jobs.set(number, job);
    thread.ref();
    return number;
  }

  #end(number: number, digests: Uint8Array | undefined): void {
    const job = this.#jobs.get(number);
    if (job === undefined) return;
    this.#jobs.delete(number);
    this.#waiting -= job.size;
    if (this.#jobs.size === 0) this.#thread?.unref();
    if (job.bytes !== undefined) job.done(digests ?? digestsOf(job.bytes, job.places));
    else {
      this.#readFailed ||= digests === undefined;
      job.done(digests);
    }
    for (const wake of this.#waiters.splice(0)) wake();
  }

  #goOnAlone(): void {
    this.#thread = undefined;
    for (const number of this.#jobs.keys()) this.#end(number, undefined);
  }
}

function digestsOf(bytes: Uint8Array, places: Uint32Array): Uint8Array {
  const digests = new Uint8Array((places.length / 2) * DIGEST_SIZE);
  for (let i = 0; i < places.length; i += 2) {
    const part = bytes.subarray(places[i], places[i + 1]);
    digests.set(hash('sha256', part, 'buffer'), (i / 2) * DIGEST_SIZE);
  }
  return digests;
}
