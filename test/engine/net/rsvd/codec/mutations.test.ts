import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isEngineError } from '../../../../../src/engine/base/errors.ts';
import { newGuid } from '../../../../../src/engine/base/guid.ts';
import {
  decodeChanges,
  encodeChanges,
} from '../../../../../src/engine/net/rsvd/codec/changes/query-changes.ts';
import {
  decodeTrackingStart,
  encodeTrackingStart,
} from '../../../../../src/engine/net/rsvd/codec/changes/tracking.ts';
import {
  decodeConvert,
  encodeConvert,
} from '../../../../../src/engine/net/rsvd/codec/meta/convert.ts';
import { decodeCreateSnapshot } from '../../../../../src/engine/net/rsvd/codec/meta/create-snapshot.ts';
import {
  decodeExtract,
  encodeExtract,
} from '../../../../../src/engine/net/rsvd/codec/meta/extract.ts';
import { decodeDeviceContext } from '../../../../../src/engine/net/rsvd/codec/open/device-context.ts';
import {
  decodeTargetSpecifier,
  encodeTargetSpecifier,
} from '../../../../../src/engine/net/rsvd/codec/open/target-specifier.ts';
import {
  decodeScsiRequest,
  decodeScsiResponse,
} from '../../../../../src/engine/net/rsvd/codec/scsi/scsi.ts';
import { decodeSrbResponse } from '../../../../../src/engine/net/rsvd/codec/scsi/srb-status.ts';
import {
  decodeSnapshotList,
  encodeSnapshotList,
  SNAPSHOT_ENTRY,
} from '../../../../../src/engine/net/rsvd/codec/snapshots/set-information.ts';
import { DISK_INFO } from '../../../../../src/engine/net/rsvd/codec/disk/disk-info.ts';
import { describeSense } from '../../../../../src/engine/net/rsvd/codec/scsi/sense.ts';
import { TUNNEL } from '../../../../../src/engine/net/rsvd/codec/tunnel.ts';
import { IOCTL } from '../../../../../src/engine/net/smb/codec/files/ioctl.ts';
import { mutate, random } from '../../../../support/smb/mutate.ts';
import { readPcap } from '../../../../support/smb/wire/pcap.ts';

/** Mutated payloads; `npm run fuzz:rsvd` makes it a million. */
const ROUNDS = Number(process.env['REFPOINT_RSVD_MUTATIONS'] ?? 20_000);
const SEED = Number(process.env['REFPOINT_RSVD_SEED'] ?? 1);
/** Processor time that a payload may take, in milliseconds, and bytes that it may take. */
const SLOWEST = 1000;
const MOST_BYTES = 32 * 2 ** 20;

/** Every decoder of a payload: any of them meets any bytes. */
const DECODERS: readonly ((bytes: Buffer) => unknown)[] = [
  (bytes) => TUNNEL.decode(bytes, 'smb.answer'),
  (bytes) => decodeDeviceContext(bytes, 'smb.answer'),
  (bytes) => decodeTargetSpecifier(bytes, 'smb.answer'),
  (bytes) => decodeScsiRequest(bytes, 'smb.answer'),
  (bytes) => describeSense(decodeScsiResponse(bytes, 'smb.answer').sense),
  (bytes) => describeSense(decodeSrbResponse(bytes, 'smb.answer').sense),
  (bytes) => decodeCreateSnapshot(bytes, 'smb.answer'),
  (bytes) => decodeExtract(bytes, 'smb.answer'),
  (bytes) => decodeConvert(bytes, 'smb.answer'),
  (bytes) => decodeSnapshotList(bytes, 'smb.answer'),
  (bytes) => SNAPSHOT_ENTRY.decode(bytes, 'smb.answer'),
  (bytes) => decodeChanges(bytes, 'smb.answer'),
  (bytes) => decodeTrackingStart(bytes, 'smb.answer'),
  (bytes) => DISK_INFO.decode(bytes, 'smb.answer'),
];

function corpus(): Buffer[] {
  const fixture = new URL('../../../../support/smb/wire/rsvd-synthetic.pcap', import.meta.url);
  const recorded = readPcap(readFileSync(fixture))
    .filter(({ bytes }) => bytes.readUInt16LE(12) === 11)
    .map(({ from, bytes }) =>
      from === 'client' ? IOCTL.decodeRequest(bytes).input : IOCTL.decodeResponse(bytes).output,
    );
  const [a, b] = [newGuid(), newGuid()];
  const ids = { sourceId: a, limitId: b };
  return [
    ...recorded.flatMap((each) => [each, each.subarray(16), each.subarray(40)]),
    encodeChanges({ processed: 2 ** 30, ranges: [{ start: 0, length: 512 }] }),
    encodeSnapshotList({ count: 2, ids: [a, b] }),
    encodeExtract({ snapshotType: 1, flags: 0, ...ids, name: 'copy.vhdx' }),
    encodeConvert('set.vhds'),
    encodeTrackingStart({ transactionId: a, logId: b, logName: 'log', maxLogSize: 0, append: 0 }),
    encodeTargetSpecifier({ namespace: 0, snapshotType: 1, snapshotId: a }).data,
  ];
}

test('payloads that were changed anywhere are decoded, or rejected with a code', () => {
  const all = corpus();
  assert.ok(all.length > 60, `${all.length} payloads`);
  const next = random(SEED);
  let rejected = 0;
  let decoded = 0;
  let slowest = 0;
  const before = process.memoryUsage().arrayBuffers;
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = mutate(all[next(all.length)] as Buffer, next);
    const decode = DECODERS[next(DECODERS.length)] as (bytes: Buffer) => unknown;
    const began = process.cpuUsage();
    try {
      decode(bytes);
      decoded++;
    } catch (error) {
      rejected++;
      const where = `round ${round}, seed ${SEED}, ${bytes.toString('hex')}`;
      assert.ok(isEngineError(error, 'smb.answer'), `${String(error)}: ${where}`);
    }
    const { user, system } = process.cpuUsage(began);
    slowest = Math.max(slowest, (user + system) / 1000);
  }
  assert.ok(
    decoded > ROUNDS / 20 && rejected > ROUNDS / 20,
    `${decoded} decoded, ${rejected} rejected`,
  );
  assert.ok(slowest < SLOWEST, `one took ${slowest} ms`);
  assert.ok(process.memoryUsage().arrayBuffers - before < MOST_BYTES, 'bounded memory');
});

test('counts and lengths that a payload does not have are rejected before anything is made', () => {
  const list = encodeSnapshotList({ count: 1, ids: [newGuid()] });
  list.writeUInt32LE(0xffff_ffff, 12);
  assert.throws(() => decodeSnapshotList(list, 'smb.answer'), { code: 'smb.answer' });
  const changes = encodeChanges({ processed: 512, ranges: [] });
  changes.writeUInt32LE(0xffff_ffff, 8);
  assert.throws(() => decodeChanges(changes, 'smb.answer'), { code: 'smb.answer' });
  const name = encodeConvert('x.vhds');
  name.writeUInt32LE(0xffff_fffe, 0);
  assert.throws(() => decodeConvert(name, 'smb.answer'), { code: 'smb.answer' });
});
