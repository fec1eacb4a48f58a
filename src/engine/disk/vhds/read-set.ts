import { ByteReader } from '../../base/bytes/byte-reader.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import type { Defect } from '../inspect/defect.ts';
import { sizeOf } from '../inspect/fields.ts';
import { isZero } from '../virtual/zero-scan.ts';
import {
  decodeSetHeader,
  SET_HEADER_OFFSETS,
  SET_HEADER_SIZE,
  setHeaderRules,
  type SetHeader,
} from './set-header.ts';
import { SECTION, SET_IDENTIFIER } from './set-fields.ts';

/** Bytes of a file that are searched for unknown contents, at most. */
const MAX_SEARCHED = 16 * 2 ** 20;
const PIECE = 4096;

const IDENTIFIER = sizeOf(SET_IDENTIFIER);

export interface VhdSet {
  /** The first bytes of the file; zeros behind its end. */
  readonly identifier: Uint8Array;
  readonly headers: readonly {
    readonly offset: number;
    readonly bytes: Uint8Array;
    readonly sound: boolean;
  }[];
  /** The header that counts, and its offset. */
  readonly header: (SetHeader & { readonly offset: number }) | undefined;
  /** Name of the backing file beside the set; undefined if it cannot be read. */
  readonly backing: string | undefined;
  readonly defects: readonly Defect[];
}

/** Reads what is known of a VHD Set. Throws only errors of the source. */
export async function readSet(source: ByteSource, signal: AbortSignal): Promise<VhdSet> {
  const identifier = new Uint8Array(IDENTIFIER);
  await source.read(0, identifier.subarray(0, Math.min(IDENTIFIER, source.size)), signal);
  const headers: { offset: number; bytes: Uint8Array; sound: boolean }[] = [];
  const defects: Defect[] = [];
  for (const offset of SET_HEADER_OFFSETS) {
    const bytes = new Uint8Array(Math.max(0, Math.min(SET_HEADER_SIZE, source.size - offset)));
    if (bytes.length > 0) await source.read(offset, bytes, signal);
    const broken = [...setHeaderRules(bytes, offset, source.size)];
    const sound = broken.every(({ severity }) => severity !== undefined);
    headers.push({ offset, bytes, sound });
    defects.push(...broken);
  }
  const [header] = headers
    .filter(({ sound }) => sound)
    .map(({ bytes, offset }) => ({ ...decodeSetHeader(bytes), offset }))
    .toSorted((a, b) => (a.sequence < b.sequence ? 1 : -1));
  if (header === undefined) return { identifier, headers, header, backing: undefined, defects };
  const { nameOffset, nameLength } = header;
  const name = new Uint8Array(nameLength);
  await source.read(nameOffset, name, signal);
  const text =
    new ByteReader(name, 'name of the backing file').utf16(nameLength).split('\0')[0] ?? '';
  const plain = text !== '' && !/[\\/:]/.test(text) && text !== '.' && text !== '..';
  if (!plain) {
    defects.push({
      code: 'vhds.name',
      structure: 'VHD Set',
      field: 'BackingFile',
      offset: nameOffset,
      found: text.replaceAll(/[^ -~]/g, '.').slice(0, 255),
      expected: 'the name of a file beside the set',
      section: SECTION,
    });
  }
  defects.push(...(await unknownParts(source, header, signal)));
  return { identifier, headers, header, backing: plain ? text : undefined, defects };
}

/** Snapshots of a set must lie somewhere, and nobody outside Microsoft knows where. */
async function unknownParts(
  source: ByteSource,
  { nameOffset, nameLength }: SetHeader,
  signal: AbortSignal,
): Promise<readonly Defect[]> {
  const known = [
    { start: 0, end: IDENTIFIER },
    ...SET_HEADER_OFFSETS.map((start) => ({ start, end: start + SET_HEADER_SIZE })),
    { start: nameOffset, end: nameOffset + nameLength },
  ];
  const end = Math.min(source.size, MAX_SEARCHED);
  const piece = new Uint8Array(PIECE);
  for (let at = 0; at < end; at += PIECE) {
    const bytes = piece.subarray(0, Math.min(PIECE, end - at));
    await source.read(at, bytes, signal);
    for (const part of known) {
      bytes.fill(0, Math.max(0, part.start - at), Math.max(0, part.end - at));
    }
    if (isZero(bytes)) continue;
    return [
      {
        code: 'vhds.unknown',
        severity: 'warning',
        structure: 'VHD Set',
        offset: at,
        found: 'bytes whose meaning is unknown',
        expected: 'zero in the files that are known',
        section: SECTION,
        text: `the VHD Set has contents at ${at} whose meaning is unknown, perhaps snapshots`,
      },
    ];
  }
  return [];
}
