import { realpath, writeSync } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { delay } from '../../base/abort.ts';
import { systemCode } from './file-errors.ts';

/** The file operations that writing uses; tests make the n-th of them fail. */
export type FileOperations = Pick<
  typeof fs,
  'open' | 'rename' | 'link' | 'unlink' | 'lstat' | 'stat' | 'mkdir' | 'readdir' | 'rm' | 'statfs'
> & {
  realpath(path: string): Promise<string>;
};

/**
 * The machine's properties as the file functions see them, so that tests can run each platform's
 * behaviour on every platform.
 */
export interface FileEnvironment {
  readonly files: FileOperations;
  readonly windows: boolean;
  /**
   * Writes on this thread, as much as one call accepts, and returns the number of bytes. If absent,
   * all writes go to other threads.
   */
  readonly writeNow?: (handle: FileHandle, bytes: Uint8Array, position: number) => number;
  /** Milliseconds of a monotonic clock. */
  now(): number;
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export const machine: FileEnvironment = {
  files: {
    ...fs,
    // Not realpath.native: it asks Windows for the final path, which RAM disks and some network
    // drives reject.
    realpath: promisify(realpath),
  },
  windows: process.platform === 'win32',
  writeNow: ({ fd }, bytes, position) => writeSync(fd, bytes, 0, bytes.length, position),
  now: () => performance.now(),
  wait: delay,
};

const PATIENCE_MS = 5000;
const BUSY = new Set(['EPERM', 'EACCES', 'EBUSY']);

/**
 * Whether Windows reports that another process has the file open, or is removing it, at the moment.
 */
function isPassing(error: unknown, environment: FileEnvironment): boolean {
  // The system's own error, or our error that wraps it.
  return environment.windows && BUSY.has(systemCode((error as Error).cause ?? error));
}

/**
 * Runs `task`; on Windows retries for 5 s while another program (a virus scanner, an indexer, a
 * backup) has the file open. On other systems the same codes are permanent and thrown at once.
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
