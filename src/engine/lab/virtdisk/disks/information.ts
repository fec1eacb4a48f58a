import { ByteWriter } from '../../../base/bytes/byte-writer.ts';
import { never } from '../../../base/abort.ts';
import { parseGuid, tryParseGuid } from '../../../base/guid.ts';
import type { DiskImage } from '../../../disk/image/image.ts';
import type { Lab } from '../../model/lab.ts';
import { CallFailure, WIN32 } from '../wire/win32-codes.ts';
import type { OpenLayers } from './open-image.ts';
import { smallestSafeSize } from './smallest-size.ts';
import type { TrackedImage } from './tracked-image.ts';

/** An image whose information is asked for. */
export interface Informant {
  readonly lab: Lab;
  readonly device: number;
  readonly opened: OpenLayers;
  readonly tracked: TrackedImage;
  readonly attached: boolean;
}

const VENDOR_MICROSOFT = parseGuid('ec984aec-a0f9-47e9-901f-71415a66345b');
const SUBTYPE = { fixed: 2, dynamic: 3, differencing: 4 } as const;
/** Sectors of the host's own disk. */
const HOST_SECTORS = { logical: 512, physical: 4096 } as const;

/**
 * Returns the arm of GET_VIRTUAL_DISK_INFO behind its version, by GET_VIRTUAL_DISK_INFO_VERSION. The
 * errors of kinds that an image does not have are UNCONFIRMED.
 */
export async function informationArm(version: number, image: Informant): Promise<Uint8Array> {
  const { opened } = image;
  const [top, parent] = opened.layers;
  switch (version) {
    case 1:
      return sizes(top);
    case 2:
      return guid(top.identity);
    case 3:
      return parentLocation(image);
    case 4:
      return guid(requireParent(top, parent).identity);
    case 5:
      requireParent(top, parent);
      // The lab's VHDs do not record the time of their parent, and VHDX has no such field.
      return u32(0);
    case 6:
      return new ByteWriter(20).u32(image.device).guid(VENDOR_MICROSOFT).bytes;
    case 7:
      return u32(SUBTYPE[top.subformat ?? 'fixed']);
    case 8:
      return u32(await isAligned(top, 4096));
    case 9:
      return new ByteWriter(12).u32(HOST_SECTORS.logical).u32(HOST_SECTORS.physical).u32(0).bytes;
    case 10:
      return u32(top.physicalSectorSize ?? 512);
    case 11:
      if (opened.disk === undefined) throw new CallFailure(WIN32.noMinimumSize);
      return new ByteWriter(8).u64(await smallestSafeSize(opened.disk)).bytes;
    case 12:
      return u32(await fragmentation(top));
    case 13:
      return u32(image.attached ? 1 : 0);
    case 14:
      return guid(top.diskId ?? top.identity);
    case 15: {
      const { enabled, newerChanges, mostRecentId } = await image.tracked.state();
      return new ByteWriter(8 + (mostRecentId.length + 1) * 2)
        .u32(enabled ? 1 : 0)
        .u32(newerChanges ? 1 : 0)
        .utf16(`${mostRecentId}\0`).bytes;
    }
    default:
      throw new CallFailure(WIN32.invalidParameter);
  }
}

const u32 = (value: number): Uint8Array => new ByteWriter(4).u32(value).bytes;

function guid(text: string | undefined): Uint8Array {
  const value = tryParseGuid(text ?? '');
  if (value === undefined) throw new CallFailure(WIN32.notSupported);
  return new ByteWriter(16).guid(value).bytes;
}

function sizes(image: DiskImage): Uint8Array {
  const { size, fileSize, blockSize = 0, logicalSectorSize } = image;
  return new ByteWriter(24).u64(size).u64(fileSize).u32(blockSize).u32(logicalSectorSize).bytes;
}

function requireParent(top: DiskImage, parent: DiskImage | undefined): DiskImage {
  if (top.parent === undefined) throw new CallFailure(WIN32.invalidType);
  if (parent === undefined) throw new CallFailure(WIN32.parentNotFound);
  return parent;
}

/** Resolved, the host path of the parent; else the paths that the image holds. */
function parentLocation({ lab, opened }: Informant): Uint8Array {
  const [top] = opened.layers;
  const { parent: link } = top;
  if (link === undefined) throw new CallFailure(WIN32.invalidType);
  const found = opened.chain[1];
  const paths =
    found === undefined
      ? [link.absolutePath, link.relativePath, link.volumePath].filter((each) => each !== undefined)
      : [lab.paths.toHostText(found)];
  const text = paths.map((each) => `${each}\0`).join('');
  return new ByteWriter(4 + (text.length + 1) * 2)
    .u32(found === undefined ? 0 : 1)
    .utf16(`${text}\0`).bytes;
}

/** Whether all data lies at multiples of a unit in the file. */
async function isAligned(image: DiskImage, unit: number): Promise<number> {
  for await (const batch of image.extentsIn([{ start: 0, end: image.size }], never)) {
    if (batch.some(({ kind, offset }) => kind === 'data' && offset % unit !== 0)) return 0;
  }
  return 1;
}

/** Returns the share of data that does not follow its predecessor in the file, in percent. */
async function fragmentation(image: DiskImage): Promise<number> {
  let extents = 0;
  let apart = 0;
  let next: number | undefined;
  for await (const batch of image.extentsIn([{ start: 0, end: image.size }], never)) {
    for (const { kind, offset, start, end } of batch) {
      if (kind !== 'data') continue;
      extents++;
      if (next !== undefined && offset !== next) apart++;
      next = offset + (end - start);
    }
  }
  return extents === 0 ? 0 : Math.round((apart / extents) * 100);
}
