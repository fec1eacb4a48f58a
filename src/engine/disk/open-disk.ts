import path from 'node:path';
import type { ByteSource } from '../source/byte-source.ts';
import { FileSource } from '../source/file-source.ts';
import { ChainDisk, MAX_CHAIN_DEPTH } from './chain.ts';
import { diskError } from './disk-errors.ts';
import { findParent } from './find-parent.ts';
import { RawDisk } from './raw-disk.ts';
import type { VirtualDisk } from './virtual-disk.ts';
import { VhdxImage } from './vhdx/vhdx-image.ts';

export interface OpenDiskOptions {
  /** Further folders in which a parent may lie. */
  readonly search?: readonly string[];
  /** Treats the file as this format whatever it looks like. */
  readonly format?: 'vhdx' | 'raw';
}

export interface OpenedDisk {
  readonly disk: VirtualDisk;
  readonly format: 'vhdx' | 'raw';
  /** Paths, the child first. */
  readonly chain: readonly string[];
  /** The VHDX layers, the child first; empty for raw images. */
  readonly layers: readonly VhdxImage[];
  readonly fileSize: number;
}

/**
 * Opens a disk image file with all its parents. The format comes from the contents; a name that promises
 * VHDX over contents that are none is an error. Throws `disk.*`, `vhdx.*`, `source.*`.
 */
export async function openDisk(
  file: string,
  options: OpenDiskOptions,
  signal: AbortSignal,
): Promise<OpenedDisk> {
  const source = await FileSource.open(file, signal);
  let format: 'vhdx' | 'raw';
  try {
    format = options.format ?? (await detectFormat(source, signal));
  } catch (error) {
    await source.close();
    throw error;
  }
  if (format === 'raw') {
    const disk = new RawDisk(source);
    return { disk, format, chain: [file], layers: [], fileSize: source.size };
  }
  const { layers, chain } = await openLayers(file, source, options.search ?? [], signal);
  try {
    return { disk: new ChainDisk(layers), format, chain, layers, fileSize: source.size };
  } catch (error) {
    for (const layer of layers) await layer.close();
    throw error;
  }
}

/** Formats that are known and not read: taken as raw, their tables would be the disk. */
const UNSUPPORTED = [
  // A dynamic VHD has it in front too; a fixed one only at its end.
  { at: 0, signature: 'conectix', name: 'a VHD' },
  { at: -512, signature: 'conectix', name: 'a VHD' },
  { at: 0, signature: 'vhdsetv1', name: 'a VHD Set' },
  { at: 0, signature: 'QFI\u00fb', name: 'a QCOW or QCOW2 image' },
  { at: 0, signature: 'QED\0', name: 'a QED image' },
  { at: 0, signature: 'KDMV', name: 'a VMDK' },
  { at: 0, signature: '# Disk D', name: 'a VMDK (its descriptor)' },
  // Behind a line of text, which each program words in its own way.
  { at: 64, signature: '\u007f\u0010\u00da\u00be', name: 'a VDI' },
] as const;

/** By signature first, then by the name's ending. */
export async function detectFormat(
  source: ByteSource,
  signal: AbortSignal,
): Promise<'vhdx' | 'raw'> {
  const start = await cookie(source, 0, signal);
  if (start === 'vhdxfile') return 'vhdx';
  await refuseUnsupported(source, signal);
  const extension = path.extname(source.name).toLowerCase();
  if (['.vhdx', '.avhdx', '.vhd', '.avhd', '.vhds'].includes(extension)) {
    const found = printable(start);
    throw diskError(
      'disk.format',
      `${source.name} begins with “${found}”; “vhdxfile” was expected in a ${extension} file`,
      { data: { path: source.name, offset: 0, found, expected: 'vhdxfile' } },
    );
  }
  return 'raw';
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

async function openLayers(
  file: string,
  source: ByteSource,
  search: readonly string[],
  signal: AbortSignal,
): Promise<{ layers: VhdxImage[]; chain: string[] }> {
  const layers: VhdxImage[] = [];
  const chain: string[] = [];
  try {
    let at = file;
    let next: ByteSource | undefined = source;
    while (next !== undefined) {
      const layer: VhdxImage = await VhdxImage.open(next, signal);
      layers.push(layer);
      chain.push(at);
      const parent = await nextLayer(at, layer, chain, search);
      if (parent === undefined) break;
      at = parent;
      next = await FileSource.open(parent, signal);
    }
    return { layers, chain };
  } catch (error) {
    for (const layer of layers) await layer.close();
    throw error;
  }
}

async function nextLayer(
  child: string,
  layer: VhdxImage,
  chain: readonly string[],
  search: readonly string[],
): Promise<string | undefined> {
  const locator = layer.metadata.parent;
  if (locator === undefined) return undefined;
  const parent = await findParent(child, locator, search);
  if (parent === undefined) {
    const named = locator.relativePath ?? locator.absolutePath ?? locator.volumePath ?? 'nothing';
    throw diskError(
      'disk.parent.missing',
      `${child} names ${named} as its parent, which is neither there nor beside it`,
      { data: { child, parent: named } },
    );
  }
  if (chain.some((each) => path.resolve(each) === path.resolve(parent))) {
    throw diskError('disk.chain.cycle', `${child} leads back to ${parent}, its own child`, {
      data: { child, parent },
    });
  }
  if (chain.length >= MAX_CHAIN_DEPTH) {
    throw diskError(
      'disk.chain.depth',
      `the chain of ${chain[0]} is deeper than ${MAX_CHAIN_DEPTH}`,
      {
        data: { expected: MAX_CHAIN_DEPTH },
      },
    );
  }
  return parent;
}
