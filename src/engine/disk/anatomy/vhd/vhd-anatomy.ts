import type { ByteSource } from '../../../source/byte-source.ts';
import type { DiskAnatomy } from '../blocks/disk-anatomy.ts';
import { fieldNodes } from '../../inspect/field-nodes.ts';
import type { Findings } from '../../inspect/findings.ts';
import { load } from '../../inspect/load.ts';
import { node, type FieldNode, type FilePart } from '../../inspect/model.ts';
import { NOTHING } from '../blocks/raw-anatomy.ts';
import { FOOTER } from './vhd-fields.ts';

const SIZE = 512;
const SECTION = 'VHD 1.0, Hard Disk Footer Format';
const SUBFORMATS = { 2: 'fixed', 3: 'dynamic', 4: 'differencing' } as const;

interface Footer {
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly sound: boolean;
}

/**
 * Reads the footer of a VHD, at any of its places; undefined if there is not one. Decodes nothing
 * but footers.
 */
export async function vhdAnatomy(
  file: ByteSource,
  findings: Findings,
  signal: AbortSignal,
): Promise<DiskAnatomy | undefined> {
  const footers: Footer[] = [];
  // Virtual PC before 2004 wrote a footer of 511 bytes.
  for (const offset of new Set([file.size - SIZE, file.size - 511, 0])) {
    if (offset < 0 || file.size < 511) continue;
    const length = Math.min(SIZE, file.size - offset);
    const { bytes } = await load(
      file,
      { offset, length, what: 'a footer', code: 'anatomy.vhd.footer', section: SECTION },
      findings,
      signal,
    );
    const found = String.fromCharCode(...bytes.subarray(0, 8)) === 'conectix';
    if (found) footers.push({ offset, bytes, sound: isSound(bytes) });
  }
  const [first] = footers;
  if (first === undefined) return undefined;
  for (const { offset, sound } of footers) {
    if (sound) continue;
    findings.add(
      'anatomy.vhd.checksum',
      'error',
      `the footer at ${offset} has a wrong checksum`,
      offset + 64,
    );
  }
  const end = file.size - 511;
  if (!footers.some(({ offset }) => offset >= end - 1 && offset > 0)) {
    findings.add(
      'anatomy.vhd.footer',
      'error',
      'the footer at the end is missing; its copy at the start is shown',
      0,
    );
  }
  const used = footers.find(({ sound }) => sound) ?? first;
  const view = new DataView(used.bytes.buffer, used.bytes.byteOffset, used.bytes.byteLength);
  const type = view.getUint32(60);
  const subformat = SUBFORMATS[type as keyof typeof SUBFORMATS] ?? null;
  if (subformat === null) {
    findings.add(
      'anatomy.vhd.type',
      'error',
      `the disk type is ${type}; expected 2, 3 or 4`,
      used.offset + 60,
    );
  } else if (subformat !== 'fixed') {
    const message = `this is a ${subformat} VHD; this version decodes its footer only`;
    findings.add('anatomy.vhd.footerOnly', 'info', message, used.offset);
  }
  const size = Number(view.getBigUint64(48));
  return {
    ...NOTHING,
    format: 'vhd',
    subformat,
    virtualSize: Number.isSafeInteger(size) ? size : null,
    parts: parts(footers, subformat === 'fixed', file.size),
    tree: footers.map(footerNode),
  };
}

/** Checks the ones' complement of the sum, without the checksum's own bytes. */
function isSound(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sum = bytes.reduce((all, byte, i) => (i >= 64 && i < 68 ? all : all + byte), 0);
  return view.getUint32(64) === ~sum >>> 0;
}

function footerNode({ offset, bytes, sound }: Footer): FieldNode {
  return node(offset === 0 ? 'Footer (copy at the start)' : 'Footer', {
    value: sound ? 'valid' : 'wrong checksum',
    at: [offset, bytes.length],
    state: sound ? 'ok' : 'bad',
    help: 'Describes the disk (VHD 1.0, Hard Disk Footer Format)',
    children: fieldNodes(FOOTER, bytes, offset),
  });
}

function parts(footers: readonly Footer[], fixed: boolean, fileSize: number): readonly FilePart[] {
  const known = footers
    .map(({ offset, bytes }): FilePart => ({
      kind: 'footer',
      label: 'Footer',
      start: offset,
      length: bytes.length,
    }))
    .sort((a, b) => a.start - b.start);
  const rest = fixed
    ? ({ kind: 'payload', label: 'Contents' } as const)
    : ({ kind: 'unknown', label: 'Not decoded' } as const);
  const out: FilePart[] = [];
  let at = 0;
  for (const part of known) {
    if (part.start > at) out.push({ ...rest, start: at, length: part.start - at });
    out.push(part);
    at = Math.max(at, part.start + part.length);
  }
  if (at < fileSize) out.push({ ...rest, start: at, length: fileSize - at });
  return out;
}
