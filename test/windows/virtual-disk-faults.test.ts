import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { never } from '../../src/engine/base/abort.ts';
import { isEngineError } from '../../src/engine/base/errors.ts';
import { createVirtualDisk } from '../../src/engine/virtdisk/create-virtual-disk.ts';
import { virtdiskError } from '../../src/engine/virtdisk/contract/virtdisk-errors.ts';
import { findVirtdiskObstacle } from '../../src/engine/virtdisk/find-obstacle.ts';
import { openVirtualDisk } from '../../src/engine/virtdisk/open-virtual-disk.ts';
import { WindowsHandle } from '../../src/engine/win32/handles/windows-handle.ts';
import { hostLab } from '../support/windows/host-lab.ts';
import { newDisk } from '../support/windows/tracked-disk.ts';
import { assertInTime } from '../support/process/in-time.ts';

const MIB = 2 ** 20;
const OTHER_ID = '99887766-5544-3322-1100-ffeeddccbbaa';

/** Starts of the ranges that changed since an id, read in batches. */
async function startsSince(file: string, id: string): Promise<number[]> {
  await using disk = await openVirtualDisk({ path: file, access: 'read' }, never);
  const starts: number[] = [];
  let end = 0;
  for await (const { described, ranges } of disk.changes(id, undefined, never)) {
    assert.equal(described.start, end, 'batches follow each other');
    end = described.end;
    starts.push(...ranges.map(({ start }) => start));
  }
  return starts;
}

/** Turns tracking on and returns the newest id. */
async function track(file: string): Promise<string> {
  await using disk = await openVirtualDisk({ path: file, access: 'write' }, never);
  await disk.setTracking(true, never);
  const { enabled, mostRecentId } = await disk.tracking(never);
  assert.equal(enabled, true);
  return mostRecentId;
}

