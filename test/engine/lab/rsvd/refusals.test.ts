import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { newGuid, NIL_GUID, type Guid } from '../../../../src/engine/base/guid.ts';
import { QUERY_CHANGES } from '../../../../src/engine/net/rsvd/codec/changes/query-changes.ts';
import { encodeTrackingStart } from '../../../../src/engine/net/rsvd/codec/changes/tracking.ts';
import { APPLY } from '../../../../src/engine/net/rsvd/codec/meta/apply.ts';
import { encodeConvert } from '../../../../src/engine/net/rsvd/codec/meta/convert.ts';
import { encodeCreateSnapshot } from '../../../../src/engine/net/rsvd/codec/meta/create-snapshot.ts';
import { encodeExtract } from '../../../../src/engine/net/rsvd/codec/meta/extract.ts';
import { RESIZE } from '../../../../src/engine/net/rsvd/codec/meta/resize.ts';
import { META, metaPayload } from '../../../../src/engine/net/rsvd/codec/meta/start.ts';
import { encodeDeviceContext } from '../../../../src/engine/net/rsvd/codec/open/device-context.ts';
import { encodeTargetSpecifier } from '../../../../src/engine/net/rsvd/codec/open/target-specifier.ts';
import {
  OPERATIONS,
  type OperationName,
} from '../../../../src/engine/net/rsvd/codec/operations.ts';
import { encodeScsiRequest } from '../../../../src/engine/net/rsvd/codec/scsi/scsi.ts';
import { SRB_REQUEST } from '../../../../src/engine/net/rsvd/codec/scsi/srb-status.ts';
import { DELETE_SNAPSHOT } from '../../../../src/engine/net/rsvd/codec/snapshots/delete-snapshot.ts';
import { SET_QUERY } from '../../../../src/engine/net/rsvd/codec/snapshots/set-information.ts';
import type { CreateContext } from '../../../../src/engine/net/smb/codec/files/create-contexts.ts';
import type { CreateRequest } from '../../../../src/engine/net/smb/codec/files/create.ts';
import { FSCTL } from '../../../../src/engine/net/smb/codec/files/ioctl.ts';
import { DIALECT } from '../../../../src/engine/net/smb/codec/protocol/constants.ts';
import { describeStatus, STATUS } from '../../../../src/engine/net/smb/status/nt-status.ts';
import { connected, open } from '../../../support/smb/hand-made-client.ts';
import { raw, rawInput, rawRead, rawWrite } from '../../../support/rsvd/raw-tunnel.ts';
import { DISK_SIZE, SET, SHARE, sharedLab, VHDX } from '../../../support/rsvd/shared-lab.ts';

const SUFFIX = ':SharedVirtualDisk';

const context = (more: Partial<Parameters<typeof encodeDeviceContext>[0]> = {}): CreateContext =>
  encodeDeviceContext({
    version: 2,
    hasInitiator: 1,
    initiatorId: newGuid(),
    flags: 0,
    originator: 1,
    requestId: 0n,
    hostName: 'Client01',
    disk: undefined,
    ...more,
  });

const cut = ({ name, data }: CreateContext, length: number): CreateContext => ({
  name,
  data: data.subarray(0, length),
});

