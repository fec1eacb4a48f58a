import type { Range } from '../../../base/range.ts';
import type { VhdParts } from '../../vhd/read/vhd-parts.ts';
import { batBytes } from '../../vhd/structures/layout.ts';
import type { FilePart } from '../../inspect/model.ts';

type Known = Omit<FilePart, 'start' | 'length'>;

/** Returns the uses of the whole file, in order. Of two parts that overlap the first one counts. */
export function fileParts(parts: VhdParts, blocks: readonly Range[]): readonly FilePart[] {
  const { footers, headerBytes, header, subformat, locators, source } = parts;
  const known: FilePart[] = [];
  for (const footer of [footers.copy, footers.tail]) {
    if (footer === undefined) continue;
    const { offset: start, bytes } = footer;
    known.push({ kind: 'footer', label: 'Footer', start, length: bytes.length });
  }
  if (headerBytes !== undefined) {
    const { offset: start, bytes } = headerBytes;
    known.push({ kind: 'header', label: 'Dynamic header', start, length: bytes.length });
  }
  if (header !== undefined) {
    const { batOffset: start, maxEntries } = header;
    known.push({
      kind: 'bat',
      label: 'Block allocation table',
      start,
      length: batBytes(maxEntries),
    });
  }
  for (const { entry, text } of locators) {
    if (text === undefined) continue;
    const { offset: start, length } = entry;
    known.push({ kind: 'metadata', label: 'Path of the parent', start, length });
  }
  for (const { start, end } of blocks) {
    known.push({ kind: 'payload', label: 'Blocks', start, length: end - start });
  }
  const rest: Known =
    subformat === 'fixed'
      ? { kind: 'payload', label: 'Contents' }
      : header === undefined
        ? { kind: 'unknown', label: 'Not decoded' }
        : { kind: 'unused', label: 'Not used' };
  return tiled(known, rest, source.size);
}

export function tiled(known: readonly FilePart[], rest: Known, size: number): readonly FilePart[] {
  const out: FilePart[] = [];
  let at = 0;
  for (const part of known.toSorted((a, b) => a.start - b.start)) {
    const start = Math.max(part.start, at);
    const end = Math.min(part.start + part.length, size);
    if (end <= start) continue;
    if (start > at) out.push({ ...rest, start: at, length: start - at });
    out.push({ ...part, start, length: end - start });
    at = end;
  }
  if (at < size) out.push({ ...rest, start: at, length: size - at });
  return out;
}
