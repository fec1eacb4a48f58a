import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { newGuid, NIL_GUID, type Guid } from '../../../../src/engine/base/guid.ts';
import { openDisk } from '../../../../src/engine/disk/chain/open-disk.ts';
import {
  decodeChanges,
  QUERY_CHANGES,
} from '../../../../src/engine/net/rsvd/codec/changes/query-changes.ts';
import {
  encodeTrackingStart,
  TRACKING_PARAMETERS,
} from '../../../../src/engine/net/rsvd/codec/changes/tracking.ts';
import { DISK_INFO } from '../../../../src/engine/net/rsvd/codec/disk/disk-info.ts';
import { INITIAL_INFO } from '../../../../src/engine/net/rsvd/codec/disk/initial-info.ts';
import { APPLY } from '../../../../src/engine/net/rsvd/codec/meta/apply.ts';
import { encodeConvert } from '../../../../src/engine/net/rsvd/codec/meta/convert.ts';
import { encodeCreateSnapshot } from '../../../../src/engine/net/rsvd/codec/meta/create-snapshot.ts';
import { encodeExtract } from '../../../../src/engine/net/rsvd/codec/meta/extract.ts';
import { RESIZE } from '../../../../src/engine/net/rsvd/codec/meta/resize.ts';
import { META, metaPayload } from '../../../../src/engine/net/rsvd/codec/meta/start.ts';
import {
  decodeDeviceContext,
  DEVICE_CONTEXT,
  encodeDeviceContext,
} from '../../../../src/engine/net/rsvd/codec/open/device-context.ts';
import {
  RESERVATION,
  RESERVE_OUT,
} from '../../../../src/engine/net/rsvd/codec/scsi/persistent-reserve.ts';
import {
  decodeScsiResponse,
  encodeScsiRequest,
  type ScsiResponse,
} from '../../../../src/engine/net/rsvd/codec/scsi/scsi.ts';
import {
  decodeSrbResponse,
  SRB_REQUEST,
} from '../../../../src/engine/net/rsvd/codec/scsi/srb-status.ts';
import { DELETE_SNAPSHOT } from '../../../../src/engine/net/rsvd/codec/snapshots/delete-snapshot.ts';
import { SET_QUERY } from '../../../../src/engine/net/rsvd/codec/snapshots/set-information.ts';
import {
  operationOf,
  OPERATIONS,
  type OperationName,
} from '../../../../src/engine/net/rsvd/codec/operations.ts';
import type { RsvdHandle } from '../../../../src/engine/net/rsvd/client/handle/rsvd-handle.ts';
import {
  createContexts,
  findCreateContext,
} from '../../../../src/engine/net/smb/codec/files/create-context-kinds.ts';
import { CREATE } from '../../../../src/engine/net/smb/codec/files/create.ts';
import { connected, createRequest } from '../../../support/smb/hand-made-client.ts';
import {
  encodeReserveParameters,
  readCapacity10,
  reserveOut,
} from '../../../support/rsvd/scsi-commands.ts';
import { raw, rawRead, rawWrite } from '../../../support/rsvd/raw-tunnel.ts';
import { DISK_SIZE, SET, SHARE, sharedLab, VHDX } from '../../../support/rsvd/shared-lab.ts';

/** Sends an operation as Microsoft's cases do, and asserts what each of them asserts. */
async function ok(handle: RsvdHandle, name: OperationName, payload?: Buffer): Promise<Buffer> {
  const found = await raw(handle, name, payload);
  assert.equal(found.smb, 0, name);
  assert.equal(found.tunnel, 0, `${name}: 0x${found.tunnel?.toString(16)}`);
  assert.equal(operationOf(found.operation), name);
  return found.payload;
}

const snapshotData = (id: Guid, first: boolean): Buffer =>
  encodeCreateSnapshot({
    snapshotType: 1,
    flags: first ? 1 : 0,
    stages: first ? [1] : [2, 3, 4, 5],
    snapshotId: id,
    payloadSize: 0,
    log: undefined,
  });

async function snapshot(handle: RsvdHandle): Promise<Guid> {
  const [id, transaction] = [newGuid(), newGuid()];
  for (const first of [true, false]) {
    const payload = metaPayload(transaction, META.createSnapshot, snapshotData(id, first));
    assert.equal(payload.length + 16, 116, 'the length that Microsoft sends');
    assert.equal((await ok(handle, 'metaStart', payload)).length, 0);
  }
  return id;
}

const remove = (handle: RsvdHandle, snapshotId: Guid): Promise<Buffer> =>
  ok(
    handle,
    'deleteSnapshot',
    DELETE_SNAPSHOT.encode({ snapshotId, persistReference: 0, snapshotType: 1 }),
  );

