import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from './peers.ts';

/**
 * Reads the disk of an image by libvhdi, through vhdimount; a parent must lie in the same folder.
 * Returns undefined where this system lets nobody mount a file system (FUSE).
 */
export async function readByVhdiMount(folder: string, name: string): Promise<Buffer | undefined> {
  const program = findProgram('vhdimount');
  if (program === undefined || !existsSync('/dev/fuse')) return undefined;
  const at = join(folder, `mount-${name}`);
  await mkdir(at, { recursive: true });
  const mounted = spawnSync(program, [name, at], { cwd: folder, timeout: 20_000 });
  try {
    // Images of a chain have a file each, the one that was named last.
    for (const file of ['vhdi2', 'vhdi1'].map((each) => join(at, each))) {
      if (existsSync(file)) return await readFile(file);
    }
    if (/fuse|mount/i.test(mounted.stderr.toString())) return undefined;
    throw new Error(`vhdimount ${name}: ${mounted.stderr.toString()}`);
  } finally {
    if (spawnSync('umount', [at]).status !== 0) spawnSync('fusermount', ['-u', at]);
  }
}
