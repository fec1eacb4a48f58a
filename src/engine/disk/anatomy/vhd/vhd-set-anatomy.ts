import type { ByteSource } from '../../../source/byte-source.ts';
import {
  FILE_IDENTIFIER_READ,
  FILE_IDENTIFIER_SIZE,
} from '../../vhdx/structures/file-identifier.ts';
import type { DiskAnatomy } from '../blocks/disk-anatomy.ts';
import { fieldNodes } from '../../inspect/field-nodes.ts';
import { fields } from '../../inspect/fields.ts';
import type { Findings } from '../../inspect/findings.ts';
import { load } from '../../inspect/load.ts';
import { node } from '../../inspect/model.ts';
import { NOTHING } from '../blocks/raw-anatomy.ts';

const IDENTIFIER = fields('not documented', {
  Signature: [0, 8, 'ascii', 'The letters “vhdsetv1”'],
  Creator: [8, 512, 'utf16', 'The program that created the file; informative'],
});

/** Recognises a VHD Set; decodes nothing further. */
export async function vhdSetAnatomy(
  file: ByteSource,
  findings: Findings,
  signal: AbortSignal,
): Promise<DiskAnatomy> {
  const { bytes } = await load(
    file,
    {
      offset: 0,
      length: FILE_IDENTIFIER_READ,
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
    'this is a VHD Set: it names the disk files of a shared disk. This version shows its identifier only; the data are in the .avhdx files beside it',
    0,
  );
  const head = Math.min(FILE_IDENTIFIER_SIZE, file.size);
  return {
    ...NOTHING,
    format: 'vhds',
    parts: [
      { kind: 'identifier', label: 'File type identifier', start: 0, length: head },
      ...(file.size > head
        ? [
            {
              kind: 'unknown',
              label: 'Not decoded',
              start: head,
              length: file.size - head,
            } as const,
          ]
        : []),
    ],
    tree: [
      node('File type identifier', {
        at: [0, bytes.length],
        state: 'ok',
        help: 'Identifies the file as a VHD Set',
        children: fieldNodes(IDENTIFIER, bytes, 0),
      }),
    ],
  };
}
