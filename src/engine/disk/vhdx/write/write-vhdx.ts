import { EngineError, isEngineError } from '../../../base/errors.ts';
import { tryParseGuid, type Guid } from '../../../base/guid.ts';
import type { PartWriter } from '../../../source/byte-source.ts';
import type { ImageWriter, NewDisk, NewParent } from '../../image/image-writer.ts';
import { diskError } from '../../virtual/disk-errors.ts';
import type { NewImage, NewImageParent } from '../structures/image/image-head.ts';
import { VhdxWriter } from './vhdx-writer.ts';

/** Creates the writer of a VHDX for a disk. Throws `disk.write.argument`. */
export function writeVhdx(parts: PartWriter, disk: NewDisk): ImageWriter {
  try {
    return new VhdxWriter(parts, newImage(disk));
  } catch (error) {
    if (!isEngineError(error, 'vhdx.write.argument')) throw error;
    const { message, data } = error;
    throw new EngineError('disk.write.argument', message, error, { data, cause: error });
  }
}

function newImage(disk: NewDisk): NewImage {
  const { size, subformat, blockSize, diskId, parent, userItems } = disk;
  const { logicalSectorSize, physicalSectorSize } = disk;
  if ((subformat === 'differencing') !== (parent !== undefined)) {
    throw argument(`a ${subformat} image ${parent === undefined ? 'needs a' : 'has no'} parent`);
  }
  const logical = sector(logicalSectorSize);
  const physical = sector(physicalSectorSize);
  return {
    size,
    fixed: subformat === 'fixed',
    marksZeros: true,
    ...(blockSize === undefined ? {} : { blockSize }),
    ...(logical === undefined ? {} : { logicalSectorSize: logical }),
    ...(physical === undefined ? {} : { physicalSectorSize: physical }),
    ...(diskId === undefined ? {} : { diskId: guid(diskId) }),
    ...(parent === undefined ? {} : { parent: vhdxParent(parent) }),
    userItems: (userItems ?? []).map(({ id, isUser, isVirtualDisk, bytes }) => ({
      entry: { id: guid(id), isUser, isVirtualDisk, isRequired: false },
      bytes,
    })),
  };
}

/** Returns a parent with paths as Windows writes them. Throws `disk.write.argument`. */
export function vhdxParent({ identity, relativePath, absolutePath }: NewParent): NewImageParent {
  if (identity === undefined) throw argument('the parent of a VHDX must be a VHDX');
  const path = relativePath?.replaceAll('/', '\\');
  if (path === undefined && absolutePath === undefined) throw argument('the parent has no path');
  return {
    linkage: guid(identity),
    // A path without a leading dot is that of a file beside the child for some readers only.
    ...(path === undefined ? {} : { relativePath: /^\.{1,2}\\/.test(path) ? path : `.\\${path}` }),
    // A path of another system would be an invalid Windows path.
    ...(absolutePath !== undefined && /^([a-z]:|\\)\\/i.test(absolutePath) ? { absolutePath } : {}),
  };
}

function guid(text: string): Guid {
  const found = tryParseGuid(text);
  if (found === undefined) throw argument(`“${text}” is not a GUID, which a VHDX needs`);
  return found;
}

function sector(size: number | undefined): 512 | 4096 | undefined {
  if (size === undefined || size === 512 || size === 4096) return size;
  throw argument(`a sector size is ${size}; expected 512 or 4096`);
}

const argument = (message: string): EngineError => diskError('disk.write.argument', message);
