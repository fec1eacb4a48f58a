/** Small tools of the benchmarks: medians, sample disks, a lab without delays, peak memory of a command. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMMAND } from '../test/support/process/command.ts';
import { sized } from './sizes.ts';

export const MIB = 2 ** 20;
export const GIB = 2 ** 30;

/** Size of the disk of most benchmarks, half of which is data. */
export const DISK_MIB = sized(4096, 256);

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

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Every other run of 64 of the first `count` megabytes: half a disk of data. */
export const runsOfData = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => i).filter((i) => Math.floor(i / 64) % 2 === 0);

/** The disk of most benchmarks as a raw file. */
export const makeDisk = (path: string): void => makeRaw(path, DISK_MIB * MIB, runsOfData(DISK_MIB));

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

/** Wall and processor seconds of a finished program, and its peak resident bytes. */
export interface Cost {
  readonly wall: number;
  /** User and system time, of all its threads. */
  readonly cpu: number;
  readonly peak: number;
}

/**
 * Runs a program and measures it by /usr/bin/time, or by the clock alone if there is none. Programs that are compared are
 * measured in one way.
 */
export function timed(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Cost & { readonly stdout: string } {
  const dir = mkdtempSync(join(tmpdir(), 'refpoint-cost-'));
  try {
    const file = join(dir, 'cost');
    const start = process.hrtime.bigint();
    const [command, all] = existsSync('/usr/bin/time')
      ? ['/usr/bin/time', ['-f', '%U %S %M', '-o', file, program, ...args]]
      : [program, [...args]];
    const stdout = execFileSync(command, all, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
    });
    const wall = Number(process.hrtime.bigint() - start) / 1e9;
    const [user = 0, system = 0, kib = 0] = existsSync(file)
      ? readFileSync(file, 'utf8').trim().split(/\s+/).map(Number)
      : [];
    return { wall, cpu: user + system, peak: kib * 1024, stdout };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Whether a program is installed. */
export function has(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Runs `refpoint ARGS --json` and returns its document and what it cost. */
export function measured<T>(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Cost & { readonly result: T } {
  const { stdout, ...cost } = timed(process.execPath, [COMMAND, ...args, '--json'], env);
  return { ...cost, result: JSON.parse(stdout) as T };
}

const HASH = `
const { createHash } = require('node:crypto');
const hash = createHash('sha256');
const bytes = Buffer.alloc(2 ** 20, 7);
for (let i = 0; i < Number(process.argv[1]); i++) hash.update(bytes);
hash.digest();
`;

/** What SHA-256 alone reaches on one core: a program, started as the command is, that hashes megabytes of memory. */
export const hashAlone = (megabytes: number): Cost =>
  timed(process.execPath, ['-e', HASH, String(megabytes)]);

/**
 * Touches memory before a run. Virtual machines give freed memory back to their host, and take seconds of system time to get
 * it again: whoever runs first would pay for it. So much is touched that no run has to.
 */
export function touchMemory(bytes = sized(6 * GIB, 2 ** 28)): void {
  const script = `const all = []; for (let left = ${bytes}; left > 0; left -= 2 ** 28) all.push(Buffer.alloc(2 ** 28, 1));`;
  execFileSync(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'inherit'] });
}