test('opens that a server of version 2 refuses', async (t) => {
  const lab = await sharedLab(t);
  const client = await connected(t, lab.files, SHARE);
  const target = (namespace: number, snapshotType: number, snapshotId: Guid = newGuid()) =>
    encodeTargetSpecifier({ namespace, snapshotType, snapshotId });
  const table: readonly (readonly [number, string, readonly CreateContext[]])[] = [
    [0, SET, [context()]],
    [0, SET, [context({ version: 1 })]],
    [0, SET, []],
    [STATUS.bufferTooSmall, SET, [cut(context(), 167)]],
    [STATUS.bufferTooSmall, SET, [cut(context(), 191)]],
    [STATUS.invalidParameter, SET, [context({ version: 3 })]],
    [STATUS.invalidParameter, SET, [context({ hasInitiator: 2 })]],
    [STATUS.invalidParameter, SET, [target(1, 1)]],
    [STATUS.invalidParameter, SET, [target(0, 3)]],
    [STATUS.invalidParameter, SET, [target(0, 1)]],
    [STATUS.invalidDeviceRequest, VHDX, [target(0, 1)]],
  ];
  for (const [status, name, contexts] of table) {
    const more: Partial<CreateRequest> = { options: 8, contexts };
    const found = await open(client, name + SUFFIX, more);
    assert.equal(found.status, status, `${name}: ${describeStatus(found.status)}`);
  }
  // As on Windows, a missing file is made, and then it is not a disk.
  const missing = await open(client, `missing.vhds${SUFFIX}`, {
    options: 8,
    contexts: [context()],
  });
  assert.equal(missing.status, STATUS.fileCorrupt);
  assert.equal(statSync(join(lab.folder, 'missing.vhds')).size, 0);
});

test('the file below a shared disk is not opened while somebody has the disk', async (t) => {
  const lab = await sharedLab(t);
  const client = await connected(t, lab.files, SHARE);
  const file = { contexts: [context({ originator: 4 })] };
  assert.equal((await open(client, VHDX, file)).status, 0);
  assert.equal((await open(client, SET, file)).status, 0);
  const other = await connected(t, lab.files, SHARE);
  const disk = await lab.handle(SET).catch((error: { code: string }) => error.code);
  assert.equal(disk, 'rsvd.busy', 'an ordinary open that reads is in the way');
  other.destroy();
  client.destroy();
  await lab.files.lab.save();
  const handle = await lab.handle(SET);
  const third = await connected(t, lab.files, SHARE);
  assert.equal(
    (await open(third, SET, { access: 0x80, ...file })).status,
    STATUS.virtualDiskShared,
  );
  assert.equal((await open(third, SET)).status, STATUS.sharingViolation);
  await handle.close();
  assert.equal((await open(third, SET, file)).status, 0);
});

test('older dialects, and servers without a scale-out share, look for a stream', async (t) => {
  const lab = await sharedLab(t);
  const old = await connected(t, lab.files, SHARE, { dialects: [DIALECT.smb300] });
  const found = await open(old, SET + SUFFIX, { options: 8, contexts: [context()] });
  assert.equal(found.status, STATUS.objectNameNotFound);
  const { smb } = lab.files.lab.state;
  assert.ok(smb !== undefined);
  smb.shares = smb.shares.map((each) => ({ ...each, scaleOut: false }));
  const client = await connected(t, lab.files, SHARE);
  const plain = await open(client, SET + SUFFIX, { options: 8, contexts: [context()] });
  assert.equal(plain.status, STATUS.objectNameNotFound);
  assert.equal((await open(client, SET, { contexts: [context()] })).status, 0, 'ignored');
});

/** A payload that an operation accepts as far as its length goes. */
const PAYLOADS: Partial<Record<OperationName, number>> = {
  srbStatus: 28,
  diskInfo: 56,
  validateDisk: 56,
  metaProgress: 16,
  setInformation: 24,
  deleteSnapshot: 24,
  trackingStart: 56,
  queryChanges: 56,
};

