import type { Buffer } from 'node:buffer';
import { removed } from '../../../smb/client/record/command-words.ts';
import { hex, named, type Fact } from '../../../smb/client/record/fact-lines.ts';
import { SCSI, SERVICE_ACTION } from '../../codec/scsi/cdb.ts';
import {
  decodeScsiRequest,
  decodeScsiResponse,
  DIRECTION,
  SCSI_STATUS,
  SRB_STATUS,
} from '../../codec/scsi/scsi.ts';
import { describeSense } from '../../codec/scsi/sense.ts';
import { decodeSrbResponse } from '../../codec/scsi/srb-status.ts';

/** Commands that may change the disk or who may use it. */
const CHANGING: readonly number[] = [SCSI.write10, SCSI.write16, SCSI.unmap, SCSI.reserveOut];

/** Name of a command by its block: `read capacity16` for SERVICE ACTION IN. */
function commandName(cdb: Buffer): string {
  const code = cdb[0] ?? 0;
  return code === SCSI.serviceActionIn16
    ? named((cdb[1] ?? 0) & 31, SERVICE_ACTION)
    : named(code, SCSI);
}

/** Facts of a tunnelled command: its name and block, without its data. */
export function scsiRequestFacts(payload: Buffer): {
  facts: Fact[];
  name: string;
  changes: boolean;
} {
  const { cdb, disposition, dataLength, data } = decodeScsiRequest(payload, 'smb.request');
  const [direction = hex(disposition)] =
    Object.entries(DIRECTION).find(([, each]) => each.disposition === disposition) ?? [];
  const name = commandName(cdb);
  const facts: Fact[] = [
    ['command', name],
    ['CDB', cdb.toString('hex')],
    ['direction', direction.replace('Device', ' device')],
    ['DataTransferLength', `${dataLength} bytes`],
    ['data', removed(data.length)],
  ];
  return { facts, name, changes: CHANGING.includes(cdb[0] ?? 0) };
}

export function scsiAnswerFacts(payload: Buffer): Fact[] {
  const { srbStatus, scsiStatus, sense, data } = decodeScsiResponse(payload, 'smb.answer');
  return [...statusFacts(srbStatus, scsiStatus, sense), ['data', removed(data.length)]];
}

/** Facts of the stored result of a failed read or write. */
export function srbAnswerFacts(payload: Buffer): Fact[] {
  const { key, srbStatus, scsiStatus, sense } = decodeSrbResponse(payload, 'smb.answer');
  return [['StatusKey', String(key)], ...statusFacts(srbStatus, scsiStatus, sense)];
}

const statusFacts = (srbStatus: number, scsiStatus: number, sense: Buffer): Fact[] => [
  ['SrbStatus', named(srbStatus, SRB_STATUS)],
  ['ScsiStatus', named(scsiStatus, SCSI_STATUS)],
  ['sense', scsiStatus === SCSI_STATUS.good ? 'none' : describeSense(sense)],
];
