import { realpath, writeSync } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { delay } from '../../base/abort.ts';
import { systemCode } from './file-errors.ts';

/** The file operations that writing uses; a test makes the n-th of them fail. */
export type FileOperations = Pick<
  typeof fs,
  'open' | 'rename' | 'link' | 'unlink' | 'lstat' | 'stat' | 'mkdir' | 'readdir' | 'rm' | 'statfs'
> & {
  realpath(path: string): Promise<string>;
};

/** What the file functions need of the machine, so that each platform's ways are tried on every platform. */
export interface FileEnvironment {
  readonly files: FileOperations;
  readonly windows: boolean;
  /** Writes on this thread, as much as one call takes, and returns the number of bytes. Where absent, all writes go to other threads. */
  readonly writeNow?: (handle: FileHandle, bytes: Uint8Array, position: number) => number;
  /** Milliseconds of any clock that never goes back. */
  now(): number;
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export const machine: FileEnvironment = {
  files: {
    ...fs,
    // Not the native one, which asks Windows for the final path and is refused that on RAM disks and
    // some network drives.
    realpath: promisify(realpath),
  },
  windows: process.platform === 'win32',
  writeNow: ({ fd }, bytes, position) => writeSync(fd, bytes, 0, bytes.length, position),
  now: () => performance.now(),
  wait: delay,
};

const PATIENCE_MS = 5000;
const BUSY = new Set(['EPERM', 'EACCES', 'EBUSY']);

/** Whether Windows says so of a name that someone else has open, or is removing, just now. */
export function isPassing(error: unknown, environment: FileEnvironment): boolean {
  // The system's own error, or ours that was made of it.
  return environment.windows && BUSY.has(systemCode((error as Error).cause ?? error));
}

/**
 * Runs `task`, again for 5 s where Windows says that someone (a virus scanner, an indexer, a backup)
 * has the file open just now. Elsewhere the same codes mean what they say and are thrown at once.
 */
export async function retryBusy<T>(
  task: () => Promise<T>,
  environment: FileEnvironment,
  signal: AbortSignal,
): Promise<T> {
  const end = environment.now() + PATIENCE_MS;
  for (let pause = 10; ; pause = Math.min(pause * 2, 250)) {
    try {
      return await task();
    } catch (error) {
      if (!isPassing(error, environment) || environment.now() + pause > end) throw error;
    }
    await environment.wait(pause, signal);
  }
}
