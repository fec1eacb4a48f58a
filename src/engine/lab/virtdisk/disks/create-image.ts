import path from 'node:path';
import fs from 'node:fs/promises';
import { never } from '../../../base/abort.ts';
import { NIL_GUID } from '../../../base/guid.ts';
import { noProgress } from '../../../base/progress.ts';
import { copyData } from '../../../disk/bulk/copy-data.ts';
import { openDisk } from '../../../disk/chain/open-disk.ts';
import { writeNewFile } from '../../../disk/create/new-file.ts';
import { newFormat } from '../../../disk/create/new-format.ts';
import type { NewDisk } from '../../../disk/image/image-writer.ts';
import type { Lab } from '../../model/lab.ts';
import { CallFailure, WIN32 } from '../wire/win32-codes.ts';
import type { CreateRequest } from '../wire/requests.ts';
import { deviceOf, findHostFile, placeOf } from './host-file.ts';

const FULL_ALLOCATION = 0x1;

/**
 * Creates the image that CreateVirtualDisk asks for: empty, a child of a parent, or with the contents
 * of a source. Never replaces a file.
 */
export async function createImage(
  lab: Lab,
  request: CreateRequest,
  progress: (current: number, total: number) => void,
): Promise<void> {
  const { hostPath, own } = placeOf(lab, request.path);
  deviceOf(hostPath, request.deviceId);
  await fs.access(path.dirname(own)).catch(() => {
    throw new CallFailure(WIN32.pathNotFound);
  });
  const { parentPath, sourcePath } = request;
  const from = parentPath === '' ? sourcePath : parentPath;
  const opened =
    from === '' ? undefined : await openDisk((await findHostFile(lab, from)).local, {}, never);
  try {
    const top = opened?.layers[0];
    const parent =
      parentPath === '' || top === undefined
        ? undefined
        : {
            identity: top.identity,
            size: top.size,
            relativePath: path.win32.relative(path.win32.dirname(hostPath), parentPath),
            absolutePath: parentPath,
          };
    const disk = newDisk(request, top, parent);
    const format = newFormat(path.win32.basename(own), undefined);
    let done = 0;
    await writeNewFile(
      { path: own, format, replace: false },
      disk,
      async (writer) => {
        if (sourcePath === '' || opened === undefined) return;
        const advance = (bytes: number): void => progress((done += bytes), disk.size);
        await copyData(opened.disk, writer, { ...noProgress, advance }, never);
      },
      never,
    );
  } finally {
    await opened?.disk.close();
  }
}

function newDisk(
  request: CreateRequest,
  top:
    | {
        readonly size: number;
        readonly logicalSectorSize: number;
        readonly diskId?: string | undefined;
      }
    | undefined,
  parent: NewDisk['parent'],
): NewDisk {
  const { flags, size, blockSize, sectorSize, physicalSectorSize, uniqueId } = request;
  const logical = sectorSize === 0 ? (top?.logicalSectorSize ?? 512) : sectorSize;
  const fixed = (flags & FULL_ALLOCATION) !== 0;
  const diskId =
    parent === undefined ? (uniqueId === NIL_GUID ? undefined : uniqueId) : top?.diskId;
  return {
    size: size === 0 ? (top?.size ?? 0) : size,
    subformat: parent === undefined ? (fixed ? 'fixed' : 'dynamic') : 'differencing',
    logicalSectorSize: logical,
    ...(physicalSectorSize === 0 ? {} : { physicalSectorSize }),
    ...(blockSize === 0 ? {} : { blockSize }),
    ...(diskId === undefined ? {} : { diskId }),
    ...(parent === undefined ? {} : { parent }),
  };
}
