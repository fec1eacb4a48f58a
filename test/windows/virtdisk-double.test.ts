import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test, type TestContext } from 'node:test';
import { afterwards } from '../support/checks/afterwards.ts';
import { delay, never } from '../../src/engine/base/abort.ts';
import { loadKoffi } from '../../src/engine/native/koffi.ts';
import { hostLab, OLD_VIRTDISK, type HostLab } from '../support/windows/host-lab.ts';
import {
  enableManageVolume,
  openParameters,
  overlappedAt,
  rawVirtdisk,
  storageType,
  wide,
  type RawVirtdisk,
} from '../support/windows/raw-virtdisk.ts';

const READ_ONLY_ALONE = 0x9;
const VHDX = 3;
const MIB = 2 ** 20;

let stages = 0;

interface Stage {
  readonly lab: HostLab;
  /** Name of the VM, which is off. */
  readonly vm: string;
  readonly win: RawVirtdisk;
  /** Host path of its disk. */
  readonly file: string;
  open(infoOnly?: boolean, readOnly?: boolean, path?: string): unknown;
}

/** Cases by name: they share a lab, which takes seconds to start, and each has a VM of its own. */
const cases = new Map<string, (on: Stage) => Promise<void>>();

test('the virtdisk.dll of tests', async (t) => {
  const lab = await hostLab(t);
  if (lab === undefined) return;
  for (const [name, run] of cases) {
    await t.test(name, async (one) => {
      await lab.clearFaults();
      await run(await stage(one, lab));
    });
  }
});

async function stage(t: TestContext, lab: HostLab): Promise<Stage> {
  const name = `vm-${(stages += 1)}`;
  await lab.ask('add-vm', { name, disks: [{ size: 8 * MIB }] });
  await lab.ask('write-bytes', {
    vm: name,
    disk: 0,
    offset: 3 * MIB,
    base64: Buffer.alloc(65_536, 7).toString('base64'),
  });
  await lab.ask('set-state', { vm: name, state: 'off' });
  const win = rawVirtdisk();
  const handles: unknown[] = [];
  afterwards(t, () => {
    for (const each of handles) win.CloseHandle(each);
    return Promise.resolve();
  });
  const vm = (await lab.ask('list', {})).find((each) => each.name === name);
  const file = vm?.disks[0]?.path ?? '';
  const open: Stage['open'] = (infoOnly = false, readOnly = true, path = file) => {
    const handle: unknown[] = [null];
    const parameters = openParameters(infoOnly, readOnly);
    const code = win.OpenVirtualDisk(storageType(VHDX), wide(path), 0, 0, parameters, handle);
    assert.equal(code, 0, `open ${path}`);
    handles.push(handle[0]);
    return handle[0];
  };
  return { lab, vm: name, win, file, open };
}

function information(win: RawVirtdisk, handle: unknown, version: number): Buffer | number {
  const info = Buffer.alloc(65_536);
  info.writeInt32LE(version, 0);
  const used = [0];
  const code = win.GetVirtualDiskInformation(handle, [info.length], info, used) as number;
  return code === 0 ? info.subarray(8, used[0]) : code;
}

/** Reads as the API is read: returns 0, or the error. */
function readAt(win: RawVirtdisk, handle: unknown, offset: number, into: Buffer): unknown {
  const at = overlappedAt(offset);
  if (win.ReadFile(handle, into, into.length, null, at) !== 0) return 0;
  const error = win.GetLastError();
  if (error !== 997) return error;
  return win.GetOverlappedResult(handle, at, [0], 1) === 0 ? win.GetLastError() : 0;
}

cases.set('an attached disk is read through its own handle', async (on) => {
  const { win } = on;
  const handle = on.open();
  assert.equal(win.AttachVirtualDisk(handle, null, READ_ONLY_ALONE, 0, null, null), 1314);
  enableManageVolume(win);
  const into = Buffer.alloc(4096);
  const read = (offset: number): [unknown, Buffer] => {
    return [readAt(win, handle, offset, into), into];
  };
  assert.equal(read(3 * MIB)[0], 38, 'nothing is there before it is attached');
  assert.equal(win.AttachVirtualDisk(handle, null, READ_ONLY_ALONE, 0, null, null), 0);
  assert.notEqual(win.AttachVirtualDisk(handle, null, READ_ONLY_ALONE, 0, null, null), 0);
  const [code, bytes] = read(3 * MIB);
  assert.equal(code, 0);
  assert.ok(bytes.equals(Buffer.alloc(4096, 7)));
  assert.ok(read(2 * MIB)[1].equals(Buffer.alloc(4096)));
  assert.equal(read(8 * MIB)[0], 38, 'the disk ends here');
  assert.equal(win.DetachVirtualDisk(handle, 0, 0), 0);
  assert.equal(win.DetachVirtualDisk(handle, 0, 0), 21);
  assert.equal(read(3 * MIB)[0], 38);
  assert.equal(win.CloseHandle(handle), 1);
  assert.equal(win.DetachVirtualDisk(handle, 0, 0), 6, 'a closed handle');
});

