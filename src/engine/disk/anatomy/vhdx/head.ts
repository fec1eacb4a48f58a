import { EngineError } from '../../../base/errors.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import {
  decodeFileIdentifier,
  FILE_IDENTIFIER_READ,
} from '../../vhdx/structures/file-identifier.ts';
import {
  chooseHeader,
  decodeHeader,
  type HeaderSlot,
  type VhdxHeader,
} from '../../vhdx/structures/header.ts';
import { HEADER_OFFSETS, HEADER_SIZE } from '../../vhdx/structures/layout.ts';
import { fieldNodes } from '../model/fields.ts';
import type { Findings } from '../model/findings.ts';
import { load } from '../model/load.ts';
import { node, type FieldNode } from '../model/model.ts';
import { HEADER, IDENTIFIER } from './vhdx-fields.ts';

export interface HeadAnatomy {
  readonly nodes: readonly FieldNode[];
  /** The current header; undefined if neither is usable. */
  readonly header: VhdxHeader | undefined;
  readonly slot: HeaderSlot | undefined;
}

/** Reads the identifier and both headers, and determines the current header. */
export async function headAnatomy(
  file: ByteSource,
  findings: Findings,
  signal: AbortSignal,
): Promise<HeadAnatomy> {
  const identifier = await identifierNode(file, findings, signal);
  const pages: Uint8Array[] = [];
  for (const [i, offset] of HEADER_OFFSETS.entries()) {
    const what = `VHDX header ${i + 1}`;
    pages.push((await load(file, offset, HEADER_SIZE, what, findings, signal)).bytes);
  }
  const [first = new Uint8Array(0), second = new Uint8Array(0)] = pages;
  const decoded = pages.map((page, i) => attempt(page, HEADER_OFFSETS[i] ?? 0));
  const chosen = choose(first, second, decoded, findings);
  const slot = chosen?.slot;
  const nodes = pages.map((page, i) => headerNode(page, i as HeaderSlot, decoded[i], slot));
  return { nodes: [identifier, ...nodes], header: chosen?.header, slot };
}

async function identifierNode(
  file: ByteSource,
  findings: Findings,
  signal: AbortSignal,
): Promise<FieldNode> {
  const { bytes } = await load(file, 0, FILE_IDENTIFIER_READ, 'the identifier', findings, signal);
  let sound = true;
  try {
    decodeFileIdentifier(bytes);
  } catch (error) {
    findings.caught(error, 0);
    sound = false;
  }
  const children = fieldNodes(IDENTIFIER, bytes, 0, { Signature: sound ? 'ok' : 'bad' });
  return node('File type identifier', {
    value: children[1]?.value ?? '',
    at: [0, bytes.length],
    state: sound ? 'ok' : 'bad',
    help: 'Identifies the file as a VHDX and names its creator; never rewritten (MS-VHDX 2.2.1)',
    children,
  });
}

function attempt(page: Uint8Array, offset: number): VhdxHeader | EngineError {
  try {
    return decodeHeader(page, offset);
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
}

/**
 * Reports defects of headers: as errors only if the other header cannot replace the defective one.
 */
function choose(
  first: Uint8Array,
  second: Uint8Array,
  decoded: readonly (VhdxHeader | EngineError | undefined)[],
  findings: Findings,
): { readonly header: VhdxHeader; readonly slot: HeaderSlot } | undefined {
  const report = (severity: 'error' | 'warning'): void => {
    for (const [i, each] of decoded.entries()) {
      if (!(each instanceof EngineError)) continue;
      // The log offset is the only number in a header that can be too large.
      const within = each.code === 'bytes.u64' ? 72 : 0;
      findings.caught(each, (HEADER_OFFSETS[i] ?? 0) + within, severity);
    }
  };
  try {
    const chosen = chooseHeader(first, second);
    report('warning');
    if (chosen.ambiguous) {
      findings.add(
        'anatomy.header.tie',
        'warning',
        'both headers are valid and have the same sequence number, but differ; the first is used',
        HEADER_OFFSETS[0] + 8,
      );
    }
    return chosen;
  } catch (error) {
    report('error');
    const told =
      decoded.includes(error as EngineError) || (error as EngineError).code === 'bytes.u64';
    if (!told || !(error instanceof EngineError)) findings.caught(error, HEADER_OFFSETS[0]);
    return undefined;
  }
}

function headerNode(
  page: Uint8Array,
  slot: HeaderSlot,
  decoded: VhdxHeader | EngineError | undefined,
  current: HeaderSlot | undefined,
): FieldNode {
  const offset = HEADER_OFFSETS[slot];
  const defect = decoded instanceof EngineError ? decoded.code : undefined;
  const children = fieldNodes(HEADER, page, offset, {
    Signature: defect === 'vhdx.header.signature' ? 'bad' : 'ok',
    ...(defect === 'vhdx.header.signature'
      ? {}
      : { Checksum: defect === 'vhdx.header.checksum' ? ('bad' as const) : ('ok' as const) }),
  });
  const what = slot === current ? 'current' : 'older copy';
  const state = slot === current ? 'ok' : 'old';
  return node(`Header ${slot + 1}`, {
    value: defect === undefined ? what : 'not valid',
    at: [offset, HEADER_SIZE],
    state: defect === undefined ? state : 'bad',
    help: 'One of two headers; they are written in turn, so that one is always valid (MS-VHDX 2.2.2)',
    children,
  });
}
