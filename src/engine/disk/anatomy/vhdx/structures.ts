import {
  REGION_BAT,
  REGION_METADATA,
  HEADER_OFFSETS,
  HEADER_SIZE,
  MIB,
  REGION_TABLE_OFFSETS,
  REGION_TABLE_SIZE,
} from '../../vhdx/structures/layout.ts';
import { FILE_IDENTIFIER_SIZE } from '../../vhdx/structures/file-identifier.ts';
import type { VhdxHeader } from '../../vhdx/structures/header.ts';
import { blockSpans, type FileSpace } from '../blocks/file-space.ts';
import type { FilePart } from '../../inspect/model.ts';
import { regionName, type Region } from '../../vhdx/structures/regions/region-entry.ts';

/**
 * Maximum number of structures in the picture; with the gaps between them, a picture has at most
 * 4096 parts.
 */
const MAX_STRUCTURES = 256;
const MAX_SPANS = 1700;

/** Returns the head, the log and the regions, in order; they may overlap in a damaged file. */
export function structures(
  header: VhdxHeader | undefined,
  regions: readonly Region[],
): readonly FilePart[] {
  const head: FilePart[] = [
    { kind: 'identifier', label: 'File type identifier', start: 0, length: FILE_IDENTIFIER_SIZE },
    ...HEADER_OFFSETS.map((start, i): FilePart => ({
      kind: 'header',
      label: `Header ${i + 1}`,
      start,
      length: HEADER_SIZE,
    })),
    ...REGION_TABLE_OFFSETS.map((start, i): FilePart => ({
      kind: 'regionTable',
      label: `Region table ${i + 1}`,
      start,
      length: REGION_TABLE_SIZE,
    })),
  ];
  const rest = regions.map(({ id, offset, length }): FilePart => {
    if (id === REGION_BAT) return { kind: 'bat', label: 'BAT', start: offset, length };
    if (id === REGION_METADATA)
      return { kind: 'metadata', label: 'Metadata', start: offset, length };
    return { kind: 'unknown', label: regionName(id), start: offset, length };
  });
  if (header !== undefined && header.logLength > 0) {
    rest.push({ kind: 'log', label: 'Log', start: header.logOffset, length: header.logLength });
  }
  return [...head, ...rest.sort((a, b) => a.start - b.start)];
}

/** Returns the parts of the file from first to last byte: structures, blocks, and unused space. */
export function fileParts(
  parts: readonly FilePart[],
  space: FileSpace,
  fileSize: number,
): readonly FilePart[] {
  const blocks = blockSpans(space, MAX_SPANS).map(({ kind, start, end, pieces }): FilePart => {
    const name = kind === 'payload' ? 'Payload blocks' : 'Sector bitmaps';
    const label = pieces === 1 ? name : `${name}, ${pieces} pieces and the gaps between them`;
    return { kind, label, start: start * MIB, length: (end - start) * MIB };
  });
  const all = [...parts.slice(0, MAX_STRUCTURES), ...blocks].sort((a, b) => a.start - b.start);
  const out: FilePart[] = [];
  let at = 0;
  for (const part of all) {
    const end = Math.min(fileSize, part.start + part.length);
    if (part.start >= fileSize) break;
    if (part.start > at) out.push(unused(at, part.start));
    out.push({ ...part, length: end - part.start });
    at = Math.max(at, end);
  }
  if (at < fileSize) out.push(unused(at, fileSize));
  return out;
}

const unused = (start: number, end: number): FilePart => ({
  kind: 'unused',
  label: end <= MIB ? 'Reserved' : 'Unused',
  start,
  length: end - start,
});
