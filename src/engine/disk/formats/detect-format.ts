import path from 'node:path';
import { isEngineError, type EngineError } from '../../base/errors.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import type { DiskFormat, Signature } from '../image/disk-format.ts';
import { RAW } from '../raw/raw-format.ts';
import { diskError } from '../virtual/disk-errors.ts';
import { FORMATS, UNREAD, type UnreadFormat } from './formats.ts';

type Known = Pick<DiskFormat, 'title' | 'endings' | 'signatures'>;

interface Found<F extends Known> {
  readonly format: F;
  readonly signature: Signature;
}

/**
 * Detects the format by signature first, then by the ending. If several formats have their
 * signature in the file, the one that the ending promises counts, then one whose signature is at
 * the start: a guest chooses the first bytes of a fixed VHD. Throws `disk.unsupported`,
 * `disk.format`.
 */
export async function detectFormat(source: ByteSource, signal: AbortSignal): Promise<DiskFormat> {
  const { format, signature } = await detect(source, signal);
  const row = FORMATS.find((each) => each === format);
  return row ?? refuse(format, signature, source);
}

async function detect(
  source: ByteSource,
  signal: AbortSignal,
): Promise<{ readonly format: DiskFormat | UnreadFormat; readonly signature?: Signature }> {
  const ending = path.extname(source.name).toLowerCase();
  const found = await foundIn(source, [...FORMATS, ...UNREAD], signal);
  const best =
    found.find(({ format }) => format.endings.includes(ending)) ??
    found.find(({ signature }) => signature.at >= 0) ??
    found[0];
  if (best !== undefined) return best;
  const promised = [...FORMATS, ...UNREAD].find(({ endings }) => endings.includes(ending));
  const [expected] = promised?.signatures ?? [];
  if (expected === undefined) return { format: RAW };
  const start = printable(await textAt(source, 0, expected.text.length, signal));
  const what = source.size === 0 ? 'is empty' : `begins with “${start}”`;
  throw diskError(
    'disk.format',
    `${source.name} ${what}; “${printable(expected.text)}” was expected ${place(expected)} of a ${ending} file`,
    {
      data: {
        path: source.name,
        offset: 0,
        found: start,
        expected: printable(expected.text),
      },
    },
  );
}

/**
 * Returns the formats of which the file has a signature, each with the first one that it has. Places
 * that the medium cannot read count only if nothing is found elsewhere.
 */
async function foundIn<F extends Known>(
  source: ByteSource,
  formats: readonly F[],
  signal: AbortSignal,
): Promise<readonly Found<F>[]> {
  const found: Found<F>[] = [];
  let failure: EngineError | undefined;
  const has = async (offset: number, text: string): Promise<boolean> => {
    try {
      return (await textAt(source, offset, text.length, signal)) === text;
    } catch (error) {
      signal.throwIfAborted();
      if (!isEngineError(error, 'source.io')) throw error;
      failure ??= error;
      return false;
    }
  };
  for (const format of formats) {
    for (const signature of format.signatures) {
      const { at, text } = signature;
      const offset = at < 0 ? source.size + at : at;
      if (offset < 0 || !(await has(offset, text))) continue;
      found.push({ format, signature });
      break;
    }
  }
  if (found.length === 0 && failure !== undefined) throw failure;
  return found;
}

function refuse(format: UnreadFormat, signature: Signature | undefined, source: ByteSource): never {
  const { at, text } = signature ?? { at: 0, text: '' };
  throw diskError(
    'disk.unsupported',
    `${source.name} is ${format.title}, which this version does not read yet: convert it to VHDX`,
    {
      data: {
        path: source.name,
        offset: at < 0 ? source.size + at : at,
        found: printable(text),
      },
    },
  );
}

const place = ({ at }: Signature): string =>
  at === 0 ? 'at the start' : at < 0 ? `in the last ${-at} bytes` : `at byte ${at}`;

const printable = (text: string): string =>
  Array.from(text, (c) => (c >= ' ' && c <= '~' ? c : '.')).join('');

/** Returns at most `length` bytes, one per character; fewer at the end of the file. */
async function textAt(
  source: ByteSource,
  offset: number,
  length: number,
  signal: AbortSignal,
): Promise<string> {
  const bytes = new Uint8Array(Math.max(0, Math.min(length, source.size - offset)));
  await source.read(Math.min(offset, source.size), bytes, signal);
  return String.fromCharCode(...bytes);
}
