import { spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { afterwards } from '../checks/afterwards.ts';
import { temporaryFolder } from '../files/temporary-folder.ts';

/** A file system of its own that is soon full. */
export interface SmallDisk {
  readonly path: string;
  /** Takes all the room that is left. */
  fill(): void;
  /** Gives it back. */
  free(): void;
}

/** undefined where file systems cannot be mounted: only root may, and only some systems have tmpfs. */
export async function smallDisk(t: TestContext, bytes: number): Promise<SmallDisk | undefined> {
  if (process.platform !== 'linux') return undefined;
  const path = await temporaryFolder(t);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path]);
  if (mounted.status !== 0) return undefined;
  afterwards(t, () => {
    spawnSync('umount', ['-l', path]);
  });
  const filler = join(path, 'filler');
  return {
    path,
    fill: () => {
      const file = openSync(filler, 'a');
      try {
        for (const size of [2 ** 16, 512]) {
          const piece = Buffer.alloc(size, 1);
          try {
            while (writeSync(file, piece) === size);
          } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
          }
        }
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(filler, { force: true }),
  };
}
