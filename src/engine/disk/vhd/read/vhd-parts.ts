import type { Range } from '../../../base/range.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import type { Defect } from '../../inspect/defect.ts';
import { diskSize, type DiskSize } from '../structures/disk-size.ts';
import {
  decodeHeader,
  headerRules,
  isBlockSize,
  type DynamicHeader,
} from '../structures/dynamic-header.ts';
import { subformatOf, type VhdFooter, type VhdSubformat } from '../structures/footer.ts';
import type { BatPlace } from '../structures/bat-rules.ts';
import { batBytes, blockCount, FOOTER_SIZE, HEADER_SIZE } from '../structures/layout.ts';
import { isUsed } from '../structures/locator-entry.ts';
import { locatorRules } from '../structures/locator-rules.ts';
import type { VhdErrorCode } from '../structures/vhd-errors.ts';
import { readFooters, type Footers } from './footers.ts';
import { readLocators, type ReadLocator } from './parent-paths.ts';

/** The structures of a VHD file but its blocks, as far as they can be read. */
export interface VhdParts {
  readonly source: ByteSource;
  readonly footers: Footers;
  readonly footer: VhdFooter | undefined;
  readonly subformat: VhdSubformat | undefined;
  readonly size: DiskSize | undefined;
  /** End of the data: the start of the footer, or the file's end if the footer is missing. */
  readonly dataEnd: number;
  /** The bytes of the dynamic header and their offset, valid or not. */
  readonly headerBytes: { readonly offset: number; readonly bytes: Uint8Array } | undefined;
  /** Undefined if it is damaged. */
  readonly header: DynamicHeader | undefined;
  readonly locators: readonly ReadLocator[];
  /** All broken rules, in the order of the structures. */
  readonly defects: readonly Defect<VhdErrorCode>[];
}

/** Reads and checks the structures in front of the blocks. Throws only errors of the source. */
export async function readParts(source: ByteSource, signal: AbortSignal): Promise<VhdParts> {
  const footers = await readFooters(source, signal);
  const { used, tail } = footers;
  // A damaged footer still says what kind of file it is.
  const shown = used ?? tail ?? footers.copy;
  const footer = shown?.footer;
  const subformat = footer === undefined ? undefined : subformatOf(footer);
  const dataEnd = tail?.offset ?? source.size;
  const defects = [...footers.defects];
  const common = { source, footers, footer, subformat, dataEnd };
  const none = { ...common, headerBytes: undefined, header: undefined, locators: [] };
  if (footer === undefined || subformat === undefined || used === undefined) {
    return { ...none, size: undefined, defects };
  }
  if (subformat === 'fixed') {
    const size = diskSize(footer, dataEnd);
    if (size.size > dataEnd) defects.push(tooShort(size.size, dataEnd, used.offset));
    return { ...none, size, defects: [...defects, ...sizeDefects(size, used.offset)] };
  }
  const headerBytes = await readHeader(source, footer.dataOffset, signal);
  if (headerBytes === undefined) {
    defects.push(noHeader(footer.dataOffset ?? 0, source.size));
    return { ...none, size: diskSize(footer, Infinity), defects };
  }
  const { offset, bytes } = headerBytes;
  const decoded = decodeHeader(bytes);
  const room = isBlockSize(decoded.blockSize) ? decoded.maxEntries * decoded.blockSize : Infinity;
  const size = diskSize(footer, room);
  const broken = [...headerRules(bytes, offset, dataEnd, size.size)];
  defects.push(...broken, ...sizeDefects(size, used.offset));
  const sound = broken.every(({ error }) => error === undefined);
  const locators = sound ? await readLocators(source, decoded, signal) : [];
  for (const { entry, index } of locators) {
    defects.push(...locatorRules(entry, index, offset, source.size));
  }
  return { ...common, size, headerBytes, header: sound ? decoded : undefined, locators, defects };
}

/** Returns the place of the BAT of a header whose rules hold. */
export function batPlaceOf(
  header: DynamicHeader,
  headerOffset: number,
  size: number,
  dataEnd: number,
): BatPlace {
  const { batOffset, blockSize } = header;
  const blocks = blockCount(size, blockSize);
  const structures = structureRanges(header, headerOffset);
  return { batOffset, blockSize, blocks, size, dataEnd, structures };
}

/** Returns the parts of the file that its structures occupy in front of the blocks, ascending. */
export function structureRanges(header: DynamicHeader, headerOffset: number): readonly Range[] {
  const { batOffset, maxEntries } = header;
  const texts = header.locators.filter(
    (entry) => isUsed(entry) && Number.isSafeInteger(entry.offset) && entry.length > 0,
  );
  return [
    { start: 0, end: FOOTER_SIZE },
    { start: headerOffset, end: headerOffset + HEADER_SIZE },
    { start: batOffset, end: batOffset + batBytes(maxEntries) },
    ...texts.map(({ offset, length }) => ({ start: offset, end: offset + length })),
  ].sort((a, b) => a.start - b.start);
}

async function readHeader(
  source: ByteSource,
  offset: number | undefined,
  signal: AbortSignal,
): Promise<{ readonly offset: number; readonly bytes: Uint8Array } | undefined> {
  if (offset === undefined || offset + HEADER_SIZE > source.size) return undefined;
  const bytes = new Uint8Array(HEADER_SIZE);
  await source.read(offset, bytes, signal);
  return { offset, bytes };
}

function noHeader(offset: number, fileSize: number): Defect<VhdErrorCode> {
  return {
    code: 'vhd.truncated',
    error: 'vhd.truncated',
    structure: 'VHD dynamic header',
    offset,
    found: fileSize,
    expected: offset + HEADER_SIZE,
    section: 'VHD 1.0, Dynamic Disk Header Format',
    text: `the VHD dynamic header needs ${HEADER_SIZE} bytes at ${offset}; the file ends at ${fileSize}`,
  };
}

/** Readers accept it: what is there can be read. */
function tooShort(size: number, dataEnd: number, footerOffset: number): Defect<VhdErrorCode> {
  return {
    code: 'vhd.truncated',
    structure: 'fixed VHD',
    offset: footerOffset + 48,
    found: dataEnd,
    expected: size,
    section: 'VHD 1.0, Fixed Hard Disk Image',
    text: `the file holds ${dataEnd} bytes of a fixed disk of ${size} bytes`,
    range: { start: dataEnd, length: size - dataEnd },
  };
}

function* sizeDefects(
  { size, rule, other }: DiskSize,
  footerOffset: number,
): Generator<Defect<VhdErrorCode>> {
  if (other === undefined) return;
  yield {
    code: 'vhd.size.geometry',
    severity: 'warning',
    structure: 'VHD footer',
    field: 'CurrentSize',
    offset: footerOffset + 48,
    found: size,
    expected: other,
    section: 'VHD 1.0, CHS calculation',
    text:
      rule === 'geometry'
        ? `the geometry gives ${size} bytes, the current size ${other}; the file holds the former`
        : `the current size is ${size} bytes; the geometry gives ${other}, which Virtual PC and qemu use`,
  };
}
