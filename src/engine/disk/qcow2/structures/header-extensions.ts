import type { Defect } from '../../inspect/defect.ts';
import type { Qcow2Header } from './header.ts';
import { section } from './layout.ts';
import type { Qcow2ErrorCode } from './qcow2-errors.ts';

/** Types of header extensions (Header extensions). */
const END = 0;
export const BACKING_FORMAT = 0xe2792aca;
const FEATURE_NAMES = 0x6803f857;
export const BITMAPS_EXTENSION = 0x23852875;
const ENCRYPTION = 0x0537be77;
const DATA_FILE = 0x44415441;

const EXTENSION_NAMES: Readonly<Record<number, string>> = {
  [BACKING_FORMAT]: 'Backing file format',
  [FEATURE_NAMES]: 'Feature names',
  [BITMAPS_EXTENSION]: 'Bitmaps',
  [ENCRYPTION]: 'Encryption header',
  [DATA_FILE]: 'External data file',
};

/** Returns the name of a type, for people. */
export const extensionName = (type: number): string => EXTENSION_NAMES[type] ?? 'Unknown';

/** Maximum number of extensions; programs write fewer than ten. */
const MAX_EXTENSIONS = 1024;
const HEAD = 8;

/**
 * One header extension: a type and a length (four bytes each), data, padding to a multiple of 8.
 */
export interface HeaderExtension {
  readonly type: number;
  /** Offset of its type in the file. */
  readonly offset: number;
  readonly data: Uint8Array;
}

export interface ExtensionArea {
  readonly extensions: readonly HeaderExtension[];
  readonly defects: readonly Defect<Qcow2ErrorCode>[];
}

/**
 * Decodes the extensions between the header and the backing file's name, or the end of the first
 * cluster. Stops at one whose length passes that end.
 * @param first the first cluster, or all of a smaller file
 */
export function decodeExtensions(first: Uint8Array, header: Qcow2Header): ExtensionArea {
  const { backingOffset, headerLength } = header;
  const end = Math.min(backingOffset > 0 ? backingOffset : first.length, first.length);
  const view = new DataView(first.buffer, first.byteOffset, first.byteLength);
  const extensions: HeaderExtension[] = [];
  const defects: Defect<Qcow2ErrorCode>[] = [];
  for (let at = headerLength; at + HEAD <= end;) {
    const type = view.getUint32(at);
    if (type === END) break;
    const length = view.getUint32(at + 4);
    if (length > end - at - HEAD || extensions.length >= MAX_EXTENSIONS) {
      defects.push(tooLong(at, length, end));
      break;
    }
    if (type in EXTENSION_NAMES && extensions.some((each) => each.type === type)) {
      defects.push(repeated(at, type));
    }
    extensions.push({ type, offset: at, data: first.subarray(at + HEAD, at + HEAD + length) });
    at += HEAD + Math.ceil(length / 8) * 8;
  }
  return { extensions, defects };
}

/** Encodes extensions, and the end of their area. */
export function encodeExtensions(
  extensions: readonly Pick<HeaderExtension, 'type' | 'data'>[],
): Uint8Array<ArrayBuffer> {
  const sizes = extensions.map(({ data }) => HEAD + Math.ceil(data.length / 8) * 8);
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, HEAD));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [i, { type, data }] of extensions.entries()) {
    view.setUint32(at, type);
    view.setUint32(at + 4, data.length);
    bytes.set(data, at + HEAD);
    at += sizes[i] as number;
  }
  return bytes;
}

const STRUCTURE = 'qcow2 header extension';

const tooLong = (offset: number, length: number, end: number): Defect<Qcow2ErrorCode> => ({
  code: 'qcow2.extension.length',
  error: 'qcow2.extension',
  structure: STRUCTURE,
  field: 'length',
  offset: offset + 4,
  found: length,
  expected: `at most ${Math.max(0, end - offset - HEAD)}, in at most ${MAX_EXTENSIONS} extensions`,
  section: section('Header extensions'),
});

const repeated = (offset: number, type: number): Defect<Qcow2ErrorCode> => ({
  code: 'qcow2.extension.duplicate',
  error: 'qcow2.extension',
  structure: STRUCTURE,
  field: 'type',
  offset,
  found: `a second ${EXTENSION_NAMES[type]}`,
  expected: 'each type once',
  section: section('Header extensions'),
});
