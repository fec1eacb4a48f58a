import { fieldNodes } from '../../inspect/field-nodes.ts';
import { node, type FieldNode } from '../../inspect/model.ts';
import type { InspectedHead } from '../../vhdx/inspect/inspect-head.ts';
import { IDENTIFIER } from '../../vhdx/structures/file-identifier.ts';
import { HEADER, type HeaderSlot } from '../../vhdx/structures/header.ts';
import { HEADER_OFFSETS, HEADER_SIZE } from '../../vhdx/structures/layout.ts';

/** Returns the nodes of the identifier and of both headers. */
export function headNodes(head: InspectedHead): readonly FieldNode[] {
  return [identifierNode(head), headerNode(head, 0), headerNode(head, 1)];
}

function identifierNode({ identifier, defects }: InspectedHead): FieldNode {
  const children = fieldNodes(IDENTIFIER, identifier, 0, defects);
  const bad = defects.some(({ offset }) => offset < HEADER_OFFSETS[0]);
  return node('File type identifier', {
    value: children[1]?.value ?? '',
    at: [0, identifier.length],
    state: bad ? 'bad' : 'ok',
    help: 'Identifies the file as a VHDX and names its creator; never rewritten (MS-VHDX 2.2.1)',
    children,
  });
}

function headerNode({ pages, headers, defects }: InspectedHead, slot: HeaderSlot): FieldNode {
  const offset = HEADER_OFFSETS[slot];
  const bad = headers.defects[slot].some(({ severity }) => severity !== 'info');
  const current = headers.chosen?.slot === slot;
  const state = current ? 'ok' : 'old';
  return node(`Header ${slot + 1}`, {
    value: bad ? 'not valid' : current ? 'current' : 'older copy',
    at: [offset, HEADER_SIZE],
    state: bad ? 'bad' : state,
    help: 'One of two headers; they are written in turn, so that one is always valid (MS-VHDX 2.2.2)',
    children: fieldNodes(HEADER, pages[slot], offset, defects),
  });
}
