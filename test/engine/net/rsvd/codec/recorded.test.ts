import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  decodeDeviceContext,
  encodeDeviceContext,
  DEVICE_CONTEXT,
} from '../../../../../src/engine/net/rsvd/codec/open/device-context.ts';
import { SUPPORT } from '../../../../../src/engine/net/rsvd/codec/open/support.ts';
import {
  decodeChanges,
  QUERY_CHANGES,
} from '../../../../../src/engine/net/rsvd/codec/changes/query-changes.ts';
import { TUNNEL } from '../../../../../src/engine/net/rsvd/codec/tunnel.ts';
import { CREATE } from '../../../../../src/engine/net/smb/codec/files/create.ts';
import { findCreateContext } from '../../../../../src/engine/net/smb/codec/files/create-context-kinds.ts';
import { FSCTL, IOCTL } from '../../../../../src/engine/net/smb/codec/files/ioctl.ts';
import { decodeHeader } from '../../../../../src/engine/net/smb/codec/protocol/header.ts';
import { temporaryFolder } from '../../../../support/files/temporary-folder.ts';
import { peer } from '../../../../support/process/peers.ts';
import { dissectTunnel } from '../../../../support/rsvd/tshark-tunnel.ts';
import { tunnelFields } from '../../../../support/rsvd/tunnel-fields.ts';
import { readPcap, writePcap } from '../../../../support/smb/wire/pcap.ts';

const fixture = new URL('../../../../support/smb/wire/rsvd-synthetic.pcap', import.meta.url);
const frames = readPcap(readFileSync(fixture));

const isTunnel = (bytes: Buffer): boolean => {
  const code = bytes.readUInt32LE(64 + 4);
  return bytes.readUInt16LE(12) === 11 && (code === FSCTL.svhdxSync || code === FSCTL.svhdxAsync);
};

const payloadOf = (bytes: Buffer, from: 'client' | 'server'): Buffer =>
  from === 'client' ? IOCTL.decodeRequest(bytes).input : IOCTL.decodeResponse(bytes).output;

test('the recorded operations decode to the fields that tshark finds', async (t) => {
  const tshark = peer(t, 'tshark');
  if (tshark === undefined) return;
  const path = join(await temporaryFolder(t), 'rsvd.pcap');
  await writePcap(path, [frames]);
  const { tunnels } = await dissectTunnel(tshark, path);
  const ours = frames.filter(({ bytes }) => isTunnel(bytes));
  assert.equal(ours.length, 28);
  assert.equal(tunnels.length, ours.length);
  let compared = 0;
  for (const [at, { from, bytes }] of ours.entries()) {
    const { operation, fields } = tunnelFields(payloadOf(bytes, from), from);
    const theirs = tunnels[at]?.fields ?? {};
    for (const [name, value] of Object.entries(fields)) {
      assert.equal(value, theirs[name], `frame ${at}, ${operation}: ${name}`);
      compared++;
    }
  }
  assert.ok(compared > 150, `${compared} fields`);
});

test('recorded opens decode in both versions and are encoded to the same bytes', () => {
  let seen = 0;
  for (const { from, bytes } of frames) {
    if (decodeHeader(bytes, 'smb.request').command !== 5) continue;
    const { contexts } =
      from === 'client' ? CREATE.decodeRequest(bytes) : CREATE.decodeResponse(bytes);
    const data = findCreateContext(contexts, DEVICE_CONTEXT);
    assert.ok(data !== undefined);
    const context = decodeDeviceContext(data, 'smb.answer');
    assert.ok([1, 2].includes(context.version));
    assert.equal(context.hostName, 'client01');
    if (from === 'server' && context.version === 2) {
      assert.deepEqual(context.disk, {
        serverVersion: 2,
        sectorSize: 512,
        physicalSectorSize: 4096,
        virtualSize: 2 ** 30,
      });
    }
    assert.deepEqual(encodeDeviceContext(context).data, data);
    seen++;
  }
  assert.equal(seen, 4);
});

test('a recorded support query and a change query decode, which tshark leaves alone', () => {
  const answers = frames.filter(({ from }) => from === 'server').map(({ bytes }) => bytes);
  const support = answers.find(
    (bytes) => bytes.readUInt16LE(12) === 11 && bytes.readUInt32LE(68) === 0x0009_0300,
  );
  assert.ok(support !== undefined);
  const { output } = IOCTL.decodeResponse(support);
  assert.deepEqual(SUPPORT.decode(output, 'smb.answer'), { support: 7, handleState: 3 });
  const queries = frames
    .filter(({ bytes }) => isTunnel(bytes))
    .map(({ from, bytes }) => ({ from, payload: payloadOf(bytes, from) }))
    .filter(({ payload }) => TUNNEL.decode(payload, 'smb.answer').operation === 0x0200_200c);
  assert.equal(queries.length, 2);
  const [request, answer] = queries.map(({ payload }) => payload.subarray(TUNNEL.size));
  assert.ok(request !== undefined && answer !== undefined);
  assert.equal(QUERY_CHANGES.decode(request, 'smb.request').snapshotType, 1);
  assert.equal(request.length, QUERY_CHANGES.size);
  const { processed, ranges } = decodeChanges(answer, 'smb.answer');
  assert.ok(processed > 0 && ranges.length > 0);
});