cases.set(
  'a disk that is attached with an OVERLAPPED shows its progress, and its physical path can be read',
  async (on) => {
    const { win } = on;
    enableManageVolume(win);
    const handle = on.open();
    const size = [0];
    assert.equal(win.GetVirtualDiskPhysicalPath(handle, size, null), 21);
    const overlapped = Buffer.alloc(32);
    const event = win.CreateEventW(null, 1, 0, null);
    overlapped.writeBigUInt64LE(event as bigint, 24);
    assert.equal(win.AttachVirtualDisk(handle, null, 0x3, 0, null, overlapped), 997);
    assert.equal(win.GetOverlappedResult(handle, overlapped, [0], 1), 1);
    const progress = Buffer.alloc(24);
    assert.equal(win.GetVirtualDiskOperationProgress(handle, overlapped, progress), 0);
    assert.equal(progress.readUInt32LE(0), 0);
    assert.equal(progress.readBigUInt64LE(8), progress.readBigUInt64LE(16));
    const path = Buffer.alloc(128);
    assert.equal(win.GetVirtualDiskPhysicalPath(handle, [4], path), 122);
    size[0] = path.length;
    assert.equal(win.GetVirtualDiskPhysicalPath(handle, size, path), 0);
    const text = path.subarray(0, (size[0] ?? 0) - 2).toString('utf16le');
    assert.match(text, /^\\\\\.\\PhysicalDrive\d+$/);
    const bytes = await readFile(text);
    assert.equal(bytes.length, 8 * MIB);
    assert.equal(bytes[3 * MIB], 7);
    win.CloseHandle(handle);
    win.CloseHandle(event);
    // The handle was the last one, so the disk is detached.
    const again = on.open();
    assert.equal(win.AttachVirtualDisk(again, null, READ_ONLY_ALONE, 0, null, null), 0);
    win.CloseHandle(again);
  },
);

cases.set('each kind of information has its answer', async (on) => {
  const { win } = on;
  const handle = on.open(true);
  const sizes = information(win, handle, 1) as Buffer;
  assert.equal(Number(sizes.readBigUInt64LE(0)), 8 * MIB);
  assert.equal(sizes.readUInt32LE(20), 512);
  assert.equal((information(win, handle, 6) as Buffer).readUInt32LE(0), VHDX);
  assert.equal((information(win, handle, 7) as Buffer).readUInt32LE(0), 3);
  assert.equal((information(win, handle, 13) as Buffer).readUInt32LE(0), 0);
  assert.equal(information(win, handle, 3), 0xc03a001b, 'it has no parent');
  for (const version of [2, 8, 9, 10, 12, 14]) {
    assert.ok(typeof information(win, handle, version) !== 'number', `kind ${version}`);
  }
  assert.equal(information(win, handle, 0), 87);
  assert.equal(information(win, handle, 16), 87);
  const size = [31];
  assert.equal(win.GetVirtualDiskInformation(handle, size, Buffer.alloc(32), [0]), 122);
  assert.deepEqual(size, [32]);
  win.CloseHandle(handle);
});

