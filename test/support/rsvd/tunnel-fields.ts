import assert from 'node:assert/strict';
import {
  decodeCreateSnapshot,
  encodeCreateSnapshot,
} from '../../../src/engine/net/rsvd/codec/meta/create-snapshot.ts';
import {
  META,
  META_START,
  PROGRESS,
  PROGRESS_REQUEST,
} from '../../../src/engine/net/rsvd/codec/meta/start.ts';
import { APPLY } from '../../../src/engine/net/rsvd/codec/meta/apply.ts';
import { decodeConvert } from '../../../src/engine/net/rsvd/codec/meta/convert.ts';
import { RESIZE } from '../../../src/engine/net/rsvd/codec/meta/resize.ts';
import { operationOf, type OperationName } from '../../../src/engine/net/rsvd/codec/operations.ts';
import { DISK_INFO } from '../../../src/engine/net/rsvd/codec/disk/disk-info.ts';
import { INITIAL_INFO } from '../../../src/engine/net/rsvd/codec/disk/initial-info.ts';
import { SAFE_SIZE } from '../../../src/engine/net/rsvd/codec/disk/safe-size.ts';
import { VALIDATE_DISK } from '../../../src/engine/net/rsvd/codec/disk/validate-disk.ts';
import { DELETE_SNAPSHOT } from '../../../src/engine/net/rsvd/codec/snapshots/delete-snapshot.ts';
import {
  SET_INFORMATION,
  SET_QUERY,
  SNAPSHOT_ENTRY,
} from '../../../src/engine/net/rsvd/codec/snapshots/set-information.ts';
import {
  decodeScsiRequest,
  decodeScsiResponse,
} from '../../../src/engine/net/rsvd/codec/scsi/scsi.ts';
import { SRB_REQUEST } from '../../../src/engine/net/rsvd/codec/scsi/srb-status.ts';
import { TUNNEL } from '../../../src/engine/net/rsvd/codec/tunnel.ts';

/** Values by tshark's names of fields, without `rsvd.svhdx_`. */
type Named = Readonly<Record<string, string | number | bigint | Buffer>>;

const meta = (payload: Buffer): Named => {
  const { transactionId, type } = META_START.decode(payload, 'smb.request');
  const head = { 'meta_operation.transaction_id': transactionId, 'meta_operation.type': type };
  const data = payload.subarray(META_START.size);
  if (type === META.createSnapshot) {
    const { snapshotType, flags, stages, snapshotId, payloadSize } = decodeCreateSnapshot(
      data,
      'smb.request',
    );
    assert.ok(encodeCreateSnapshot(decodeCreateSnapshot(data, 'smb.request')).length >= 52);
    return {
      ...head,
      snapshot_type: snapshotType,
      'meta_operation.create_snapshot_flags': flags,
      ...Object.fromEntries(
        stages.map((stage, at) => [`meta_operation.create_snapshot_stage${at + 1}`, stage]),
      ),
      snapshot_id: snapshotId,
      'meta_operation.create_snapshot_params_payload_size': payloadSize,
    };
  }
  if (type === META.resize) {
    return { ...head, 'meta_operation.new_size': RESIZE.decode(data, 'smb.request').newSize };
  }
  if (type === META.apply) {
    const { snapshotType, snapshotId } = APPLY.decode(data, 'smb.request');
    return { ...head, snapshot_type: snapshotType, snapshot_id: snapshotId };
  }
  if (type === META.convert) {
    return { ...head, 'meta_operation.dst_vhdset_name': decodeConvert(data, 'smb.request') };
  }
  return head;
};

const REQUESTS: Partial<Record<OperationName, (payload: Buffer) => Named>> = {
  scsi: (payload) => {
    const { length, cdbLength, senseLength, disposition, srbFlags, dataLength, cdb } =
      decodeScsiRequest(payload, 'smb.request');
    return {
      length,
      scsi_cdb_length: cdbLength,
      scsi_sense_info_ex_length: senseLength,
      scsi_data_in: disposition,
      scsi_srbflags: srbFlags,
      scsi_data_transfer_length: dataLength,
      scsi_cdb: cdb.subarray(0, cdbLength),
    };
  },
  srbStatus: (payload) => ({ srb_status_key: SRB_REQUEST.decode(payload, 'smb.request').key }),
  metaStart: meta,
  metaProgress: (payload) => ({
    'meta_operation.transaction_id': PROGRESS_REQUEST.decode(payload, 'smb.request').transactionId,
  }),
  setInformation: (payload) => {
    const { type, snapshotType, snapshotId } = SET_QUERY.decode(payload, 'smb.request');
    return {
      vhdset_information_type: type,
      snapshot_type: snapshotType,
      snapshot_id: snapshotId,
    };
  },
  deleteSnapshot: (payload) => {
    const { snapshotId, persistReference, snapshotType } = DELETE_SNAPSHOT.decode(
      payload,
      'smb.request',
    );
    return {
      snapshot_id: snapshotId,
      delete_snapshot_persist_reference: persistReference,
      snapshot_type: snapshotType,
    };
  },
};