const scsi = async (
  handle: RsvdHandle,
  cdb: Buffer,
  data: Buffer,
  direction: { disposition: number; srbFlags: number },
): Promise<ScsiResponse & { length: number }> => {
  const payload = await ok(
    handle,
    'scsi',
    encodeScsiRequest({
      length: 36,
      cdbLength: 16,
      senseLength: 20,
      ...direction,
      dataLength: data.length,
      cdb,
      data,
    }),
  );
  return { ...decodeScsiResponse(payload, 'smb.answer'), length: payload.readUInt16LE(0) };
};

const reserve = (handle: RsvdHandle, action: number, key: bigint, serviceKey = 0n) =>
  scsi(
    handle,
    reserveOut(action, RESERVATION.writeExclusiveRegistrants),
    encodeReserveParameters({ key, serviceKey }),
    { disposition: 0, srbFlags: 0x80 },
  );

const context = (version: 1 | 2, initiatorId: Guid | undefined = newGuid()) =>
  encodeDeviceContext({
    version,
    hasInitiator: initiatorId === undefined ? 0 : 1,
    initiatorId: initiatorId ?? NIL_GUID,
    flags: 0,
    originator: 1,
    requestId: 0n,
    hostName: 'Client01',
    disk: undefined,
  });

const disk = (name: string, more: Parameters<typeof createRequest>[1]) =>
  createRequest(`${name}:SharedVirtualDisk`, { access: 0x0002_0083, options: 8, ...more });

test('1, 2: disks open with the contexts of both versions', async (t) => {
  const lab = await sharedLab(t);
  const client = await connected(t, lab.files, SHARE);
  const opened = async (name: string, version: 1 | 2) => {
    const { header, bytes } = await client.request(disk(name, { contexts: [context(version)] }));
    assert.equal(header.status, 0, header.status.toString(16));
    const data = findCreateContext(CREATE.decodeResponse(bytes).contexts, DEVICE_CONTEXT);
    assert.ok(data !== undefined);
    return decodeDeviceContext(data, 'smb.answer');
  };
  const set = await opened(SET, 2);
  assert.equal(set.version, 2);
  assert.equal(set.disk?.physicalSectorSize, 4096);
  assert.equal(set.disk?.virtualSize, DISK_SIZE);
  const vhdx = await opened(VHDX, 1);
  assert.equal(vhdx.version, 1);
  assert.equal(vhdx.disk, undefined);
});

test('3: a persistent handle is opened again by its context alone', async (t) => {
  const lab = await sharedLab(t);
  const clientGuid = newGuid();
  const first = await connected(t, lab.files, SHARE, { clientGuid });
  const createGuid = newGuid();
  const durable = createContexts.durable2({ timeout: 0, flags: 2, createGuid });
  const { header, bytes } = await first.request(
    disk(VHDX, { options: 0x40, contexts: [context(1, undefined), durable] }),
  );
  assert.equal(header.status, 0);
  const answer = CREATE.decodeResponse(bytes);
  assert.equal(answer.contexts[0]?.name, 'DH2Q');
  assert.equal(answer.contexts[0]?.data.readUInt32LE(4), 2);
  first.destroy();
  const second = await connected(t, lab.files, SHARE, { clientGuid });
  const { fileId } = answer;
  const again = createContexts.reconnectDurable2({ fileId, createGuid, flags: 2 });
  const reopened = await second.request(disk(VHDX, { contexts: [again] }));
  assert.equal(reopened.header.status, 0, reopened.header.status.toString(16));
});

test('4 to 12: reads, writes, and the operations of version 1', async (t) => {
  const lab = await sharedLab(t);
  const handle = await lab.handle(VHDX);
  assert.equal((await rawRead(handle, 0, 512)).status, 0);
  assert.equal(await rawWrite(handle, 0, Buffer.alloc(512)), 0);
  assert.deepEqual(await handle.support(never), { support: 7, handleState: 3 });
  assert.deepEqual(INITIAL_INFO.decode(await ok(handle, 'initialInfo'), 'smb.answer'), {
    serverVersion: 2,
    sectorSize: 512,
    physicalSectorSize: 4096,
    virtualSize: DISK_SIZE,
  });
  const capacity = await scsi(handle, readCapacity10(), Buffer.alloc(8), {
    disposition: 1,
    srbFlags: 0x0020_014a,
  });
  assert.equal(capacity.scsiStatus, 0);
  assert.equal(capacity.srbStatus, 1);
  assert.equal(capacity.disposition, 1);
  assert.equal(capacity.length, 36);
  assert.equal(capacity.data.readUInt32BE(0), DISK_SIZE / 512 - 1);
  assert.equal((await ok(handle, 'checkConnection')).length, 0);
  const nobody = await lab.handle(VHDX, { initiatorId: NIL_GUID });
  const { status } = await rawRead(nobody, 0, 512);
  assert.equal(status, 0xc05c_0001, 'the first key is 1');
  const sense = decodeSrbResponse(
    await ok(nobody, 'srbStatus', SRB_REQUEST.encode({ key: status & 0xff })),
    'smb.answer',
  );
  assert.deepEqual([sense.key, sense.srbStatus, sense.scsiStatus], [1, 2, 2]);
  assert.equal(sense.sense.toString('hex'), `f00000000000000a${'00'.repeat(12)}`);
  const info = DISK_INFO.decode(await ok(handle, 'diskInfo', Buffer.alloc(56)), 'smb.answer');
  const { diskFormat, diskType, isMounted, is4kAligned, fileSize } = info;
  assert.deepEqual([diskFormat, diskType, isMounted, is4kAligned], [3, 3, 1, 1]);
  assert.ok(fileSize >= 2 ** 20);
  assert.equal((await ok(handle, 'validateDisk', Buffer.alloc(56))).readUInt8(0), 1);
});

