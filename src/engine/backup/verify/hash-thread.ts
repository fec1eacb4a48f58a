import { Worker } from 'node:worker_threads';
import type { BorrowedFile } from '../../source/byte-source.ts';

/** Neighbouring parts of a file are read at once up to this size. */
const MAX_READ = 2 ** 20;

/** Program of the thread. A string, so that a bundle does not need a separate file. */
const PROGRAM = `
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

type Done = (digests: Uint8Array | undefined) => void;

/**
 * Computes SHA-256 digests on a thread of its own, in JavaScript. A request that fails, or that the
 * thread did not answer before it ended, has the answer undefined.
 */
export class HashThread {
  readonly #thread: Worker;
  readonly #jobs = new Map<number, Done>();
  #last = 0;
  #ended = false;

  /** @param program of the thread; a test passes one that fails. */
  constructor(program = PROGRAM) {
    this.#thread = new Worker(program, { eval: true, execArgv: [], env: {} });
    this.#thread.unref();
    this.#thread.on('message', (answer: { job: number; digests: Uint8Array | undefined }) =>
      this.#end(answer.job, answer.digests),
    );
    this.#thread.on('error', () => this.#endAll());
    this.#thread.on('exit', () => this.#endAll());
  }

  /** Whether the thread has ended, so that nothing more is hashed. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Allocates zeroed memory that the thread reads without a copy. */
  memory(length: number): Buffer {
    return Buffer.from(new SharedArrayBuffer(length));
  }

  ofMemory(bytes: Uint8Array, places: Uint32Array): Promise<Uint8Array | undefined> {
    return this.#ask({ bytes, places });
  }

  ofFile({ fd }: BorrowedFile, places: Float64Array): Promise<Uint8Array | undefined> {
    return this.#ask({ fd, places });
  }

  /** Ends the thread: afterwards it reads no file. */
  async close(): Promise<void> {
    await this.#thread.terminate();
    this.#endAll();
  }

  async #ask(request: object): Promise<Uint8Array | undefined> {
    if (this.#ended) return undefined;
    return new Promise((done) => {
      const job = ++this.#last;
      this.#jobs.set(job, done);
      this.#thread.ref();
      this.#thread.postMessage({ ...request, job }, []);
    });
  }

  #end(job: number, digests: Uint8Array | undefined): void {
    const done = this.#jobs.get(job);
    this.#jobs.delete(job);
    if (this.#jobs.size === 0) this.#thread.unref();
    done?.(digests);
  }

  #endAll(): void {
    this.#ended = true;
    for (const job of this.#jobs.keys()) this.#end(job, undefined);
  }
}