const RESPONSES: Partial<Record<OperationName, (payload: Buffer) => Named>> = {
  initialInfo: (payload) => {
    const found = INITIAL_INFO.decode(payload, 'smb.answer');
    return {
      file_info_server_version: found.serverVersion,
      file_info_sector_size: found.sectorSize,
      file_info_physical_sector_size: found.physicalSectorSize,
      file_info_virtual_size: found.virtualSize,
    };
  },
  scsi: (payload) => {
    const found = decodeScsiResponse(payload, 'smb.answer');
    return {
      srb_status: found.srbStatus,
      scsi_status: found.scsiStatus,
      scsi_cdb_length: found.cdbLength,
      scsi_data_in: found.disposition,
      scsi_srbflags: found.srbFlags,
      scsi_data_transfer_length: found.data.length,
      ...(found.data.length === 0 ? {} : { scsi_data: found.data }),
    };
  },
  srbStatus: (payload) => ({ srb_status_key: payload.readUInt8(0) }),
  diskInfo: (payload) => {
    const found = DISK_INFO.decode(payload, 'smb.answer');
    return {
      disk_info_disk_type: found.diskType,
      disk_info_disk_format: found.diskFormat,
      disk_info_blocksize: found.blockSize,
      disk_info_linkage_id: found.linkageId,
      disk_info_file_size: found.fileSize,
      disk_info_virtual_disk_id: found.diskId,
    };
  },
  validateDisk: (payload) => ({
    validate_disk_is_valid_disk: VALIDATE_DISK.decode(payload, 'smb.answer').isValid,
  }),
  metaProgress: (payload) => {
    const { current, complete } = PROGRESS.decode(payload, 'smb.answer');
    return {
      'query_progress.current_progress': current,
      'query_progress.complete_value': complete,
    };
  },
  setInformation: (payload) => {
    const type = payload.readUInt32LE(0);
    if (type !== SET_INFORMATION.snapshotEntry) return { vhdset_information_type: type };
    const found = SNAPSHOT_ENTRY.decode(payload, 'smb.answer');
    return {
      vhdset_information_type: type,
      snapshot_type: found.snapshotType,
      vhdset_is_valid_snapshot: found.isValid,
      snapshot_id: found.snapshotId,
      vhdxset_parent_snapshot_id: found.parentId,
      vhdxset_log_file_id: found.logId,
    };
  },
  safeSize: (payload) => ({ safe_size: SAFE_SIZE.decode(payload, 'smb.answer').safeSize }),
};

const textOf = (value: string | number | bigint | Buffer): string =>
  Buffer.isBuffer(value) ? value.toString('hex') : String(value);

/** Decodes a tunnelled message with our codec into tshark's names. */
export function tunnelFields(
  message: Buffer,
  from: 'client' | 'server',
): { readonly operation: OperationName; readonly fields: Readonly<Record<string, string>> } {
  const sender = from === 'client' ? 'smb.request' : 'smb.answer';
  const { operation: code, status, requestId } = TUNNEL.decode(message, sender);
  const operation = operationOf(code);
  assert.ok(operation !== undefined, `0x${code.toString(16)}`);
  const payload = message.subarray(TUNNEL.size);
  const decode = (from === 'client' ? REQUESTS : RESPONSES)[operation];
  const head = { operation_code: code, status, request_id: requestId };
  const named = { ...head, ...(status === 0 ? decode?.(payload) : undefined) };
  const fields = Object.entries(named).map(([name, value]) => [
    `rsvd.svhdx_${name}`,
    textOf(value),
  ]);
  return { operation, fields: Object.fromEntries(fields) as Record<string, string> };
}

/** Fields of tshark as texts: numbers are decimal, bytes are hexadecimal without colons. */
export function tsharkFields(layer: unknown): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const walk = (each: unknown): void => {
    for (const [name, value] of Object.entries(each as object)) {
      if (typeof value === 'object' && value !== null) walk(value);
      else if (name.startsWith('rsvd.') && typeof value === 'string') found[name] = normal(value);
    }
  };
  walk(layer);
  return found;
}

/** Fields of bytes, which look like decimal numbers if they are short. */
const normal = (text: string): string => {
  if (/^(?:0x[0-9a-f]+|\d+)$/i.test(text)) return BigInt(text).toString();
  return /^[0-9a-f]{2}(?::[0-9a-f]{2})+$/i.test(text) ? text.replaceAll(':', '') : text;
};
