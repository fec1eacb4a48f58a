import path from 'node:path';
import type { ByteSource } from '../../source/byte-source.ts';
import { MAGIC as QCOW2_MAGIC } from '../qcow2/structures/layout.ts';
import { HEADER_OFFSETS, REGION_TABLE_OFFSETS } from '../vhdx/structures/layout.ts';
import type { DiskAnatomy } from './blocks/disk-anatomy.ts';
import type { Findings } from '../inspect/findings.ts';
import { rawAnatomy } from './blocks/raw-anatomy.ts';
import { qcow2Anatomy } from './qcow2/qcow2-anatomy.ts';
import { vhdAnatomy } from './vhd/vhd-anatomy.ts';
import { vhdSetAnatomy } from './vhd/vhd-set-anatomy.ts';
import { vhdxAnatomy } from './vhdx/vhdx-anatomy.ts';

/**
 * Reads the structures of an image of any format, however damaged: damage becomes `findings`.
 * Throws `source.*` if nothing can be read.
 */
export async function readAnatomy(
  file: ByteSource,
  findings: Findings,
  signal: AbortSignal,
): Promise<DiskAnatomy> {
  const ending = path.extname(file.name).toLowerCase();
  const start = await text(file, 0, 8, signal);
  if (start === 'vhdxfile') return vhdxAnatomy(file, findings, signal);
  if (start === 'vhdsetv1') return vhdSetAnatomy(file, findings, signal);
  if (start.startsWith(QCOW2_MAGIC)) return qcow2Anatomy(file, findings, signal);
  // A VHDX stays a VHDX if its first bytes are damaged.
  if (await looksLikeVhdx(file, signal)) return vhdxAnatomy(file, findings, signal);
  const vhd = await vhdAnatomy(file, findings, signal);
  if (vhd !== undefined) return vhd;
  return rawAnatomy(file, ending, start, findings);
}

async function looksLikeVhdx(file: ByteSource, signal: AbortSignal): Promise<boolean> {
  let signs = 0;
  for (const offset of HEADER_OFFSETS) {
    if ((await text(file, offset, 4, signal)) === 'head') signs++;
  }
  for (const offset of REGION_TABLE_OFFSETS) {
    if ((await text(file, offset, 4, signal)) === 'regi') signs++;
  }
  return signs >= 2;
}

/** Reads a signature; '' if the file ends before it. */
async function text(
  file: ByteSource,
  offset: number,
  length: number,
  signal: AbortSignal,
): Promise<string> {
  if (offset + length > file.size) return '';
  const bytes = new Uint8Array(length);
  await file.read(offset, bytes, signal);
  return String.fromCharCode(...bytes);
}
