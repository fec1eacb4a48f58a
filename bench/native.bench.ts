/**
 * The pump of the native library alone: reading and hashing a file of 1 GiB that is in memory, and copying it, with one to four
 * threads and with each set of CPU features, beside Node's SHA-256 of the same file.
 */
import { createHash } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pump, PUMP_CELL, type PumpExtent } from '../src/engine/native/loops/pump.ts';
import { inFolder, makeRaw, median, MIB, report } from './measure.ts';
import { sized } from './sizes.ts';

const SIZE = sized(1024, 128) * MIB;
const ROUNDS = sized(3, 1);
const BATCH = 64 * PUMP_CELL;

await inFolder(async (dir) => {
  const path = join(dir, 'data');
  makeRaw(path, SIZE, Array(SIZE / MIB).keys());
  const [file, target] = [openSync(path, 'r'), openSync(join(dir, 'copy'), 'w')];
  const node = await rate(() => Promise.resolve(hashByNode(file)));
  report(`pump over ${SIZE / MIB} MiB, MiB/s; Node's SHA-256 alone ${node}`);
  for (const paths of ['portable', 'avx2', 'all']) {
    process.env['REFPOINT_NATIVE'] = paths;
    for (const workers of [1, 2, 3, 4]) {
      const hashed = await rate(() => pump(file, undefined, workers));
      const copied = await rate(() => {
        ftruncateSync(target);
        return pump(file, target, workers);
      });
      report(`  ${paths}, threads ${workers}: hash ${hashed}, hash and copy ${copied}`);
    }
  }
  closeSync(file);
  closeSync(target);
});

/** Returns the median of MiB per second. */
async function rate(work: () => Promise<void>): Promise<string> {
  const rates: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const start = process.hrtime.bigint();
    await work();
    if (round > 0) rates.push(SIZE / MIB / (Number(process.hrtime.bigint() - start) / 1e9));
  }
  return median(rates).toFixed(0);
}

function hashByNode(file: number): void {
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(MIB);
  for (let at = 0; at < SIZE; at += MIB) {
    readSync(file, buffer, 0, MIB, at);
    hash.update(buffer);
  }
  hash.digest();
}

async function pump(file: number, target: number | undefined, workers: number): Promise<void> {
  const options = { diskSize: SIZE, blockSize: 0, end: 0, leaf: 65_536, compare: false };
  const opened = Pump.open({ ...options, files: [file], target, workers });
  if (opened === undefined) throw new Error('The native library is not loaded');
  try {
    let next = 0;
    for (;;) {
      const { batches, finished, failure } = opened.poll();
      if (failure !== undefined) throw new Error(`${failure.operation}: ${failure.code}`);
      if (next < SIZE && batches < 4) {
        const extent: PumpExtent = { start: next, length: BATCH, offset: next, file: 0 };
        opened.submit([extent]);
        next += BATCH;
      } else if (finished > 0) opened.take();
      else if (batches === 0) return;
      else await sleep(1);
    }
  } finally {
    opened.close();
  }
}
