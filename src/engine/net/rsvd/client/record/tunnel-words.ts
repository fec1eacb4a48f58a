/**
 * Words of RSVD in recordings of exchanges (trace/TRACE.md): tunnelled operations and opens of shared disks
 * with the fields of the specification. Contents of disks and data of SCSI commands are left out.
 */
import type { Buffer } from 'node:buffer';
import type { CommandWords } from '../../../smb/client/record/command-words.ts';
import { hex, type Fact } from '../../../smb/client/record/fact-lines.ts';
import { fileOf } from '../../../smb/client/record/file-words.ts';
import { joined } from '../../../smb/client/wire/pieces.ts';
import { FSCTL, IOCTL } from '../../../smb/codec/files/ioctl.ts';
import { describeStatus } from '../../../smb/status/nt-status.ts';
import { QUERY_CHANGES } from '../../codec/changes/query-changes.ts';
import {
  decodeTrackingStart,
  TRACKING_PARAMETERS,
  TRACKING_STOPPED,
} from '../../codec/changes/tracking.ts';
import { DISK_INFO } from '../../codec/disk/disk-info.ts';
import { INITIAL_INFO } from '../../codec/disk/initial-info.ts';
import { SAFE_SIZE } from '../../codec/disk/safe-size.ts';
import { VALIDATE_DISK } from '../../codec/disk/validate-disk.ts';
import type { Structure } from '../../codec/layout/structure.ts';
import { PROGRESS, PROGRESS_REQUEST } from '../../codec/meta/start.ts';
import { operationOf, OPERATIONS, type OperationName } from '../../codec/operations.ts';
import { SUPPORT } from '../../codec/open/support.ts';
import { SRB_REQUEST } from '../../codec/scsi/srb-status.ts';
import { DELETE_SNAPSHOT } from '../../codec/snapshots/delete-snapshot.ts';
import { TUNNEL } from '../../codec/tunnel.ts';
import { metaFacts } from './meta-facts.ts';
import { scsiAnswerFacts, scsiRequestFacts, srbAnswerFacts } from './scsi-facts.ts';
import { changesFacts, removedPayload, setQueryFacts } from './set-facts.ts';
import { structureFacts } from './structure-facts.ts';

/** The payload of an operation in words. */
interface OperationWords {
  readonly facts: readonly Fact[];
  /** More precise name for one line; the name of the operation if absent. */
  readonly name?: string;
  readonly changes?: boolean;
  readonly answer?: (payload: Buffer) => readonly Fact[];
}

const fields =
  (structure: Structure, sender: 'smb.request' | 'smb.answer') =>
  (payload: Buffer): Fact[] =>
    structureFacts(structure, structure.decode(payload, sender));

const asked = (structure: Structure) => fields(structure, 'smb.request');
const answered = (structure: Structure) => fields(structure, 'smb.answer');

const PAYLOADS: Readonly<Record<OperationName, (payload: Buffer) => OperationWords>> = {
  initialInfo: () => ({ facts: [], answer: answered(INITIAL_INFO) }),
  scsi: (payload) => ({ ...scsiRequestFacts(payload), answer: scsiAnswerFacts }),
  checkConnection: () => ({ facts: [] }),
  srbStatus: (payload) => ({ facts: asked(SRB_REQUEST)(payload), answer: srbAnswerFacts }),
  diskInfo: () => ({ facts: [], answer: answered(DISK_INFO) }),
  validateDisk: () => ({ facts: [], answer: answered(VALIDATE_DISK) }),
  metaStart: (payload) => ({ ...metaFacts(payload), changes: true }),
  metaProgress: (payload) => ({
    facts: asked(PROGRESS_REQUEST)(payload),
    answer: answered(PROGRESS),
  }),
  setInformation: (payload) => setQueryFacts(payload),
  deleteSnapshot: (payload) => ({ facts: asked(DELETE_SNAPSHOT)(payload), changes: true }),
  trackingParameters: () => ({ facts: [], answer: answered(TRACKING_PARAMETERS) }),
  trackingStart: (payload) => {
    const { logId, logName, maxLogSize } = decodeTrackingStart(payload, 'smb.request');
    const facts: Fact[] = [
      ['LogFileId', logId],
      ['LogFileName', logName],
      ['MaxLogFileSize', String(maxLogSize)],
    ];
    return { facts, changes: true };
  },
  trackingStop: () => ({ facts: [], changes: true, answer: answered(TRACKING_STOPPED) }),
  queryChanges: (payload) => ({ facts: asked(QUERY_CHANGES)(payload), answer: changesFacts }),
  safeSize: () => ({ facts: [], answer: answered(SAFE_SIZE) }),
};

/** Words of a control of RSVD: the tunnel, or the query of its support. */
export const tunnelWords: CommandWords = (message, names) => {
  const { code, fileId, input, maxOutputResponse } = IOCTL.decodeRequest(message);
  const { short, fact } = fileOf(fileId, names);
  const most: Fact = ['maximum of the output', `${maxOutputResponse} bytes`];
  const output = (pieces: Parameters<typeof joined>[0]): Buffer =>
    IOCTL.decodeResponse(joined(pieces)).output;
  if (code === FSCTL.querySharedVirtualDiskSupport) {
    return {
      about: `${short}: QUERY_SHARED_VIRTUAL_DISK_SUPPORT`,
      facts: [['control', 'QUERY_SHARED_VIRTUAL_DISK_SUPPORT'], fact, most],
      answered: ({ pieces }) => answered(SUPPORT)(output(pieces)),
    };
  }
  const { operation, requestId } = TUNNEL.decode(input, 'smb.request');
  const key = operationOf(operation);
  const title = key === undefined ? hex(operation) : OPERATIONS[key].name;
  const payload = input.subarray(TUNNEL.size);
  const words: OperationWords =
    key === undefined ? { facts: removedPayload(payload) } : PAYLOADS[key](payload);
  const { name, changes = false, answer } = words;
  return {
    about: `${short}: ${title}${name === undefined ? '' : ` ${name}`}`,
    changes,
    facts: [
      ['control', code === FSCTL.svhdxAsync ? 'asynchronous tunnel' : 'tunnel'],
      ['operation', title],
      ['RequestId', String(requestId)],
      fact,
      ...words.facts,
      most,
    ],
    answered: ({ pieces }) => answerFacts(output(pieces), answer),
  };
};

/** The payload of an answer is valid only if the operation succeeded. */
function answerFacts(output: Buffer, answer: OperationWords['answer']): readonly Fact[] {
  const { status, requestId } = TUNNEL.decode(output, 'smb.answer');
  const payload = output.subarray(TUNNEL.size);
  return [
    ['RequestId', String(requestId)],
    ['tunnel status', status === 0 ? 'success' : describeStatus(status)],
    ...(status !== 0 || answer === undefined ? removedPayload(payload) : answer(payload)),
  ];
}
