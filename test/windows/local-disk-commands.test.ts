import assert from 'node:assert/strict';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { WindowsHandle } from '../../src/engine/win32/handles/windows-handle.ts';
import { runCli, runCliJson } from '../support/process/cli-io.ts';
import { hostLab, type HostLab } from '../support/windows/host-lab.ts';
import {
  enableManageVolume,
  openParameters,
  overlappedAt,
  rawVirtdisk,
  storageType,
  wide,
} from '../support/windows/raw-virtdisk.ts';

const MIB = 2 ** 20;
const VHDX = 3;
/** NO_LOCAL_HOST: reads and writes go through the handle. */
const THROUGH_HANDLE = 0x8;

/** All that the file system of Windows lets into a name and that means something to a shell or to PowerShell. */
const HOSTILE = `it's $(calc) \`whoami\` ‘a’ “b” %PATH% & ^ ; {0} 測試`;
const FOLDER = `C:\\Lab\\${HOSTILE}`;
const IMAGE = `${FOLDER}\\disk ${HOSTILE}.vhdx`;

interface Changes {
  readonly image: string;
  readonly ranges: readonly { readonly start: number; readonly length: number }[];
}

interface Tracking {
  readonly path: string;
  readonly enabled: boolean;
  readonly mostRecentId: string;
}

/** Writes as a program does that has attached the disk. */
function writeThrough(path: string, at: number, bytes: Buffer): void {
  const win = rawVirtdisk();
  enableManageVolume(win);
  const made: unknown[] = [null];
  const parameters = openParameters(false, false);
  const opened = win.OpenVirtualDisk(storageType(VHDX), wide(path), 0, 0, parameters, made);
  assert.equal(opened, 0);
  const [handle] = made;
  assert.equal(win.AttachVirtualDisk(handle, null, THROUGH_HANDLE, 0, null, null), 0);
  const overlapped = overlappedAt(at);
  if (win.WriteFile(handle, bytes, bytes.length, null, overlapped) === 0) {
    assert.equal(win.GetOverlappedResult(handle, overlapped, [0], 1), 1);
  }
  assert.equal(win.DetachVirtualDisk(handle, 0, 0), 0);
  win.CloseHandle(handle);
}

const code = (out: string): string => (JSON.parse(out) as { error: { code: string } }).error.code;

