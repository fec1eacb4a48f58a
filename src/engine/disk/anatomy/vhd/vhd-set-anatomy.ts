import type { ByteSource } from '../../../source/byte-source.ts';
import { readSet } from '../../vhds/read-set.ts';
import { SET_HEADER, SET_IDENTIFIER } from '../../vhds/set-fields.ts';
import { SET_HEADER_SIZE } from '../../vhds/set-header.ts';
import { FILE_IDENTIFIER_SIZE } from '../../vhdx/structures/file-identifier.ts';
import type { DiskAnatomy } from '../blocks/disk-anatomy.ts';
import { NOTHING } from '../blocks/raw-anatomy.ts';
import { fieldNodes } from '../../inspect/field-nodes.ts';
import { sizeOf } from '../../inspect/fields.ts';
import { plain } from '../../inspect/plain.ts';
import type { Findings } from '../../inspect/findings.ts';
import { load } from '../../inspect/load.ts';
import { node, type FilePart } from '../../inspect/model.ts';
import { tiled } from './vhd-file-parts.ts';

/** Shows what is known of a VHD Set. The disk is in its backing file, which counts as its parent. */
export async function vhdSetAnatomy(
  file: ByteSource,
  findings: Findings,
  signal: AbortSignal,
): Promise<DiskAnatomy> {
  const { bytes } = await load(
    file,
    {
      offset: 0,
      length: sizeOf(SET_IDENTIFIER),
      what: 'the identifier',
      code: 'anatomy.vhdSet.truncated',
      section: 'not documented',
    },
    findings,
    signal,
  );
  findings.add(
    'anatomy.vhdSet',
    'info',
    'this is a VHD Set: it names the disk files of a shared disk. The data are in the .avhdx files beside it',
    0,
  );
  const { headers, header, backing, defects } = await readSet(file, signal);
  findings.defects(defects);
  const known: FilePart[] = [
    {
      kind: 'identifier',
      label: 'File type identifier',
      start: 0,
      length: Math.min(FILE_IDENTIFIER_SIZE, file.size),
    },
  ];
  for (const { offset: start } of headers) {
    known.push({ kind: 'header', label: 'Header', start, length: SET_HEADER_SIZE });
  }
  const nameAt = header?.nameOffset ?? null;
  if (header !== undefined) {
    const { nameOffset: start, nameLength: length } = header;
    known.push({ kind: 'metadata', label: 'Name of the backing file', start, length });
  }
  return {
    ...NOTHING,
    format: 'vhds',
    parts: tiled(known, { kind: 'unknown', label: 'Not known' }, file.size),
    tree: [
      node('File type identifier', {
        at: [0, bytes.length],
        state: 'ok',
        help: 'Identifies the file as a VHD Set',
        children: fieldNodes(SET_IDENTIFIER, bytes, 0),
      }),
      ...headers.map(({ offset, bytes: own, sound }, i) =>
        node(`Header ${i + 1}`, {
          value: sound ? 'valid' : 'damaged',
          at: [offset, own.length],
          state: sound ? 'ok' : 'bad',
          help: 'Names the backing file (not documented)',
          children: fieldNodes(SET_HEADER, own, offset, defects),
        }),
      ),
      ...(header === undefined || backing === undefined
        ? []
        : [
            node('Backing file', {
              value: plain(backing),
              at: [header.nameOffset, header.nameLength],
              help: 'The VHDX beside this file that holds the disk (not documented)',
            }),
          ]),
    ],
    locator: backing === undefined ? undefined : new Map([['relative_path', `.\\${backing}`]]),
    locatorAt: nameAt,
  };
}
