import { Buffer } from 'node:buffer';
import type { CommandWords } from '../../../smb/client/record/command-words.ts';
import { named, type Fact } from '../../../smb/client/record/fact-lines.ts';
import { createWords } from '../../../smb/client/record/file-words.ts';
import { joined } from '../../../smb/client/wire/pieces.ts';
import {
  CREATE_CONTEXT,
  findCreateContext,
} from '../../../smb/codec/files/create-context-kinds.ts';
import type { CreateContext } from '../../../smb/codec/files/create-contexts.ts';
import { CREATE } from '../../../smb/codec/files/create.ts';
import { SNAPSHOT_TYPE } from '../../codec/meta/create-snapshot.ts';
import {
  decodeDeviceContext,
  DEVICE_CONTEXT,
  ORIGINATOR,
} from '../../codec/open/device-context.ts';
import { decodeTargetSpecifier } from '../../codec/open/target-specifier.ts';

/** Words of the open of a shared disk: those of CREATE, and what its two contexts say. */
export const sharedOpenWords: CommandWords = (message, names) => {
  const words = createWords(message, names);
  const { contexts } = CREATE.decodeRequest(message);
  return {
    ...words,
    facts: [...words.facts, ...contextFacts(contexts, 'smb.request')],
    answered: (answer) => [
      ...(words.answered?.(answer) ?? []),
      ...contextFacts(CREATE.decodeResponse(joined(answer.pieces)).contexts, 'smb.answer'),
    ],
  };
};

function contextFacts(
  contexts: readonly CreateContext[],
  sender: 'smb.request' | 'smb.answer',
): Fact[] {
  const device = findCreateContext(contexts, DEVICE_CONTEXT);
  const target = findCreateContext(contexts, CREATE_CONTEXT.extendedAttributes);
  return [
    ...(device === undefined ? [] : deviceFacts(device, sender)),
    ...(target === undefined ? [] : targetFacts(target, sender)),
  ];
}

function deviceFacts(data: Uint8Array, sender: 'smb.request' | 'smb.answer'): Fact[] {
  const { version, initiatorId, hasInitiator, originator, hostName, disk } = decodeDeviceContext(
    data,
    sender,
  );
  return [
    ['SVHDX context', `version ${version}`],
    ['InitiatorId', hasInitiator === 0 ? 'none' : initiatorId],
    ['InitiatorHostName', hostName],
    ['OriginatorFlags', named(originator, ORIGINATOR)],
    ...(disk === undefined
      ? []
      : ([
          ['ServerServiceVersion', String(disk.serverVersion)],
          ['VirtualSectorSize', `${disk.sectorSize} bytes`],
          ['PhysicalSectorSize', `${disk.physicalSectorSize} bytes`],
          ['VirtualSize', `${disk.virtualSize} bytes`],
        ] satisfies Fact[])),
  ];
}

function targetFacts(data: Uint8Array, sender: 'smb.request' | 'smb.answer'): Fact[] {
  const target = decodeTargetSpecifier(Buffer.from(data), sender);
  if (target === undefined) return [];
  return [
    ['RSVD_TARGET_SPECIFIER_EA', named(target.snapshotType, SNAPSHOT_TYPE)],
    ['SnapshotID', target.snapshotId],
  ];
}
