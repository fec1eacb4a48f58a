import type { Defect } from '../../inspect/defect.ts';
import { BACKING_FORMAT, type HeaderExtension } from './header-extensions.ts';
import type { Qcow2Header } from './header.ts';
import { section } from './layout.ts';
import type { Qcow2ErrorCode } from './qcow2-errors.ts';

/** The backing file that an image names. */
export interface BackingFile {
  /** The name as stored; text of a stranger. */
  readonly name: string;
  /** Path from the image's folder to a file in or below it, with “/”; undefined if refused. */
  readonly path: string | undefined;
  /** Name of the format in this engine, if the image records one that it knows. */
  readonly format: string | undefined;
  /** The format as stored. */
  readonly storedFormat: string | undefined;
}

/** Names of formats of qemu, and those of this engine. */
const FORMATS: Readonly<Record<string, string>> = {
  raw: 'raw',
  qcow2: 'qcow2',
  vhdx: 'vhdx',
  vpc: 'vhd',
};

const STRUCTURE = 'qcow2 backing file name';
/** Most characters of a stored name in a message. */
const SHOWN = 200;

/**
 * Decodes the name of the backing file and its format (Header; String header extensions); undefined
 * if the image has no backing file.
 * @param first the first cluster; the header's rules hold
 */
export function decodeBacking(
  first: Uint8Array,
  header: Qcow2Header,
  extensions: readonly HeaderExtension[],
): BackingFile | undefined {
  const { backingOffset, backingLength } = header;
  if (backingOffset === 0 || backingLength === 0) return undefined;
  const name = textOf(first.subarray(backingOffset, backingOffset + backingLength));
  const format = extensions.find(({ type }) => type === BACKING_FORMAT);
  const storedFormat = format === undefined ? undefined : textOf(format.data);
  return {
    name,
    path: pathBelow(name),
    format: storedFormat === undefined ? undefined : FORMATS[storedFormat],
    storedFormat,
  };
}

/**
 * Yields the broken rules of the backing file's name. Only files in or below the folder of the
 * image are opened: the author of an image must not choose which other file, or server, is read.
 */
export function* backingNameRules(
  backing: BackingFile,
  header: Qcow2Header,
): Generator<Defect<Qcow2ErrorCode>> {
  const { name, path, storedFormat, format } = backing;
  const { backingOffset } = header;
  if (/[\0\uFFFD]/.test(name)) {
    yield {
      code: 'qcow2.backing.text',
      error: 'qcow2.backing',
      structure: STRUCTURE,
      offset: backingOffset,
      found: shown(name),
      expected: 'UTF-8 text without a zero byte',
      section: section('Header'),
    };
  } else if (path === undefined) {
    yield {
      code: 'qcow2.backing.outside',
      error: 'qcow2.backing.outside',
      structure: STRUCTURE,
      offset: backingOffset,
      found: shown(name),
      expected: 'a relative path to a file in or below the folder of the image',
      section: section('Header'),
      text: `the backing file of the image is ${kindOf(name)}: “${shown(name)}”; only files in or below the folder of the image are opened: put it there, then change the name with “qemu-img rebase -u”`,
    };
  }
  if (storedFormat === undefined) {
    yield {
      code: 'qcow2.backing.unformatted',
      severity: 'warning',
      structure: STRUCTURE,
      offset: backingOffset,
      found: 'no format',
      expected: 'the format of the backing file in a header extension',
      section: section('String header extensions'),
      text: 'the image does not state the format of its backing file, so the file’s first bytes decide; a guest that writes to a raw disk can choose them',
    };
  } else if (format === undefined) {
    yield {
      code: 'qcow2.backing.format',
      error: 'qcow2.feature',
      structure: STRUCTURE,
      offset: backingOffset,
      found: shown(storedFormat),
      expected: Object.keys(FORMATS).join(', '),
      section: section('String header extensions'),
    };
  }
}

/** Returns the name that an image stores for a format of this engine; undefined if it cannot name it. */
export const storedFormatOf = (format: string): string | undefined =>
  Object.entries(FORMATS).find(([, own]) => own === format)?.[0];

/**
 * Returns the path of a file in or below a folder, without “.” and “..”; undefined for an absolute
 * path, a drive, a protocol (`json:`, `nbd:`), a path that leads out, or one to a folder.
 */
export function pathBelow(name: string): string | undefined {
  if (name === '' || /[:\0\uFFFD]/.test(name) || /^[\\/]/.test(name)) return undefined;
  const parts = name.split(/[\\/]/);
  const last = parts.at(-1) ?? '';
  if (last === '' || last === '.' || last === '..') return undefined;
  const names: string[] = [];
  for (const part of parts) {
    if (part === '' || part === '.') continue;
    if (part !== '..') names.push(part);
    else if (names.pop() === undefined) return undefined;
  }
  return names.join('/');
}

function kindOf(name: string): string {
  if (/^[A-Za-z]:[\\/]/.test(name) || /^[\\/]/.test(name)) return 'an absolute path';
  if (/^[^\\/]*:/.test(name)) return 'an address of a protocol';
  return 'not a path below that folder';
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const shown = (text: string): string =>
  text.slice(0, SHOWN).replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '·');