test('every operation refuses a short input, a small buffer and the other control', async (t) => {
  const lab = await sharedLab(t);
  const handle = await lab.handle(SET);
  for (const [key, operation] of Object.entries(OPERATIONS)) {
    const name = key as OperationName;
    const length = PAYLOADS[name] ?? operation.input - 16;
    const most = operation.output - 1;
    const small = await raw(handle, name, Buffer.alloc(length), { most });
    assert.equal(small.smb, operation.tooSmall, `${name}: ${describeStatus(small.smb)}`);
    if (operation.input > 16) {
      const short = await raw(handle, name, Buffer.alloc(operation.input - 17));
      assert.equal(short.smb, STATUS.bufferTooSmall, name);
    }
    const other = operation.control === FSCTL.svhdxSync ? FSCTL.svhdxAsync : FSCTL.svhdxSync;
    const wrong = await raw(handle, name, Buffer.alloc(length), { control: other });
    assert.equal(wrong.tunnel, STATUS.invalidParameter, name);
  }
  const limits = { most: 4096, control: FSCTL.svhdxSync };
  assert.equal((await rawInput(handle, Buffer.alloc(15), limits)).smb, STATUS.bufferTooSmall);
  const foreign = await raw(handle, 0x0300_1001);
  assert.equal(foreign.smb, STATUS.invalidDeviceRequest);
  const unknown = await raw(handle, 0x0200_1fff);
  assert.equal(unknown.tunnel, STATUS.invalidParameter);
  assert.equal(unknown.payload.length, 0);
  assert.equal((await raw(handle, 0x0200_3001)).tunnel, STATUS.versionMismatch);
  const small = await handle
    .control(FSCTL.querySharedVirtualDiskSupport, Buffer.alloc(0), 7, '', AbortSignal.timeout(5000))
    .catch((error: { data: { status: number } }) => error.data.status);
  assert.equal(small, STATUS.bufferTooSmall);
});

test('version 1 knows neither VHD Sets nor the operations of version 2', async (t) => {
  const lab = await sharedLab(t);
  lab.files.lab.faults.set('rsvd.v1', null, null);
  const client = await connected(t, lab.files, SHARE);
  const found = await open(client, VHDX + SUFFIX, { options: 8, contexts: [context()] });
  assert.equal(found.status, STATUS.invalidParameter);
  // Our client falls back to version 1.
  const handle = await lab.handle(VHDX);
  assert.equal(handle.facts.version, 1);
  assert.deepEqual(await handle.support(AbortSignal.timeout(5000)), { support: 1, handleState: 3 });
  for (const [name, { version }] of Object.entries(OPERATIONS)) {
    const { tunnel } = await raw(handle, name as OperationName, Buffer.alloc(56));
    assert.equal(tunnel === STATUS.versionMismatch, version === 2, name);
  }
});

const scsi = (more: Partial<Parameters<typeof encodeScsiRequest>[0]> = {}): Buffer =>
  encodeScsiRequest({
    length: 36,
    cdbLength: 16,
    senseLength: 20,
    disposition: 2,
    srbFlags: 0,
    dataLength: 0,
    cdb: Buffer.alloc(16),
    data: Buffer.alloc(0),
    ...more,
  });

test('SCSI requests that are not valid are echoed with a status', async (t) => {
  const lab = await sharedLab(t);
  const handle = await lab.handle(VHDX);
  const table: readonly (readonly [string, Buffer])[] = [
    ['short', scsi().subarray(0, 35)],
    ['length', scsi({ length: 35 })],
    ['sense', scsi({ senseLength: 21 })],
    ['cdb', scsi({ cdbLength: 17 })],
    ['data', scsi({ dataLength: 8 })],
  ];
  for (const [what, payload] of table) {
    const found = await raw(handle, 'scsi', payload);
    assert.equal(found.tunnel, STATUS.invalidParameter, what);
    assert.ok(found.payload.equals(payload), `${what}: echoed`);
  }
  const nobody = await lab.handle(VHDX, { initiatorId: NIL_GUID });
  assert.equal((await raw(nobody, 'scsi', scsi())).tunnel, STATUS.invalidHandle);
  const bad = await raw(handle, 'scsi', scsi({ cdb: Buffer.from('ff'.repeat(16), 'hex') }));
  assert.equal(bad.tunnel, 0);
  assert.equal(bad.payload.readUInt8(3), 2, 'check condition');
  const unknown = await raw(handle, 'srbStatus', SRB_REQUEST.encode({ key: 9 }));
  assert.equal(unknown.tunnel, STATUS.sensesNotStored);
});