test('13 to 16: persistent reservations of two initiators', async (t) => {
  const lab = await sharedLab(t);
  const [one, two] = [await lab.handle(VHDX), await lab.handle(VHDX)];
  const { registerAndIgnore, reserve: take, release, preempt } = RESERVE_OUT;
  const good = async (handle: RsvdHandle, action: number, key: bigint, service = 0n) => {
    const found = await reserve(handle, action, key, service);
    assert.equal(found.scsiStatus, 0);
    assert.equal(found.disposition, 0);
    assert.equal(found.length, 36);
  };
  await good(one, registerAndIgnore, 0n, 0x11n);
  await good(two, registerAndIgnore, 0n, 0x22n);
  await good(one, take, 0x11n);
  assert.equal((await reserve(two, take, 0x22n)).scsiStatus, 0x18);
  await good(two, preempt, 0x22n, 0x11n);
  // The first one learns that it is not registered any more, and may not write.
  assert.equal(await rawWrite(one, 0, Buffer.alloc(512)), 0xc05c_ff05);
  assert.equal(await rawWrite(one, 0, Buffer.alloc(512)), 0xc05c_ff07);
  assert.equal((await rawRead(one, 0, 512)).status, 0, 'write exclusive lets others read');
  await good(two, release, 0x22n);
  await good(one, registerAndIgnore, 0n, 0x11n);
  await good(one, take, 0x11n);
  assert.equal((await reserve(two, release, 0x22n)).scsiStatus, 0, 'not the holder: no effect');
  assert.equal((await reserve(two, take, 0x22n)).scsiStatus, 0x18);
});

test('17, 18: two clients read and write the same disk', async (t) => {
  const lab = await sharedLab(t);
  const [one, two] = [await lab.handle(VHDX), await lab.handle(VHDX)];
  const bytes = Buffer.alloc(4096, 7);
  assert.equal(await rawWrite(one, 8192, bytes), 0);
  assert.equal(await rawWrite(two, 16_384, bytes), 0);
  assert.ok((await rawRead(two, 8192, 4096)).data.equals(bytes));
  assert.ok((await rawRead(one, 16_384, 4096)).data.equals(bytes));
});

test('19, 22 to 24: snapshots are made, listed, opened and deleted', async (t) => {
  const lab = await sharedLab(t);
  const handle = await lab.handle(SET);
  const id = await snapshot(handle);
  const query = (type: number, snapshotId: Guid) =>
    ok(handle, 'setInformation', SET_QUERY.encode({ type, snapshotType: 1, snapshotId }));
  const list = await query(2, NIL_GUID);
  assert.equal(list.readUInt32LE(0), 2);
  assert.equal(list.readUInt32LE(12), 1);
  const entry = await query(5, id);
  assert.equal(entry.length, 72);
  assert.equal(entry.readUInt32LE(0), 5);
  const frozen = await lab.handle(SET, { snapshotId: id });
  assert.equal((await rawRead(frozen, 0, 512)).status, 0);
  await frozen.close();
  await remove(handle, id);
  assert.equal((await query(2, NIL_GUID)).readUInt32LE(12), 0);
});

test('20: changes between two snapshots', async (t) => {
  const lab = await sharedLab(t);
  const first = await lab.handle(SET);
  const limitId = await snapshot(first);
  await first.close();
  const handle = await lab.handle(SET);
  assert.equal(await rawWrite(handle, 0, Buffer.alloc(512, 1)), 0);
  const targetId = await snapshot(handle);
  const query = { targetId, limitId, snapshotType: 1, offset: 0, length: 1024 };
  const answer = await ok(handle, 'queryChanges', QUERY_CHANGES.encode(query));
  const { processed, ranges } = decodeChanges(answer, 'smb.answer');
  assert.equal(processed, 1024);
  assert.equal(ranges.length, 1);
  assert.equal(ranges[0]?.start, 0);
  await remove(handle, limitId);
  await remove(handle, targetId);
});