test('commands about local disks on Windows, with a hostile name', async (t) => {
  const lab = await hostLab(t);
  if (lab === undefined) return;
  // The folder of the host exists with its first VM.
  await lab.ask('add-vm', { name: HOSTILE, disks: [{ size: 4 * MIB }] });
  await mkdir(FOLDER);
  await runCliJson(['disk', 'create', IMAGE, '--size', '8M']);
  const tracking = (...words: readonly string[]): Promise<Tracking> =>
    runCliJson<Tracking>(['disk', 'tracking', IMAGE, ...words]);

  await t.test('disk tracking shows the state, and turns it on', async () => {
    assert.deepEqual(await tracking(), {
      ...{ path: IMAGE, enabled: false, newerChanges: false, mostRecentId: '' },
    });
    const on = await tracking('--on');
    assert.equal(on.enabled, true);
    assert.match(on.mostRecentId, /^rctX:/);
    const { status } = await runCli(['disk', 'tracking', IMAGE, '--on', '--off']);
    assert.equal(status, 2, 'not both at once');
  });

  await t.test('changes of an image are those that were written since an ID', async () => {
    const { mostRecentId } = await tracking();
    writeThrough(IMAGE, 3 * MIB, Buffer.alloc(65_536, 3));
    writeThrough(IMAGE, 5 * MIB, Buffer.alloc(4096, 5));
    const query = ['changes', '--image', IMAGE, '--rct-id', mostRecentId];
    const { image, ranges } = await runCliJson<Changes>(query);
    assert.equal(image, IMAGE);
    assert.deepEqual(ranges, [
      { start: 3 * MIB, length: 65_536 },
      { start: 5 * MIB, length: 65_536 },
    ]);
    const { out } = await runCli([...query, '--csv']);
    assert.equal(out, `start,length\n${3 * MIB},65536\n${5 * MIB},65536\n`);
    const unknown = await runCli([...query.slice(0, -1), 'rctX:none', '--json']);
    assert.deepEqual([unknown.status, code(unknown.out)], [3, 'virtdisk.tracking.unknownId']);
  });

  await t.test('disk info shows the answers of Windows without a difference', async () => {
    const info = await runCliJson<{
      windows: {
        information: Record<string, { ok: boolean; value?: unknown; error?: { name: string } }>;
        differences: readonly unknown[];
      };
    }>(['disk', 'info', IMAGE, '--windows']);
    assert.deepEqual(info.windows.differences, []);
    const { information } = info.windows;
    assert.equal(Object.keys(information).length, 15);
    const refused = Object.entries(information).flatMap(([kind, { ok, error }]) =>
      ok ? [] : [`${kind} ${error?.name}`],
    );
    assert.deepEqual(refused, [
      'parentLocation ERROR_VHD_INVALID_TYPE',
      'parentIdentifier ERROR_VHD_INVALID_TYPE',
      'parentTimestamp ERROR_VHD_INVALID_TYPE',
      'smallestSafeVirtualSize ERROR_VHD_COULD_NOT_COMPUTE_MINIMUM_VIRTUAL_SIZE',
    ]);
    await lab.fault('virtdisk.code', 'open:5', 1);
    const denied = await runCli(['disk', 'info', IMAGE, '--windows', '--json']);
    assert.deepEqual([denied.status, code(denied.out)], [3, 'virtdisk.denied']);
  });

  await t.test('without tracking, no ID is known', async () => {
    const { mostRecentId } = await tracking();
    assert.equal((await tracking('--off')).enabled, false);
    const query = ['changes', '--image', IMAGE, '--rct-id', mostRecentId, '--json'];
    const { status, out } = await runCli(query);
    assert.deepEqual([status, code(out)], [3, 'virtdisk.tracking.off']);
  });

  await t.test('a point is attached with its chain until the command is interrupted', () =>
    attachPoints(lab),
  );
  assert.equal(WindowsHandle.openCount, 0);
  // Nothing that a name says was carried out, and no other file was made.
  assert.deepEqual(
    (await readdir(FOLDER)).sort(),
    [`disk ${HOSTILE}.vhdx`, `store ${HOSTILE}`].sort(),
  );
});

async function attachPoints(lab: HostLab): Promise<void> {
  const store = `${FOLDER}\\store ${HOSTILE}`;
  const { options, env } = lab.command;
  const vm = HOSTILE;
  const write = (at: number, byte: number): Promise<unknown> => {
    const base64 = Buffer.alloc(4096, byte).toString('base64');
    return lab.ask('write-bytes', { vm, disk: 0, offset: at, base64 });
  };
  const backup = ['backup', vm, '--store', store, '--consistency', 'crash', ...options];
  await write(MIB, 1);
  await runCliJson(backup, { env });
  await write(2 * MIB, 2);
  const increment = await runCliJson<{ kind: string; method: string }>(backup, { env });
  assert.deepEqual([increment.kind, increment.method], ['incr', 'virtdisk']);
  for (const letter of [false, true]) {
    const words = ['attach', '--store', store, '--vm', vm, '--disk', '0', '--json'];
    const shown = await attached(letter ? [...words, '--letter'] : words, env);
    assert.deepEqual(shown.bytes, [4 * MIB, 1, 2, 0], 'the increment with its parent');
    assert.equal(shown.status, 130);
    await assert.rejects(readFile(shown.path), 'detached');
  }
}

/** Runs `attach`, reads the disk that Windows shows, and interrupts the command. */
async function attached(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ path: string; bytes: readonly unknown[]; status: number }> {
  const stop = new AbortController();
  let onOut = (_text: string): void => undefined;
  const printed = new Promise<string>((resolve) => (onOut = resolve));
  const run = runCli(words, { env, signal: stop.signal, onOut: (text) => onOut(text) });
  const early = run.then(({ status, out, err }): never => {
    throw new Error(`attach ended with ${status}: ${out}${err}`);
  });
  const text = await Promise.race([printed, early]);
  const { physicalPath: path } = JSON.parse(text) as { physicalPath: string };
  const disk = await readFile(path);
  stop.abort(new Error('interrupted'));
  const { status, out } = await run;
  assert.equal(out, text, 'one document');
  return { path, bytes: [disk.length, disk[MIB], disk[2 * MIB], disk[0]], status };
}