test('reads and writes that no disk has', async (t) => {
  const lab = await sharedLab(t);
  const handle = await lab.handle(VHDX);
  assert.equal((await rawRead(handle, 1, 512)).status, STATUS.invalidParameter);
  assert.equal((await rawRead(handle, 0, 100)).status, STATUS.invalidParameter);
  assert.equal((await rawRead(handle, DISK_SIZE, 512)).status, STATUS.endOfFile);
  assert.equal((await rawRead(handle, DISK_SIZE - 512, 1024)).status, STATUS.endOfFile);
  assert.equal(await rawWrite(handle, DISK_SIZE, Buffer.alloc(512)), STATUS.endOfFile);
  lab.files.lab.faults.set('rsvd.unaligned', null, null);
  assert.equal((await rawRead(handle, 1, 100)).status, 0);
});

const create = (more: Partial<Parameters<typeof encodeCreateSnapshot>[0]> = {}): Buffer =>
  encodeCreateSnapshot({
    snapshotType: 1,
    flags: 1,
    stages: [1],
    snapshotId: newGuid(),
    payloadSize: 0,
    log: undefined,
    ...more,
  });

test('meta operations that are not valid', async (t) => {
  const lab = await sharedLab(t);
  const set = await lab.handle(SET);
  const vhdx = await lab.handle(VHDX);
  const resize = (newSize: number, expandOnly = 0, unsafe = 0, shrinkToMinimum = 0) =>
    RESIZE.encode({ newSize, expandOnly, allowUnsafe: unsafe, shrinkToMinimum });
  const extract = (more: Partial<Parameters<typeof encodeExtract>[0]>) =>
    encodeExtract({
      snapshotType: 1,
      flags: 0,
      sourceId: newGuid(),
      limitId: NIL_GUID,
      name: 'copy.vhdx',
      ...more,
    });
  const apply = (snapshotType: number) => APPLY.encode({ snapshotType, snapshotId: newGuid() });
  const { createSnapshot, extract: EXTRACT, resize: RESIZING, convert, apply: APPLYING } = META;
  const log = { logNameLength: 2, logId: newGuid() };
  const table: readonly (readonly [string, number, number, Buffer])[] = [
    ['type', STATUS.invalidParameter, 9, Buffer.alloc(64)],
    ['shrink and size', STATUS.invalidParameter1, RESIZING, resize(DISK_SIZE, 0, 0, 1)],
    ['shrink and unsafe', STATUS.invalidParameter1, RESIZING, resize(0, 0, 1, 1)],
    ['expand to less', STATUS.invalidParameter, RESIZING, resize(DISK_SIZE / 2, 1)],
    ['snapshot type', STATUS.invalidParameter1, createSnapshot, create({ snapshotType: 2 })],
    ['no stage', STATUS.invalidParameter2, createSnapshot, create({ stages: [] })],
    ['gap', STATUS.invalidParameter3, createSnapshot, create({ stages: [1, 0, 2] })],
    ['order', STATUS.invalidParameter4, createSnapshot, create({ stages: [1, 1] })],
    ['flags', STATUS.invalidParameter5, createSnapshot, create({ flags: 2 })],
    ['flags late', STATUS.invalidParameter5, createSnapshot, create({ stages: [2] })],
    [
      'log name',
      STATUS.invalidParameter6,
      createSnapshot,
      create({ snapshotType: 3, flags: 0, log }),
    ],
    ['stage before', STATUS.invalidParameter, createSnapshot, create({ flags: 0, stages: [2] })],
    ['no name', STATUS.invalidParameter, EXTRACT, extract({ name: '' })],
    ['bad name', STATUS.invalidParameter, EXTRACT, extract({ name: '..\\x' })],
    ['no source', STATUS.invalidParameter, EXTRACT, extract({})],
    ['extract flags', STATUS.invalidParameter2, EXTRACT, extract({ flags: 2 })],
    ['set to set', STATUS.invalidDeviceRequest, convert, encodeConvert('x.vhds')],
    ['apply type', STATUS.invalidParameter1, APPLYING, apply(3)],
    ['apply nothing', STATUS.notFound, APPLYING, apply(1)],
  ];
  for (const [what, status, type, data] of table) {
    const found = await raw(set, 'metaStart', metaPayload(newGuid(), type, data));
    assert.equal(found.tunnel, status, `${what}: ${describeStatus(found.tunnel ?? 0)}`);
  }
  for (const [type, data] of [
    [RESIZING, Buffer.alloc(11)],
    [createSnapshot, Buffer.alloc(51)],
    [EXTRACT, Buffer.alloc(47)],
    [convert, Buffer.alloc(3)],
    [APPLYING, Buffer.alloc(19)],
  ] as const) {
    const found = await raw(set, 'metaStart', metaPayload(newGuid(), type, data));
    assert.equal(found.smb, STATUS.bufferTooSmall, `${type}`);
  }
  for (const [type, data] of [
    [createSnapshot, create()],
    [META.optimize, Buffer.alloc(0)],
    [EXTRACT, extract({})],
    [APPLYING, apply(1)],
  ] as const) {
    const found = await raw(vhdx, 'metaStart', metaPayload(newGuid(), type, data));
    assert.equal(found.tunnel, STATUS.invalidDeviceRequest, `${type}`);
  }
  const ending = metaPayload(newGuid(), convert, encodeConvert('x.vhdx'));
  assert.equal((await raw(vhdx, 'metaStart', ending)).tunnel, STATUS.invalidParameter);
});