test('the virtual disk API when Windows refuses, hangs or has lost its records', async (t) => {
  const lab = await hostLab(t);
  if (lab === undefined) return;
  await t.test(
    'nothing keeps an elevated process on Windows from using the virtual disk API',
    async () => {
      assert.equal(findVirtdiskObstacle(), undefined);
    },
  );

  await t.test(
    'every kind of information is an answer, or the error of Windows in words',
    async () => {
      const on = await newDisk(lab);
      await using disk = await openVirtualDisk({ path: on.file, access: 'information' }, never);
      const all = await disk.information(never);
      assert.equal(Object.keys(all).length, 15);
      assert.ok(
        all.size.ok && all.storageType.ok && all.providerSubtype.ok && all.virtualDiskId.ok,
      );
      assert.deepEqual([all.size.value.virtualSize, all.size.value.sectorSize], [8 * MIB, 512]);
      assert.equal(all.storageType.value.format, 'vhdx');
      assert.equal(all.providerSubtype.value.kind, 'dynamic');
      assert.match(all.virtualDiskId.value, /^[0-9a-f-]{36}$/);
      const { parentLocation } = all;
      assert.ok(!parentLocation.ok);
      assert.deepEqual(
        [parentLocation.error.hex, parentLocation.error.name],
        ['0xC03A001B', 'ERROR_VHD_INVALID_TYPE'],
      );
    },
  );

  await t.test(
    'an attached disk reads as the guest wrote it, in any piece, and is detached at the end',
    async () => {
      const on = await newDisk(lab);
      await on.write(3 * MIB, Buffer.alloc(MIB, 7));
      const disk = await openVirtualDisk({ path: on.file, access: 'read' }, never);
      const source = await disk.attach(never);
      assert.equal(source.size, 8 * MIB);
      const whole = Buffer.alloc(8 * MIB);
      await source.read(0, whole, never);
      assert.ok(whole.subarray(3 * MIB, 4 * MIB).equals(Buffer.alloc(MIB, 7)));
      assert.ok(whole.subarray(0, 3 * MIB).every((byte) => byte === 0));
      const piece = Buffer.alloc(1001);
      await source.read(3 * MIB - 500, piece, never);
      assert.ok(piece.equals(whole.subarray(3 * MIB - 500, 3 * MIB + 501)));
      await assert.rejects(disk.attach(never), { code: 'virtdisk.busy' });
      await disk.close();
      assert.equal(WindowsHandle.openCount, 0);
      await assert.rejects(source.read(0, piece, never), { code: 'source.closed' });
      await assert.rejects(disk.information(never), { code: 'virtdisk.closed' });
      await using again = await openVirtualDisk({ path: on.file, access: 'read' }, never);
      await (await again.attach(never)).close();
    },
  );

  await t.test(
    'changes since an id are those that were written, whatever the room of an answer',
    async () => {
      const on = await newDisk(lab);
      const id = await track(on.file);
      for (const at of [1, 4, 6]) await on.write(at * MIB, Buffer.alloc(4096, at));
      assert.deepEqual(await startsSince(on.file, id), [1 * MIB, 4 * MIB, 6 * MIB]);
      await lab.fault('virtdisk.short', 1);
      assert.deepEqual(await startsSince(on.file, id), [1 * MIB, 4 * MIB, 6 * MIB]);
      assert.equal(WindowsHandle.openCount, 0);
    },
  );

  await t.test(
    'each code of lost tracking is told apart, with the number and name of Windows',
    async () => {
      const on = await newDisk(lab);
      const { file } = on;
      const id = await track(file);
      const codes = [
        [0xc03a0020, 'virtdisk.tracking.off'],
        [0xc03a0021, 'virtdisk.tracking.lost'],
        [0xc03a0022, 'virtdisk.tracking.inconsistent'],
        [0xc03a0023, 'virtdisk.tracking.inconsistent'],
        [0xc03a0024, 'virtdisk.tracking.inconsistent'],
        [0xc03a0029, 'virtdisk.tracking.unknownId'],
        [0xc03a002a, 'virtdisk.tracking.off'],
        [0xc03a0030, 'virtdisk.tracking.lost'],
        [0x803a0001, 'virtdisk.tracking.storage'],
      ] as const;
      for (const [number, code] of codes) {
        const hex = `0x${number.toString(16).toUpperCase()}`;
        await lab.fault('virtdisk.code', `changes:${hex}`, 1);
        await assert.rejects(startsSince(file, id), (error) => {
          assert.ok(isEngineError(error));
          assert.equal(error.code, code);
          assert.deepEqual([error.data['number'], error.data['hex']], [number, hex]);
          assert.match(String(error.data['name']), /^ERROR_/);
          return true;
        });
      }
    },
  );

  await t.test(
    'a call that hangs, and a read that never ends, are left at once when they are cancelled',
    async () => {
      const on = await newDisk(lab);
      const { file } = on;
      for (const call of ['open', 'info', 'changes', 'attach'] as const) {
        const disk =
          call === 'open'
            ? undefined
            : await openVirtualDisk({ path: file, access: 'read' }, never);
        await lab.fault('virtdisk.hang', call);
        const abort = new AbortController();
        const work =
          disk === undefined
            ? openVirtualDisk({ path: file, access: 'read' }, abort.signal)
            : call === 'info'
              ? disk.information(abort.signal)
              : call === 'attach'
                ? disk.attach(abort.signal)
                : disk.queryChanges('rctX:1', 0, 512, abort.signal);
        const failed = assert.rejects(work, { name: 'AbortError' }, call);
        await new Promise((resolve) => void setTimeout(resolve, 300));
        const start = performance.now();
        abort.abort();
        await failed;
        assertInTime(performance.now() - start, 1000, call);
        await lab.clearFaults();
        await disk?.close();
      }
      await lab.fault('virtdisk.reads');
      const disk = await openVirtualDisk({ path: file, access: 'read' }, never);
      const source = await disk.attach(never);
      const abort = new AbortController();
      const read = assert.rejects(source.read(0, Buffer.alloc(3 * MIB), abort.signal), {
        name: 'AbortError',
      });
      await new Promise((resolve) => void setTimeout(resolve, 200));
      abort.abort();
      await read;
      await disk.close();
      assert.equal(WindowsHandle.openCount, 0);
    },
  );

  await t.test(
    'Windows refuses with a reason: no file, no image, in use, not elevated',
    async () => {
      const on = await newDisk(lab);
      const { file } = on;
      const open = (path: string): Promise<unknown> =>
        openVirtualDisk({ path, access: 'read' }, never);
      await assert.rejects(open('C:\\Lab\\absent.vhdx'), { code: 'virtdisk.notFound' });
      await assert.rejects(open('web.vhdx'), { code: 'virtdisk.path' });
      await assert.rejects(open(`${file}\0.txt`), { code: 'virtdisk.path' });
      for (const [number, code] of [
        [5, 'virtdisk.denied'],
        [618, 'virtdisk.hostFile'],
        [6002, 'virtdisk.hostFile'],
        [0xc03a001a, 'virtdisk.hostFile'],
        [0xc03a0014, 'virtdisk.notImage'],
        [0xc03a000d, 'virtdisk.parent'],
        [0xc03a000a, 'virtdisk.damaged'],
        [4242, 'virtdisk.failed'],
      ] as const) {
        await lab.fault('virtdisk.code', `open:${number}`, 1);
        await assert.rejects(open(file), { code }, code);
      }
      const refuse = (): never => {
        throw virtdiskError('virtdisk.notElevated', 'Not elevated');
      };
      await using disk = await openVirtualDisk({ path: file, access: 'read' }, never, refuse);
      await assert.rejects(disk.attach(never), { code: 'virtdisk.notElevated' });
      await assert.rejects(disk.setTracking(true, never), { code: 'virtdisk.argument' });
      await lab.ask('set-state', { vm: on.vm, state: 'running' });
      await assert.rejects(open(file), { code: 'virtdisk.busy' });
    },
  );

  await t.test('settings are written: sector size, identifiers, parents', async () => {
    const on = await newDisk(lab);
    const id = '11223344-5566-7788-99aa-bbccddeeff00';
    {
      await using disk = await openVirtualDisk({ path: on.file, access: 'write' }, never);
      await disk.set({ kind: 'physicalSectorSize', bytes: 512 }, never);
      await disk.set({ kind: 'virtualDiskId', id }, never);
      await disk.set({ kind: 'identifier', id: OTHER_ID }, never);
    }
    await using disk = await openVirtualDisk({ path: on.file, access: 'information' }, never);
    const { virtualDiskId, physicalSectorSize, identifier } = await disk.information(never);
    assert.deepEqual(virtualDiskId, { ok: true, value: id });
    assert.deepEqual(physicalSectorSize, { ok: true, value: 512 });
    assert.deepEqual(identifier, { ok: true, value: OTHER_ID });
  });

  await t.test('a child finds its moved parent again, by each of three settings', async () => {
    await lab.clearFaults();
    const [parent, child] = ['C:\\Lab\\base.vhdx', 'C:\\Lab\\over.vhdx'];
    const made = { format: 'vhdx', virtualSize: 0 } as const;
    await createVirtualDisk({ ...made, path: parent, virtualSize: 4 * MIB }, undefined, never);
    await createVirtualDisk({ ...made, path: child, parentPath: parent }, undefined, never);
    const linkageId = await (async () => {
      await using disk = await openVirtualDisk({ path: child, access: 'information' }, never);
      const { parentIdentifier } = await disk.information(never);
      assert.ok(parentIdentifier.ok);
      return parentIdentifier.value;
    })();
    let path = parent;
    for (const [i, kind] of (
      ['parentPath', 'parentPathWithDepth', 'parentLocator'] as const
    ).entries()) {
      const moved = `C:\\Lab\\it's base ${i}.vhdx`;
      await rename(path, moved);
      path = moved;
      const open = openVirtualDisk({ path: child, access: 'read' }, never);
      await assert.rejects(open, { code: 'virtdisk.parent' }, kind);
      {
        const alone = { path: child, access: 'write', withoutParents: true } as const;
        await using disk = await openVirtualDisk(alone, never);
        await disk.set({ kind, path, childDepth: 1, linkageId }, never);
      }
      await using again = await openVirtualDisk({ path: child, access: 'read' }, never);
      const { parentLocation } = await again.information(never);
      assert.deepEqual(parentLocation, { ok: true, value: { resolved: true, paths: [path] } });
    }
  });

  await t.test('a file that is not an image is refused as that', async () => {
    const path = 'C:\\Lab\\text.vhdx';
    await writeFile(path, 'This is not a disk. '.repeat(100_000));
    const open = openVirtualDisk({ path, access: 'read' }, never);
    await assert.rejects(open, { code: 'virtdisk.notImage' });
  });

  await t.test('a new disk has its sizes, its parent, and never replaces a file', async () => {
    await lab.clearFaults();
    const path = 'C:\\Lab\\Grüße 測試.vhdx';
    const fresh = { path, format: 'vhdx', virtualSize: 16 * MIB, sectorSize: 4096 } as const;
    await createVirtualDisk(fresh, undefined, never);
    await assert.rejects(createVirtualDisk(fresh, undefined, never), { code: 'virtdisk.exists' });
    const child = 'C:\\Lab\\child.vhdx';
    await createVirtualDisk(
      { path: child, format: 'vhdx', virtualSize: 0, parentPath: path },
      undefined,
      never,
    );
    await using disk = await openVirtualDisk({ path: child, access: 'information' }, never);
    const { size, parentLocation } = await disk.information(never);
    assert.ok(size.ok && parentLocation.ok);
    assert.deepEqual([size.value.virtualSize, size.value.sectorSize], [16 * MIB, 4096]);
    assert.equal(parentLocation.value.paths.length > 0, true);
    const part = 'C:\\Lab\\part.vhdx';
    await assert.rejects(
      createVirtualDisk({ path: part, format: 'vhdx', virtualSize: 1000 }, undefined, never),
      { code: 'virtdisk.argument' },
    );
  });
});
