import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { never } from '../../src/engine/base/abort.ts';
import { isEngineError } from '../../src/engine/base/errors.ts';
import { createVirtualDisk } from '../../src/engine/virtdisk/create-virtual-disk.ts';
import { openVirtualDisk } from '../../src/engine/virtdisk/open-virtual-disk.ts';
import { WindowsHandle } from '../../src/engine/win32/handles/windows-handle.ts';
import { hostLab } from '../support/windows/host-lab.ts';

const MIB = 2 ** 20;

/** The reader of the engine on the virtdisk.dll of tests, as it would be on that of Windows. */
test('the virtual disk API as the engine uses it', async (t) => {
  const lab = await hostLab(t);
  if (lab === undefined) return;
  await lab.ask('add-vm', { name: 'web', disks: [{ size: 16 * MIB }] });
  const write = async (at: number, byte: number): Promise<void> => {
    const base64 = Buffer.alloc(65_536, byte).toString('base64');
    await lab.ask('write-bytes', { vm: 'web', disk: 0, offset: at * MIB, base64 });
  };
  await write(1, 1);
  await lab.ask('reference-point-create', { vm: 'web', consistency: 'crash' });
  const [vm] = await lab.ask('list', {});
  await write(9, 9);
  const frozen = vm?.disks[0]?.path ?? '';
  await lab.ask('checkpoint-create', { vm: 'web' });
  await write(12, 12);

  await t.test('a frozen disk is described, compared with an id, and read', async () => {
    const disk = await openVirtualDisk({ path: frozen, access: 'read' }, never);
    try {
      const all = await disk.information(never);
      assert.ok(all.size.ok && all.size.value.virtualSize === 16 * MIB);
      assert.ok(all.changeTracking.ok && all.changeTracking.value.enabled);
      const recent = all.changeTracking.value.mostRecentId;
      const first = `${recent.slice(0, -1)}0`;
      const ranges: number[][] = [];
      for await (const batch of disk.changes(first, undefined, never)) {
        for (const { start, end } of batch.ranges) ranges.push([start, end]);
      }
      assert.deepEqual(ranges, [[9 * MIB, 9 * MIB + 65_536]]);
      const source = await disk.attach(never);
      const into = new Uint8Array(3);
      for (const at of [1, 9, 12]) await source.read(at * MIB, into.subarray(at % 3), never);
      await source.read(9 * MIB + 65_535, into, never);
      assert.deepEqual([...into], [9, 0, 0]);
      await source.close();
    } finally {
      await disk.close();
    }
    assert.equal(WindowsHandle.openCount, 0);
  });

  await t.test('a shown disk has a physical path until it is detached', async () => {
    const disk = await openVirtualDisk({ path: frozen, access: 'read' }, never);
    const shown = await disk.attachAsDisk({ letters: false }, never);
    const bytes = await readFile(shown.physicalPath);
    assert.deepEqual([bytes.length, bytes[9 * MIB], bytes[12 * MIB]], [16 * MIB, 9, 0]);
    await shown.detach();
    await assert.rejects(readFile(shown.physicalPath));
    await disk.close();
  });

  await t.test('a new disk is created, tracked and forgotten', async () => {
    const path = 'C:\\Lab\\own disk.vhdx';
    const made = { path, format: 'vhdx', virtualSize: 32 * MIB } as const;
    await createVirtualDisk(made, undefined, never);
    const disk = await openVirtualDisk({ path, access: 'write' }, never);
    await disk.setTracking(true, never);
    const { mostRecentId } = await disk.tracking(never);
    assert.match(mostRecentId, /^rctX:/);
    await disk.setTracking(false, never);
    const query = disk.queryChanges(mostRecentId, 0, 32 * MIB, never);
    await assert.rejects(query, (error) => isEngineError(error, 'virtdisk.tracking.off'));
    await disk.close();
    const again = createVirtualDisk(made, undefined, never);
    await assert.rejects(again, (error) => isEngineError(error, 'virtdisk.exists'));
  });

  await t.test('a fixed disk is created in the background', async () => {
    const path = 'C:\\Lab\\fixed.vhd';
    const done: number[] = [];
    const made = { path, format: 'vhd', virtualSize: 8 * MIB, fixed: true } as const;
    await createVirtualDisk(made, (part) => done.push(part), never);
    const disk = await openVirtualDisk({ path, access: 'information' }, never);
    const { providerSubtype } = await disk.information(never);
    assert.ok(providerSubtype.ok && providerSubtype.value.kind === 'fixed');
    await disk.close();
  });

  await t.test('answers that cannot be true are refused', async () => {
    const disk = await openVirtualDisk({ path: frozen, access: 'read' }, never);
    const { mostRecentId } = await disk.tracking(never);
    await lab.fault('virtdisk.overfull', 3, 1);
    const query = disk.queryChanges(mostRecentId, 0, 16 * MIB, never);
    await assert.rejects(query, (error) => isEngineError(error, 'virtdisk.answer'));
    await lab.fault('virtdisk.stall', undefined, 1);
    const all = async (): Promise<void> => {
      for await (const batch of disk.changes(mostRecentId, undefined, never)) void batch;
    };
    await assert.rejects(all(), (error) => isEngineError(error, 'virtdisk.answer'));
    await lab.fault('virtdisk.endless', undefined, 1);
    await assert.rejects(disk.tracking(never), (error) => isEngineError(error, 'virtdisk.answer'));
    await disk.close();
  });
});