cases.set(
  'changes since an id are those that the lab knows, in as many calls as there is room for',
  async (on) => {
    const { lab, win } = on;
    const writable = on.open(false, false);
    const on6 = Buffer.alloc(32);
    on6.writeInt32LE(6, 0);
    on6.writeInt32LE(1, 8);
    assert.equal(win.SetVirtualDiskInformation(writable, on6), 0);
    const state = information(win, writable, 15) as Buffer;
    assert.deepEqual([state.readInt32LE(0), state.readInt32LE(4)], [1, 0]);
    const id = state.subarray(8, state.length - 2).toString('utf16le');
    win.CloseHandle(writable);
    for (const at of [1, 4, 6]) {
      const base64 = Buffer.alloc(4096, at).toString('base64');
      await lab.ask('write-bytes', { vm: on.vm, disk: 0, offset: at * MIB, base64 });
    }
    const handle = on.open();
    const ranges = Buffer.alloc(48);
    const starts: number[] = [];
    for (let at = 0; at < 8 * MIB;) {
      const count = [2];
      const processed = [0];
      const rest = 8 * MIB - at;
      const code = win.QueryChangesVirtualDisk(handle, id, at, rest, 0, ranges, count, processed);
      assert.equal(code, 0);
      for (let i = 0; i < (count[0] ?? 0); i++) starts.push(Number(ranges.readBigUInt64LE(i * 24)));
      at += Number(processed[0]);
    }
    assert.deepEqual(starts, [1 * MIB, 4 * MIB, 6 * MIB]);
    const query = (text: string, offset: number, length: number, flags = 0): unknown =>
      win.QueryChangesVirtualDisk(handle, text, offset, length, flags, ranges, [2], [0]);
    assert.equal(query(`${id.slice(0, -1)}9`, 0, 8 * MIB), 0xc03a0029);
    assert.equal(query(id, 0, 8 * MIB + 512), 87);
    assert.equal(query(id, 0, 8 * MIB, 1), 87);
    assert.equal(query('x'.repeat(257), 0, 8 * MIB), 87);
    await lab.fault('virtdisk.code', 'changes:0xC03A0030', 1);
    assert.equal(query(id, 0, 8 * MIB), 0xc03a0030);
    assert.equal(query(id, 0, 8 * MIB), 0);
    win.CloseHandle(handle);
  },
);

cases.set('arguments that Windows refuses are refused', async (on) => {
  const { win, file } = on;
  const open = (
    change: (parameters: Buffer) => void,
    mask = 0,
    flags = 0,
    path = file,
  ): unknown => {
    const parameters = openParameters(false, true);
    change(parameters);
    return win.OpenVirtualDisk(storageType(VHDX), wide(path), mask, flags, parameters, [null]);
  };
  const nothing = (): void => undefined;
  assert.equal(open(nothing, 0x80000), 87, 'version 2 has no access mask');
  assert.equal(
    open((p) => p.writeInt32LE(1, 0)),
    87,
    'version 1 needs one',
  );
  assert.equal(
    open((p) => p.writeInt32LE(4, 0)),
    87,
    'no such version',
  );
  assert.equal(
    open((p) => p.writeInt32LE(-1, 8)),
    87,
    'a flag is 0 or 1',
  );
  assert.equal(open(nothing, 0, 0x1000), 87, 'no such flag');
  assert.equal(open(nothing, 0, 0, 'C:\\Lab\\absent.vhdx'), 2);
  assert.equal(open(nothing, 0, 0, 'C:\\Windows\\x.vhdx'), 3, 'the lab has no such folder');
  assert.equal(open(nothing, 0, 0, 'C:\\Lab\\x.img'), 2);
  const parameters = openParameters(false, true);
  assert.equal(win.OpenVirtualDisk(null, wide(file), 0, 0, parameters, [null]), 87);
  assert.equal(win.OpenVirtualDisk(storageType(VHDX), null, 0, 0, parameters, [null]), 87);
  assert.equal(
    win.OpenVirtualDisk(storageType(9), wide(file), 0, 0, parameters, [null]),
    0xc03a0014,
  );
  const shifted = Buffer.alloc(48).subarray(1, 45);
  parameters.copy(shifted);
  assert.equal(win.OpenVirtualDisk(storageType(VHDX), wide(file), 0, 0, shifted, [null]), 998);
  const handle = on.open();
  assert.equal(win.AttachVirtualDisk(handle, null, 0x800, 0, null, null), 87);
  assert.equal(win.AttachVirtualDisk(handle, null, 0x9, 1, null, null), 87);
  const attach = Buffer.alloc(24);
  attach.writeInt32LE(3, 0);
  assert.equal(win.AttachVirtualDisk(handle, null, 0x9, 0, attach, null), 87);
  assert.equal(win.DetachVirtualDisk(handle, 1, 0), 87);
  assert.equal(win.SetVirtualDiskInformation(handle, null), 87);
  win.CloseHandle(handle);
});

