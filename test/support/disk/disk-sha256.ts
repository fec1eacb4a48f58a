import { createHash } from 'node:crypto';
import { never } from '../../../src/engine/base/abort.ts';
import { openDisk } from '../../../src/engine/disk/chain/open-disk.ts';

/** SHA-256 of a whole virtual disk, read in the plainest way. */
export async function diskSha256(file: string): Promise<string> {
  const { disk } = await openDisk(file, {}, never);
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(2 ** 20);
  for (let at = 0; at < disk.size; at += buffer.length) {
    const part = buffer.subarray(0, Math.min(buffer.length, disk.size - at));
    await disk.read(at, part, never);
    hash.update(part);
  }
  await disk.close();
  return hash.digest('hex');
}
