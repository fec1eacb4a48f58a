import path from 'node:path';
import type { ByteSource } from '../../source/byte-source.ts';
import { diskError } from '../virtual/disk-errors.ts';

/**
 * Formats that are recognised but not supported: as raw images, their tables would be read as disk
 * contents.
 */
const UNSUPPORTED = [
  // A dynamic VHD has it in front too, a fixed one only at its end. Virtual PC before 2004 wrote
  // 511 of its 512 bytes.
  { at: 0, signature: 'conectix', name: 'a VHD' },
  { at: -512, signature: 'conectix', name: 'a VHD' },
  { at: -511, signature: 'conectix', name: 'a VHD' },
  { at: 0, signature: 'vhdsetv1', name: 'a VHD Set' },
  { at: 0, signature: 'QFI\u00fb', name: 'a QCOW or QCOW2 image' },
  { at: 0, signature: 'QED\0', name: 'a QED image' },
  { at: 0, signature: 'KDMV', name: 'a VMDK' },
  { at: 0, signature: '# Disk D', name: 'a VMDK (its descriptor)' },
  // After a line of text that differs between programs.
  { at: 64, signature: '\u007f\u0010\u00da\u00be', name: 'a VDI' },
] as const;

/** Signature, and its place, that a file must have for its extension. */
const PROMISED: Readonly<Record<string, { readonly signature: string; readonly where: string }>> = {
  '.vhdx': { signature: 'vhdxfile', where: 'at the start' },
  '.avhdx': { signature: 'vhdxfile', where: 'at the start' },
  '.vhd': { signature: 'conectix', where: 'in the last 512 bytes' },
  '.avhd': { signature: 'conectix', where: 'in the last 512 bytes' },
  '.vhds': { signature: 'vhdsetv1', where: 'at the start' },
};

/**
 * Detects the format by signature first, then by the extension. Throws `disk.unsupported`,
 * `disk.format`.
 */
export async function detectFormat(
  source: ByteSource,
  signal: AbortSignal,
): Promise<'vhdx' | 'raw'> {
  const start = await cookie(source, 0, signal);
  if (start === 'vhdxfile') return 'vhdx';
  await refuseUnsupported(source, signal);
  const extension = path.extname(source.name).toLowerCase();
  const promised = PROMISED[extension];
  if (promised === undefined) return 'raw';
  const found = printable(start);
  throw diskError(
    'disk.format',
    `${source.name} begins with “${found}”; “${promised.signature}” was expected ${promised.where} of a ${extension} file`,
    { data: { path: source.name, offset: 0, found, expected: promised.signature } },
  );
}

async function refuseUnsupported(source: ByteSource, signal: AbortSignal): Promise<void> {
  for (const { at, signature, name } of UNSUPPORTED) {
    const offset = at < 0 ? source.size + at : at;
    if (offset < 0 || offset >= source.size) continue;
    if (!(await cookie(source, offset, signal)).startsWith(signature)) continue;
    throw diskError(
      'disk.unsupported',
      `${source.name} is ${name}, which this version does not read yet: convert it to VHDX`,
      { data: { path: source.name, offset, found: printable(signature) } },
    );
  }
}

const printable = (text: string): string =>
  Array.from(text, (c) => (c >= ' ' && c <= '~' ? c : '.')).join('');

async function cookie(source: ByteSource, offset: number, signal: AbortSignal): Promise<string> {
  const bytes = new Uint8Array(Math.min(8, source.size - offset));
  await source.read(offset, bytes, signal);
  return String.fromCharCode(...bytes);
}
