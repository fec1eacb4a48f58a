import { open } from 'node:fs/promises';
import { crc32cWithoutField } from '../../../src/engine/base/bytes/crc32c.ts';

/** Changes bytes of a structure of a VHDX and gives it the right checksum again (4 bytes at 4). */
export async function patchSealed(
  file: string,
  at: number,
  length: number,
  change: (bytes: Uint8Array) => void,
): Promise<void> {
  const handle = await open(file, 'r+');
  const bytes = new Uint8Array(length);
  await handle.read(bytes, 0, length, at);
  change(bytes);
  new DataView(bytes.buffer).setUint32(4, crc32cWithoutField(bytes, 4), true);
  await handle.write(bytes, 0, length, at);
  await handle.close();
}
