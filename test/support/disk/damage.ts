import { open } from 'node:fs/promises';
import { newGuid } from '../../../src/engine/base/guid.ts';
import { chooseHeader, encodeHeader } from '../../../src/engine/disk/vhdx/structures/header.ts';

/** Changes bytes of a file. */
export async function patchFile(file: string, offset: number, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'r+');
  await handle.write(bytes, 0, bytes.length, offset);
  await handle.close();
}

/** Inverts bytes of a file. */
export async function invert(file: string, offset: number, length = 1): Promise<void> {
  const handle = await open(file, 'r+');
  const bytes = new Uint8Array(length);
  await handle.read(bytes, 0, length, offset);
  await handle.write(
    bytes.map((byte) => ~byte & 0xff),
    0,
    length,
    offset,
  );
  await handle.close();
}

/** Sets a log GUID in both headers of a VHDX whose log is empty: no entry of it is valid. */
export async function spoilLog(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  const pages = [new Uint8Array(4096), new Uint8Array(4096)] as const;
  for (const [i, page] of pages.entries()) await handle.read(page, 0, 4096, 0x10000 * (i + 1));
  const { header } = chooseHeader(...pages);
  const logGuid = newGuid();
  for (const i of [0, 1]) {
    const sequenceNumber = header.sequenceNumber + BigInt(i + 1);
    const page = encodeHeader({ ...header, logGuid, sequenceNumber });
    await handle.write(page, 0, 4096, 0x10000 * (i + 1));
  }
  await handle.close();
}
