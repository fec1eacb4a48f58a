/**
 * The part of the benchmark of the virtual disk API that runs in Windows Node: reads and queries, side by side. Prints its figures
 * as JSON; `virtdisk.bench.ts` starts it and judges them.
 */
import { open, stat } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { tileChanges, type AskTracker } from '../src/engine/backup/changes/range-query.ts';
import { never } from '../src/engine/base/abort.ts';
import { noLog } from '../src/engine/base/log.ts';
import { Secret } from '../src/engine/net/auth/contract/secret.ts';
import { queryDiskChanges } from '../src/engine/hyperv/tracking/change-tracking.ts';
import { connectWsman } from '../src/engine/net/wsman/connect-wsman.ts';
import { openVirtualDisk } from '../src/engine/virtdisk/open-virtual-disk.ts';

/** Given as JSON in the first argument. */
export interface Work {
  /** Host path of the image, and of the raw file with the same bytes. */
  readonly image: string;
  readonly raw: string;
  readonly pairs: number;
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** Image with many changes since the ID. */
  readonly changed: string;
  readonly changedSize: number;
  readonly rctId: string;
}

export interface Figures {
  /** Time of reading the attached disk, relative to `fs`, by pair. */
  readonly readRatios: readonly number[];
  /** Time in which the lab lays the attached disk out as a raw file. */
  readonly attachSeconds: readonly number[];
  /** Seconds that the changes take over WS-Man relative to the API, by pair. */
  readonly queryRatios: readonly number[];
  readonly ranges: number;
  /** Of the fastest query for all changes by the API. */
  readonly querySeconds: number;
  /** While the disk is read and the API is asked, in milliseconds. */
  readonly loopDelay: number;
  readonly slowestStat: number;
}

const PART = 2 ** 20;
const AT_ONCE = 4;

const work = JSON.parse(process.argv[2] ?? '') as Work;
const readRatios: number[] = [];
const attachSeconds: number[] = [];
const queryRatios: number[] = [];
let loopDelay = 0;
let slowestStat = 0;
let ranges = 0;
let querySeconds = Infinity;

await using image = await openVirtualDisk({ path: work.image, access: 'read' }, never);
for (let i = 0; i < Math.min(work.pairs, 3); i++) {
  const start = performance.now();
  const attached = await image.attach(never);
  attachSeconds.push((performance.now() - start) / 1000);
  await attached.close();
}
const source = await image.attach(never);
const raw = await open(work.raw);
const byFs = (at: number, into: Buffer): Promise<unknown> => raw.read(into, 0, into.length, at);
const byDriver = (at: number, into: Buffer): Promise<unknown> => source.read(at, into, never);
// The first of each is not counted: code is compiled, and the file comes into the cache.
await readAll(source.size, byFs);
await readAll(source.size, byDriver);
for (let pair = 0; pair < work.pairs; pair++) {
  const fs = await readAll(source.size, byFs);
  readRatios.push((await watched(() => readAll(source.size, byDriver))) / fs);
}
await source.close();
await raw.close();

await using changed = await openVirtualDisk({ path: work.changed, access: 'read' }, never);
const client = connectWsman({
  url: work.url,
  credential: { user: work.user, password: new Secret(work.password) },
  authentication: 'auto',
  tls: {},
  timeoutSeconds: 120,
  log: noLog,
});
const byApi: AskTracker = (offset, length, signal) =>
  changed.queryChanges(work.rctId, offset, length, signal);
const byWsman: AskTracker = (offset, length, signal) => {
  const query = { path: work.changed, rctId: work.rctId, offset, length };
  return queryDiskChanges(client, query, signal);
};
for (let pair = 0; pair < Math.min(work.pairs, 3); pair++) {
  const seconds = await watched(() => ask(byApi));
  querySeconds = Math.min(querySeconds, seconds);
  queryRatios.push((await ask(byWsman)) / seconds);
}
client.close();
const figures: Figures = {
  readRatios,
  attachSeconds,
  queryRatios,
  ranges,
  querySeconds,
  loopDelay,
  slowestStat,
};
console.log(JSON.stringify(figures));

/** Reads everything in parts, several at a time. Returns seconds. */
async function readAll(
  size: number,
  read: (at: number, into: Buffer) => Promise<unknown>,
): Promise<number> {
  const start = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    const into = Buffer.allocUnsafeSlow(PART);
    while (next < size) {
      const at = next;
      next += PART;
      await read(at, into);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return (performance.now() - start) / 1000;
}

async function ask(tracker: AskTracker): Promise<number> {
  const start = performance.now();
  const tiled = await tileChanges(tracker, work.changedSize, () => undefined, never);
  ranges = tiled.ranges.ranges.length;
  return (performance.now() - start) / 1000;
}

/** Watches the event loop and `fs.stat` while something runs. */
async function watched<T>(run: () => Promise<T>): Promise<T> {
  const end = new AbortController();
  const stats = (async () => {
    while (!end.signal.aborted) {
      const start = performance.now();
      await stat(process.execPath);
      slowestStat = Math.max(slowestStat, performance.now() - start);
      await new Promise((resolve) => void setTimeout(resolve, 20));
    }
  })();
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  try {
    return await run();
  } finally {
    loop.disable();
    loopDelay = Math.max(loopDelay, loop.percentile(99) / 1e6);
    end.abort();
    await stats;
  }
}
