import { newGuid, NIL_GUID, tryParseGuid, type Guid } from '../../../base/guid.ts';
import { alignUp } from '../../../base/range.ts';
import type { EngineError } from '../../../base/errors.ts';
import type { NewDisk } from '../../image/image-writer.ts';
import { diskError } from '../../virtual/disk-errors.ts';
import { stampOf } from '../structures/dates.ts';
import type { DynamicHeader } from '../structures/dynamic-header.ts';
import { typeOf, VERSION, type VhdFooter } from '../structures/footer.ts';
import { geometryOf } from '../structures/geometry.ts';
import {
  batBytes,
  BLOCK_SIZES,
  blockCount,
  DEFAULT_BLOCK,
  FOOTER_SIZE,
  HEADER_SIZE,
  MAX_DISK,
  SECTOR,
} from '../structures/layout.ts';
import { LOCATOR_COUNT, NO_LOCATOR } from '../structures/locator-entry.ts';
import { newLocators, type NewLocator } from './new-locators.ts';

/** Structures of a new VHD. */
export interface NewVhd {
  readonly footer: VhdFooter;
  /** Undefined for a fixed disk. */
  readonly header: DynamicHeader | undefined;
  readonly locators: readonly NewLocator[];
  /** Smallest file offset of a block. */
  readonly headEnd: number;
}

/**
 * Plans the structures of a new VHD. The creator is `win ` (Windows 10): of creators that they do
 * not know, qemu and others read the size from the geometry, which cannot hold most sizes. The
 * geometry is that of the specification. Throws `disk.write.argument`.
 */
export function newVhd(disk: NewDisk): NewVhd {
  const { size, subformat, parent, blockSize = DEFAULT_BLOCK } = disk;
  const unit = disk.sizeUnit ?? SECTOR;
  if (!Number.isSafeInteger(unit) || unit < SECTOR || unit % SECTOR !== 0) {
    throw refused('unit of the size', unit, 'a multiple of 512');
  }
  const rounded = alignUp(size, unit);
  if (!Number.isSafeInteger(size) || size <= 0 || size % SECTOR !== 0 || rounded > MAX_DISK) {
    throw refused('virtual size', size, `a multiple of 512 up to ${MAX_DISK} (2040 GiB)`);
  }
  // A VHD does not record the physical sector size.
  const sector = disk.logicalSectorSize ?? SECTOR;
  if (sector !== SECTOR) throw refused('logical sector size', sector, SECTOR);
  const id = disk.diskId === undefined ? newGuid() : tryParseGuid(disk.diskId);
  if (id === undefined) throw refused('disk ID', String(disk.diskId), 'a GUID');
  const footer = newFooter(rounded, disk, id);
  if (subformat === 'fixed') {
    if (disk.blockSize !== undefined)
      throw refused('block size', disk.blockSize, 'none for a fixed VHD');
    if (parent !== undefined)
      throw refused('parent', parent.identity ?? '', 'none for a fixed VHD');
    return { footer, header: undefined, locators: [], headEnd: 0 };
  }
  if (!BLOCK_SIZES.some((each) => each === blockSize)) {
    throw refused('block size', blockSize, BLOCK_SIZES.join(' or '));
  }
  if ((parent !== undefined) !== (subformat === 'differencing')) {
    throw refused(
      'subformat',
      subformat,
      parent === undefined ? 'one without parent' : 'differencing',
    );
  }
  return { footer, ...newHead(rounded, blockSize, disk) };
}

function newHead(size: number, blockSize: number, { parent }: NewDisk): Omit<NewVhd, 'footer'> {
  const entries = blockCount(size, blockSize);
  const afterHeader = FOOTER_SIZE + HEADER_SIZE;
  if (parent === undefined) {
    const batOffset = afterHeader;
    const header = dynamicHeader(batOffset, entries, blockSize);
    return { header, locators: [], headEnd: batOffset + batBytes(entries) };
  }
  const parentId = tryParseGuid(parent.identity ?? '');
  if (parentId === undefined) throw refused('parent', parent.identity ?? 'one without ID', 'a VHD');
  // Windows refuses a child whose size differs from its parent's.
  if (parent.size !== size)
    throw refused('virtual size', size, `that of the parent, ${parent.size}`);
  const locators = newLocators(parent, alignUp(afterHeader, 4096));
  const [last] = locators.slice(-1);
  const textEnd = last === undefined ? afterHeader : last.entry.offset + last.entry.space;
  const batOffset = alignUp(textEnd, SECTOR);
  const used = locators.map(({ entry }) => entry);
  const unused = Array.from({ length: LOCATOR_COUNT - used.length }, () => NO_LOCATOR);
  const path = parent.absolutePath ?? parent.relativePath ?? '';
  const header = {
    ...dynamicHeader(batOffset, entries, blockSize),
    parentId,
    parentName: path,
    locators: [...used, ...unused],
  };
  return { header, locators, headEnd: batOffset + batBytes(entries) };
}

const dynamicHeader = (
  batOffset: number,
  maxEntries: number,
  blockSize: number,
): DynamicHeader => ({
  batOffset,
  version: VERSION,
  maxEntries,
  blockSize,
  parentId: NIL_GUID,
  // Windows 10 writes 0, and readers compare the ID.
  parentTimeStamp: 0,
  parentName: '',
  locators: Array.from({ length: LOCATOR_COUNT }, () => NO_LOCATOR),
});

const newFooter = (size: number, { subformat }: NewDisk, uniqueId: Guid): VhdFooter => ({
  features: 2,
  version: VERSION,
  dataOffset: subformat === 'fixed' ? undefined : FOOTER_SIZE,
  timeStamp: stampOf(new Date()),
  creatorApplication: 'win ',
  creatorVersion: 0x000a_0000,
  creatorHost: 'Wi2k',
  originalSize: size,
  currentSize: size,
  geometry: geometryOf(size),
  type: typeOf(subformat),
  uniqueId,
  savedState: false,
});

const refused = (what: string, found: string | number, expected: string | number): EngineError =>
  diskError('disk.write.argument', `the ${what} of a new VHD is ${found}; expected ${expected}`, {
    data: { field: what, found, expected },
  });
