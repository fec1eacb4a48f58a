import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { never } from '../../../src/engine/base/abort.ts';
import type { Guid } from '../../../src/engine/base/guid.ts';
import { createVhdx } from '../../../src/engine/disk/vhdx/write/create-vhdx.ts';
import type { NewImageParent } from '../../../src/engine/disk/vhdx/structures/image/image-head.ts';
import { MIB } from '../../../src/engine/disk/vhdx/structures/layout.ts';
import { VhdxEditor } from '../../../src/engine/disk/vhdx/edit/vhdx-editor.ts';
import { FileStorage } from '../../../src/engine/source/files/file-storage.ts';

/** Makes an image file; with `fill`, its first MiB is of that byte. Returns what children link to. */
export async function makeImage(
  path: string,
  parent?: NewImageParent,
  fill?: number,
  guid?: Guid,
): Promise<Guid> {
  await mkdir(dirname(path), { recursive: true });
  const storage = await FileStorage.open(path, { create: true }, never);
  const size = 4 * MIB;
  const { dataWriteGuid } = await createVhdx(
    storage,
    {
      size,
      blockSize: MIB,
      ...(parent === undefined ? {} : { parent }),
      ...(guid === undefined ? {} : { dataWriteGuid: guid }),
    },
    never,
  );
  if (fill === undefined) {
    await storage.close();
    return dataWriteGuid;
  }
  const editor = await VhdxEditor.open(storage, never);
  await editor.write(0, new Uint8Array(MIB).fill(fill), never);
  await editor.close();
  const changed = editor.dataWriteGuid;
  await storage.close();
  return changed;
}
