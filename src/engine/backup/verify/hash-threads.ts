import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { BorrowedFile } from '../../source/byte-source.ts';

/** Neighbouring parts of a file are read at once up to this size. */
const MAX_READ = 2 ** 20;

/** More threads than this gain nothing: the caller's thread prepares the work. */
const MOST_THREADS = 2;

/** Program of a thread. A string, so that a bundle does not need a separate file. */
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

interface Thread {
  readonly worker: Worker;
  readonly jobs: Map<number, Done>;
}

/**
 * Computes SHA-256 digests on threads of its own, in JavaScript: on one, and on a second one while
 * requests wait for the first. A request that fails, or that no thread answered before one ended,
 * has the answer undefined.
 */
export class HashThreads {
  readonly #program: string;
  readonly #most = Math.min(MOST_THREADS, availableParallelism());
  readonly #threads: Thread[] = [];
  #last = 0;
  #ended = false;

  /** @param program of each thread; a test passes one that fails. */
  constructor(program = PROGRAM) {
    this.#program = program;
    this.#start();
  }

  /** Whether a thread has ended, so that nothing more is hashed. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Number of threads that were started. */
  get count(): number {
    return this.#threads.length;
  }

  /** Allocates zeroed memory that the threads read without a copy. */
  memory(length: number): Buffer {
    return Buffer.from(new SharedArrayBuffer(length));
  }

  ofMemory(bytes: Uint8Array, places: Uint32Array): Promise<Uint8Array | undefined> {
    return this.#ask({ bytes, places });
  }

  ofFile({ fd }: BorrowedFile, places: Float64Array): Promise<Uint8Array | undefined> {
    return this.#ask({ fd, places });
  }

  /** Ends the threads: afterwards they read no file. */
  async close(): Promise<void> {
    this.#ended = true;
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
    for (const thread of this.#threads) endAll(thread);
  }

  #start(): Thread {
    const worker = new Worker(this.#program, { eval: true, execArgv: [], env: {} });
    const thread: Thread = { worker, jobs: new Map() };
    worker.unref();
    worker.on('message', (answer: { job: number; digests: Uint8Array | undefined }) =>
      end(thread, answer.job, answer.digests),
    );
    // The other thread finishes: until then it may read a file.
    const ended = (): void => {
      this.#ended = true;
      endAll(thread);
    };
    worker.on('error', ended);
    worker.on('exit', ended);
    this.#threads.push(thread);
    return thread;
  }

  async #ask(request: object): Promise<Uint8Array | undefined> {
    if (this.#ended) return undefined;
    return new Promise((done) => {
      const job = ++this.#last;
      const { worker, jobs } = this.#freest();
      jobs.set(job, done);
      worker.ref();
      worker.postMessage({ ...request, job }, []);
    });
  }

  /** Returns the thread with the fewest requests; a new one if all have one and there may be more. */
  #freest(): Thread {
    const [first, ...others] = this.#threads as [Thread, ...Thread[]];
    const freest = others.reduce((a, b) => (b.jobs.size < a.jobs.size ? b : a), first);
    return freest.jobs.size > 0 && this.count < this.#most ? this.#start() : freest;
  }
}

function endAll(thread: Thread): void {
  for (const job of thread.jobs.keys()) end(thread, job, undefined);
}

function end({ worker, jobs }: Thread, job: number, digests: Uint8Array | undefined): void {
  const done = jobs.get(job);
  jobs.delete(job);
  if (jobs.size === 0) worker.unref();
  done?.(digests);
}
