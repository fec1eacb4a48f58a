import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import net from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import { newGuid } from '../../../../src/engine/base/guid.ts';
import { text, u32 } from '../../../support/lab/virtdisk-caller.ts';
import { virtdiskLab, type VirtdiskLab } from '../../../support/lab/virtdisk-lab.ts';

const MIB = 2 ** 20;

/** The id of the last reference point, as WMI gives it. */
async function referencePoint(on: VirtdiskLab): Promise<string> {
  await on.ask('reference-point-create', { vm: 'web', consistency: 'crash' });
  return on.file();
}

test('a caller without the key learns nothing', async (t) => {
  const { place } = await virtdiskLab(t);
  const [port] = place.split(':');
  for (const request of [
    Buffer.concat([u32(0), text('wrong')]),
    Buffer.concat([u32(1), text('C:\\Lab\\x.vhdx')]),
    Buffer.alloc(2),
    Buffer.alloc(70_000),
  ]) {
    const socket = net.connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    let got = 0;
    socket.on('data', (chunk) => (got += chunk.length));
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(Buffer.concat([u32(request.length), request]));
    await closed;
    assert.equal(got, 0);
  }
});

test('a frozen file is read as it was frozen, and its changes are those of WMI', async (t) => {
  const on = await virtdiskLab(t);
  await on.write(1 * MIB, 1);
  await on.ask('reference-point-create', { vm: 'web', consistency: 'crash' });
  await on.write(5 * MIB, 5);
  const frozen = await on.file();
  await on.ask('checkpoint-create', { vm: 'web' });
  await on.write(6 * MIB, 6);

  const caller = await on.caller();
  assert.equal((await caller.open(frozen)).code, 0);
  assert.equal((await caller.attach()).code, 0);
  const bytes = await caller.contents();
  assert.equal(bytes.length, 8 * MIB);
  assert.deepEqual([bytes[MIB], bytes[5 * MIB], bytes[6 * MIB]], [1, 5, 0]);
  const recent = await caller.recentId();
  assert.match(recent, /^rctX:.*:00000001$/);
  const first = `${recent.slice(0, -1)}0`;
  assert.deepEqual(await caller.changes(first, 0, 8 * MIB), {
    processed: 8 * MIB,
    ranges: [{ start: 5 * MIB, length: 65_536 }],
  });
  assert.equal(await caller.changes(recent.replace('rctX:', 'rctX:0'), 0, 8 * MIB), 0xc03a0029);
  assert.equal(await caller.changes(first, 8 * MIB, 512), 87);
  await caller.close();
  await on.ask('list', {});
});

test('the end of a caller detaches its disk and gives the file up', async (t) => {
  const on = await virtdiskLab(t);
  await on.ask('set-state', { vm: 'web', state: 'off' });
  const file = await on.file();
  const first = await on.caller();
  assert.equal((await first.open(file, { readOnly: false })).code, 0);
  assert.equal((await first.attach(0x8)).code, 0);
  const second = await on.caller();
  assert.equal((await second.open(file)).code, 32, 'a writer shares nothing');
  await first.close();
  assert.equal((await second.open(file)).code, 0);
  assert.ok(!existsSync(first.raw));
  await second.close();
});

test('the active file of a running VM is in use; opens with one GUID count as one client', async (t) => {
  const on = await virtdiskLab(t);
  const file = await on.file();
  const caller = await on.caller();
  assert.equal((await caller.open(file)).code, 32);
  await on.ask('set-state', { vm: 'web', state: 'off' });
  const client = newGuid();
  assert.equal((await caller.open(file, { readOnly: false, client })).code, 0);
  const same = await on.caller();
  assert.equal((await same.open(file, { readOnly: false, client })).code, 0);
  for (const each of [caller, same]) await each.close();
});

test('paths of other folders, missing files and other formats have the errors of Windows', async (t) => {
  const on = await virtdiskLab(t);
  const caller = await on.caller();
  const code = async (path: string, device = 0): Promise<number> =>
    (await caller.open(path, { device })).code;
  assert.equal(await code('C:\\Windows\\x.vhdx'), 3);
  assert.equal(await code('C:\\Lab\\..\\x.vhdx'), 3);
  assert.equal(await code('\\\\server\\share\\x.vhdx'), 3);
  assert.equal(await code('x.vhdx'), 87);
  assert.equal(await code('C:\\Lab\\x.vhdx'), 2);
  await on.ask('set-state', { vm: 'web', state: 'off' });
  assert.equal(await code(await on.file(), 2), 0xc03a0014, 'a VHDX is not a VHD');
  await caller.close();
});

test('tracking that is turned off forgets its ids until the next reference point', async (t) => {
  const on = await virtdiskLab(t);
  const file = await referencePoint(on);
  await on.ask('set-state', { vm: 'web', state: 'off' });
  const caller = await on.caller();
  assert.equal((await caller.open(file, { readOnly: false })).code, 0);
  const id = await caller.recentId();
  assert.equal((await caller.set(6, 0)).code, 0);
  assert.equal((await caller.info(15)).body.readUInt32LE(0), 0);
  assert.equal(await caller.changes(id, 0, 8 * MIB), 0xc03a002a);
  assert.equal((await caller.set(6, 1)).code, 0);
  assert.equal(await caller.changes(id, 0, 8 * MIB), 0xc03a0029, 'the old id stays unknown');
  assert.deepEqual(await caller.changes(await caller.recentId(), 0, 8 * MIB), {
    processed: 8 * MIB,
    ranges: [],
  });
  await caller.close();
});

test('faults change the answers of the driver alone', async (t) => {
  const on = await virtdiskLab(t);
  await referencePoint(on);
  for (const at of [1, 3, 5]) await on.write(at * MIB, at);
  await on.ask('set-state', { vm: 'web', state: 'off' });
  const caller = await on.caller();
  assert.equal((await caller.open(await on.file())).code, 0);
  const id = await caller.recentId();
  const starts = async (room?: number): Promise<readonly number[]> => {
    const answer = await caller.changes(id, 0, 8 * MIB, room);
    assert.ok(typeof answer !== 'number', `code ${JSON.stringify(answer)}`);
    return answer.ranges.map(({ start }) => start / MIB);
  };
  assert.deepEqual(await starts(), [1, 3, 5]);
  await on.fault('virtdisk.drop', undefined, 1);
  assert.deepEqual(await starts(), [3]);
  await on.fault('virtdisk.add', undefined, 1);
  assert.deepEqual(await starts(), [0, 1, 3, 5]);
  await on.fault('virtdisk.short', undefined, 1);
  assert.deepEqual(await starts(), [1]);
  await on.fault('virtdisk.overfull', '2', 1);
  assert.equal((await starts(4)).length, 6);
  await on.fault('virtdisk.stall', undefined, 1);
  assert.deepEqual(await caller.changes(id, 0, 8 * MIB), { processed: 0, ranges: [] });
  await on.fault('virtdisk.endless', undefined, 1);
  assert.equal((await caller.info(15)).body.length, 65_536);
  await on.fault('virtdisk.code', 'info:0xC03A0030', 1);
  assert.equal((await caller.info(1)).code, 0xc03a0030);
  await on.fault('virtdisk.exit', 'info', 1);
  assert.equal((await caller.info(1)).code, -1);
  await on.fault('virtdisk.bytes', String(3 * MIB), 1);
  assert.equal((await caller.attach()).code, 0);
  const bytes = await caller.contents();
  assert.deepEqual([bytes[MIB], bytes[3 * MIB], bytes[3 * MIB + 1]], [1, 2, 3]);
  await caller.close();
});