test('questions about a set that are not valid', async (t) => {
  const lab = await sharedLab(t);
  const set = await lab.handle(SET);
  const vhdx = await lab.handle(VHDX);
  const query = (type: number, snapshotType: number) =>
    SET_QUERY.encode({ type, snapshotType, snapshotId: newGuid() });
  const changes = (snapshotType: number) =>
    QUERY_CHANGES.encode({
      targetId: newGuid(),
      limitId: newGuid(),
      snapshotType,
      offset: 0,
      length: 512,
    });
  const remove = (persistReference: number, snapshotType: number) =>
    DELETE_SNAPSHOT.encode({ snapshotId: newGuid(), persistReference, snapshotType });
  const table: readonly (readonly [OperationName, Buffer, number])[] = [
    ['setInformation', query(1, 1), STATUS.invalidParameter1],
    ['setInformation', query(2, 3), STATUS.invalidParameter1],
    ['setInformation', query(5, 2), STATUS.invalidParameter1],
    ['setInformation', query(5, 1), STATUS.notFound],
    ['setInformation', query(8, 1), STATUS.invalidParameter],
    ['setInformation', query(9, 0), STATUS.notFound],
    ['queryChanges', changes(3), STATUS.invalidParameter],
    ['queryChanges', changes(1), STATUS.notFound],
    ['deleteSnapshot', remove(0, 1), STATUS.notFound],
  ];
  for (const [name, payload, status] of table) {
    const found = await raw(set, name, payload);
    assert.equal(found.tunnel, status, `${name}: ${describeStatus(found.tunnel ?? 0)}`);
    const other = await raw(vhdx, name, payload);
    assert.equal(other.tunnel, STATUS.invalidDeviceRequest, name);
  }
  const long = Buffer.concat([query(2, 1), Buffer.alloc(1)]);
  assert.equal((await raw(set, 'setInformation', long)).smb, STATUS.bufferTooSmall);
  lab.files.lab.faults.set('rsvd.strictLog', null, null);
  const start = encodeTrackingStart({
    transactionId: newGuid(),
    logName: 'x.log',
    logId: newGuid(),
    maxLogSize: 0,
    append: 0,
  });
  assert.equal((await raw(set, 'trackingStart', start)).tunnel, STATUS.invalidParameter);
});

test('other controls and locks of a shared disk', async (t) => {
  const lab = await sharedLab(t);
  const handle = await lab.handle(SET);
  const status = (code: number) =>
    handle
      .control(code, Buffer.alloc(64), 4096, '', AbortSignal.timeout(5000))
      .then(() => 0)
      .catch((error: { data: { status: number } }) => error.data.status);
  assert.equal(await status(FSCTL.offloadRead), 0xc000_a2a3);
  assert.equal(await status(FSCTL.offloadWrite), 0xc000_a2a4);
  assert.equal(existsSync(join(lab.folder, `${SET}.lab.json`)), false, 'nothing was written');
});
