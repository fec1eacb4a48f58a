import { hash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { DIGEST_SIZE } from '../hashes/hash-shape.ts';

/**
 * Maximum number of bytes queued for the thread. Beyond it, digests are computed on the caller's
 * thread: both stay busy, and memory is bounded.
 */
const MAX_WAITING = 8 * 2 ** 20;

/** Program of the thread. A string, so that a bundle does not need a separate file. */
const THREAD = `
const { parentPort } = require('node:worker_threads');
const { hash } = require('node:crypto');
parentPort.on('message', ({ job, bytes, places }) => {
  const digests = new Uint8Array(places.length * 16);
  for (let i = 0; i < places.length; i += 2) {
    digests.set(hash('sha256', bytes.subarray(places[i], places[i + 1]), 'buffer'), i * 16);
  }
  parentPort.postMessage({ job, digests });
});
`;

interface Job {
  readonly bytes: Uint8Array;
  readonly places: Uint32Array;
  readonly done: (digests: Uint8Array) => void;
}

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

  /**
   * @param alone uses only the caller's thread.
   * @param program of the thread; a test passes one that fails.
   */
  constructor(alone: boolean, program = THREAD) {
    if (alone || availableParallelism() < 2) return;
    const thread = new Worker(program, { eval: true, execArgv: [], env: {} });
    this.#thread = thread;
    thread.unref();
    thread.on('message', ({ job, digests }: { job: number; digests: Uint8Array }) =>
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
    const job = ++this.#last;
    this.#waiting += bytes.length;
    return new Promise((done) => {
      this.#jobs.set(job, { bytes, places, done });
      thread.ref();
      thread.postMessage({ job, bytes, places }, []);
    });
  }

  /** Ends the thread. Pending digests are computed on the caller's thread. */
  async close(): Promise<void> {
    const thread = this.#thread;
    this.#goOnAlone();
    await thread?.terminate();
  }

  #end(job: number, digests: Uint8Array): void {
    const ended = this.#jobs.get(job);
    if (ended === undefined) return;
    this.#jobs.delete(job);
    this.#waiting -= ended.bytes.length;
    if (this.#jobs.size === 0) this.#thread?.unref();
    ended.done(digests);
  }

  #goOnAlone(): void {
    this.#thread = undefined;
    for (const [job, { bytes, places }] of this.#jobs) this.#end(job, digestsOf(bytes, places));
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