cases.set('a running VM has its file for itself, and a writer keeps others out', async (on) => {
  const { lab, win, file } = on;
  const tryOpen = (readOnly: boolean): unknown =>
    win.OpenVirtualDisk(storageType(VHDX), wide(file), 0, 0, openParameters(false, readOnly), [
      null,
    ]);
  const writer = on.open(false, false);
  assert.equal(tryOpen(true), 32);
  win.CloseHandle(writer);
  const reader = on.open();
  const other = on.open();
  assert.equal(tryOpen(false), 32);
  win.CloseHandle(reader);
  win.CloseHandle(other);
  await lab.ask('set-state', { vm: on.vm, state: 'running' });
  assert.equal(tryOpen(true), 32);
});

cases.set('a disk that the API creates keeps what was written to it', async (on) => {
  const { win } = on;
  enableManageVolume(win);
  const path = 'C:\\Lab\\Grüße 測試.vhdx';
  const parameters = Buffer.alloc(184);
  parameters.writeInt32LE(2, 0);
  parameters.writeBigUInt64LE(BigInt(16 * MIB), 24);
  parameters.writeUInt32LE(4096, 36);
  const made: unknown[] = [null];
  const create = (): unknown =>
    win.CreateVirtualDisk(storageType(VHDX), path, 0, null, 0, 0, parameters, null, made);
  assert.equal(create(), 0);
  const [handle] = made;
  assert.equal(win.AttachVirtualDisk(handle, null, 0x8, 0, null, null), 0);
  const at = overlappedAt(5 * MIB);
  if (win.WriteFile(handle, Buffer.alloc(8192, 9), 8192, null, at) === 0) {
    assert.equal(win.GetLastError(), 997);
    assert.equal(win.GetOverlappedResult(handle, at, [0], 1), 1);
  }
  assert.equal(win.DetachVirtualDisk(handle, 0, 0), 0);
  win.CloseHandle(handle);
  assert.equal(create(), 80, 'never replaces a file');
  const again = on.open(false, true, path);
  assert.equal((information(win, again, 1) as Buffer).readUInt32LE(20), 4096);
  assert.equal(win.AttachVirtualDisk(again, null, READ_ONLY_ALONE, 0, null, null), 0);
  const into = Buffer.alloc(8192);
  assert.equal(readAt(win, again, 5 * MIB, into), 0);
  assert.ok(into.equals(Buffer.alloc(8192, 9)));
  win.CloseHandle(again);
});

cases.set('a read that does not complete can be cancelled', async (on) => {
  const { lab, win } = on;
  enableManageVolume(win);
  await lab.fault('virtdisk.reads');
  const handle = on.open();
  assert.equal(win.AttachVirtualDisk(handle, null, READ_ONLY_ALONE, 0, null, null), 0);
  const overlapped = overlappedAt(0);
  assert.equal(win.ReadFile(handle, Buffer.alloc(4096), 4096, null, overlapped), 0);
  assert.equal(win.GetLastError(), 997);
  assert.equal(win.CancelIoEx(handle, overlapped), 1);
  assert.equal(win.GetOverlappedResult(handle, overlapped, [0], 1), 0);
  assert.equal(win.GetLastError(), 995);
});

cases.set('a call that hangs ends when its handle is closed', async (on) => {
  const { lab, win } = on;
  const handle = on.open();
  await lab.fault('virtdisk.hang', 'info');
  const info = Buffer.alloc(32);
  info.writeInt32LE(1, 0);
  const code = new Promise((resolve, reject) => {
    const done = (error: Error | null, result: unknown): void =>
      error === null ? resolve(result) : reject(error);
    win.GetVirtualDiskInformation.async(handle, [32], info, [0], done);
  });
  const first = await Promise.race([code, delay(300, never).then(() => 'hangs')]);
  assert.equal(first, 'hangs');
  win.CloseHandle(handle);
  assert.equal(await code, 995);
});

cases.set('a library that is too old lacks the query for changes', async () => {
  const koffi = loadKoffi();
  if (koffi instanceof Error) throw koffi;
  const library = koffi.load(OLD_VIRTDISK);
  assert.throws(() => library.func('uint32_t QueryChangesVirtualDisk(void *handle)'));
  assert.equal(
    typeof library.func('uint32_t DetachVirtualDisk(void *h, int32_t a, uint32_t b)'),
    'function',
  );
});