test('21: a snapshot that is applied brings back what was overwritten', async (t) => {
  const lab = await sharedLab(t);
  const first = await lab.handle(SET);
  const before = Buffer.alloc(512, 3);
  assert.equal(await rawWrite(first, 0, before), 0);
  const id = await snapshot(first);
  await first.close();
  const handle = await lab.handle(SET);
  assert.equal(await rawWrite(handle, 0, Buffer.alloc(512, 9)), 0);
  const data = APPLY.encode({ snapshotType: 1, snapshotId: id });
  await ok(handle, 'metaStart', metaPayload(newGuid(), META.apply, data));
  assert.ok((await rawRead(handle, 0, 512)).data.equals(before));
});

test('25: a shared VHDX becomes a VHD Set', async (t) => {
  const lab = await sharedLab(t);
  const handle = await lab.handle(VHDX);
  const bytes = Buffer.alloc(4096, 5);
  assert.equal(await rawWrite(handle, 4096, bytes), 0);
  const name = 'ConvertedSharedVHDSName.vhds';
  await ok(handle, 'metaStart', metaPayload(newGuid(), META.convert, encodeConvert(name)));
  const set = await lab.handle(name);
  const info = DISK_INFO.decode(await ok(set, 'diskInfo', Buffer.alloc(56)), 'smb.answer');
  assert.equal(info.diskFormat, 4);
  assert.ok((await rawRead(set, 4096, 4096)).data.equals(bytes));
});

test('26, 27: a disk is resized and optimized', async (t) => {
  const lab = await sharedLab(t);
  const handle = await lab.handle(SET);
  const values = { newSize: 2 * DISK_SIZE, expandOnly: 0, allowUnsafe: 0, shrinkToMinimum: 0 };
  const data = Buffer.concat([RESIZE.encode(values), Buffer.alloc(4)]);
  await ok(handle, 'metaStart', metaPayload(newGuid(), META.resize, data));
  await ok(handle, 'metaStart', metaPayload(newGuid(), META.optimize));
  await handle.close();
  const again = await lab.handle(SET);
  assert.equal(again.facts.disk?.virtualSize, 2 * DISK_SIZE);
});

test('28: a snapshot is extracted to a file beside the set', async (t) => {
  const lab = await sharedLab(t);
  const handle = await lab.handle(SET);
  const bytes = Buffer.alloc(4096, 6);
  assert.equal(await rawWrite(handle, 0, bytes), 0);
  const sourceId = await snapshot(handle);
  const name = newGuid();
  const data = encodeExtract({ snapshotType: 1, flags: 0, sourceId, limitId: NIL_GUID, name });
  await ok(handle, 'metaStart', metaPayload(newGuid(), META.extract, data));
  await remove(handle, sourceId);
  const { disk: extracted } = await openDisk(join(lab.folder, name), { format: 'vhdx' }, never);
  const found = Buffer.alloc(4096);
  await extracted.read(0, found, never);
  await extracted.close();
  assert.ok(found.equals(bytes));
});

test('29: log-based tracking is started, queried and stopped', async (t) => {
  const lab = await sharedLab(t);
  const handle = await lab.handle(SET);
  const start = encodeTrackingStart({
    transactionId: newGuid(),
    logName: 'changes.log',
    logId: newGuid(),
    maxLogSize: 0,
    append: 0,
  });
  assert.equal(start.readUInt32LE(16), 56, 'the name begins behind the structure');
  assert.equal((await ok(handle, 'trackingStart', start)).length, 0);
  assert.equal(await rawWrite(handle, 0, Buffer.alloc(512)), 0);
  const answer = await ok(handle, 'trackingParameters');
  assert.equal(TRACKING_PARAMETERS.decode(answer, 'smb.answer').status, 0);
  assert.equal(answer.readBigUInt64LE(0), 0n, 'read as one number, as the case does');
  assert.equal((await ok(handle, 'trackingStop')).readUInt32LE(0), 0);
  const after = await ok(handle, 'trackingParameters');
  assert.equal(after.readUInt32LE(0), 0xc03a_0020);
});

test('every operation of the table is known to the server', () => {
  assert.equal(Object.keys(OPERATIONS).length, 15);
  assert.ok(existsSync(new URL('../../../../src/engine/lab/rsvd/tunnel', import.meta.url)));
});
