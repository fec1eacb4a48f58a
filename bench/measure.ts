/** Small tools of the benchmarks: medians, sample disks, a lab without delays, peak memory of a command. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refpointJson } from '../test/support/command.ts';

export const MIB = 2 ** 20;
export const GIB = 2 ** 30;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export function report(line: string): void {
  process.stdout.write(`${line}\n`);
}

export const seconds = (value: number): string => `${value.toFixed(2)} s`;

/** A folder that is gone when the work is done. */
export async function inFolder(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'refpoint-bench-'));
  try {
    await work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Data that neither compresses nor repeats: SHA-256 of a counter, 1 MiB at a time. */
export function megabyte(seed: number): Buffer {
  const out = Buffer.alloc(MIB);
  const first = createHash('sha256').update(`refpoint ${seed}`).digest();
  for (let at = 0; at < MIB; at += 32) {
    first.copy(out, at);
    out.writeUInt32LE(Math.imul(seed + 1, at + 0x9e3779b9) >>> 0, at);
  }
  return out;
}

/** A sparse raw file of `size` bytes with a megabyte of data at each of `megabytes`. */
export function makeRaw(path: string, size: number, megabytes: Iterable<number>): void {
  const file = openSync(path, 'w');
  try {
    for (const index of megabytes) writeSync(file, megabyte(index), 0, MIB, index * MIB);
    writeSync(file, Buffer.alloc(1), 0, 1, size - 1);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Wall seconds of a program. */
export function timed(program: string, args: readonly string[]): number {
  const start = process.hrtime.bigint();
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  return Number(process.hrtime.bigint() - start) / 1e9;
}

/** Runs `refpoint ARGS --json` and returns its document, wall seconds and peak resident bytes. */
export async function measured<T>(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ result: T; wall: number; peak: number }> {
  const dir = mkdtempSync(join(tmpdir(), 'refpoint-peak-'));
  try {
    const hook = join(dir, 'peak.cjs');
    const out = join(dir, 'peak');
    writeFileSync(
      hook,
      `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(out)}, String(process.resourceUsage().maxRSS)));`,
    );
    const start = process.hrtime.bigint();
    const result = await refpointJson<T>(args, {
      env: { ...env, NODE_OPTIONS: `--require ${hook}` },
    });
    const wall = Number(process.hrtime.bigint() - start) / 1e9;
    return { result, wall, peak: Number(readFileSync(out, 'utf8')) * 1024 };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
