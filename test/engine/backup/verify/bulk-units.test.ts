import assert from 'node:assert/strict';
import { open, readFile, truncate, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { noProgress, type Progress } from '../../../../src/engine/base/progress.ts';
import type { PointManifest } from '../../../../src/engine/backup/manifest/manifest.ts';
import type { Store } from '../../../../src/engine/backup/store/contract/store.ts';
import type { PointVerdict } from '../../../../src/engine/backup/verify/verdict.ts';
import { verifyPoints } from '../../../../src/engine/backup/verify/verify.ts';
import type { ByteSource } from '../../../../src/engine/source/byte-source.ts';
import {
  backup,
  openTestStore,
  pattern,
  startBackupLab,
} from '../../../support/backup/backup-lab.ts';
import { hasNative, withNative } from '../../../support/native/with-native.ts';

const MIB = 2 ** 20;

/** The store, and the number of bytes that were read through Node from images. */
function watched(store: Store): { readonly store: Store; readonly read: () => number } {
  let bytes = 0;
  const openFile = async (path: string, signal: AbortSignal): Promise<ByteSource> => {
    const file = await store.openFile(path, signal);
    const read: ByteSource['read'] = (offset, into, until) => {
      if (path.endsWith('vhdx')) bytes += into.length;
      return file.read(offset, into, until);
    };
    return new Proxy(file, {
      get: (object, key) => {
        if (key === 'read') return read;
        const value: unknown = Reflect.get(object, key, object);
        return typeof value === 'function' ? (value.bind(object) as unknown) : value;
      },
    });
  };
  const proxy = new Proxy(store, {
    get: (object, key) => {
      if (key === 'openFile') return openFile;
      const value: unknown = Reflect.get(object, key, object);
      return typeof value === 'function' ? (value.bind(object) as unknown) : value;
    },
  });
  return { store: proxy, read: () => bytes };
}

/** Inverts a byte of a file. */
async function flip(path: string, at: number): Promise<void> {
  const handle = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, at);
  await handle.write(Buffer.of((byte[0] as number) ^ 255), 0, 1, at);
  await handle.close();
}

test('verify finds the same damage with the library and without', async (t) => {
  if (!(await hasNative(t))) return;
  const lab = await startBackupLab(t);
  const plain = await openTestStore(lab);
  // Not whole MiBs, and not whole hash units.
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 64 * MIB + 5 * 512 }] });
  const points: PointManifest[] = [];
  await lab.write('vm', 0, 3 * MIB + 512, pattern(12 * MIB, 1));
  await lab.write('vm', 0, 20 * MIB, Buffer.alloc(MIB));
  await lab.write('vm', 0, 64 * MIB, pattern(5 * 512, 2));
  points.push((await backup(lab, plain, 'vm')).manifest);
  // An increment of as much, with units that only their neighbours in the full complete.
  await lab.write('vm', 0, 14 * MIB + 512, pattern(10 * MIB, 3));
  for (let i = 0; i < 20; i++) await lab.write('vm', 0, i * 70_656 + 4 * MIB, pattern(512, i));
  points.push((await backup(lab, plain, 'vm')).manifest);
  const [full, incr] = points as [PointManifest, PointManifest];
  const { id } = full.vm;
  const { store, read } = watched(plain);
  const answers = async (setting: string, threadFrom?: number): Promise<unknown> =>
    withNative(setting, async () => {
      let advanced = 0;
      const progress: Progress = { ...noProgress, advance: (bytes) => (advanced += bytes) };
      const all = { point: undefined, quick: false, threadFrom };
      const verdicts = await verifyPoints(store, id, all, progress, never);
      return { verdicts, advanced };
    });
  const compare = async (what: string, damaged: readonly string[]): Promise<void> => {
    const expected = await answers('off');
    for (const setting of ['portable', 'all']) {
      assert.deepEqual(await answers(setting), expected, `${what}: ${setting}`);
    }
    for (const setting of ['off', 'all']) {
      assert.deepEqual(await answers(setting, 0), expected, `${what}: ${setting}, on a thread`);
    }
    const { verdicts } = expected as { verdicts: { id: string; ok: boolean }[] };
    assert.deepEqual(
      verdicts.filter(({ ok }) => !ok).map((each) => each.id),
      damaged,
      what,
    );
  };

  await answers('all');
  const tables = read();
  assert.ok(tables < 8 * MIB, `the library read the contents; Node ${tables} bytes`);
  await answers('off');
  assert.ok(read() - tables > 20 * MIB, 'without the library Node reads them');
  const before = read();
  await answers('off', 0);
  assert.ok(read() - before < 8 * MIB, `a thread reads them; Node ${read() - before} bytes`);
  await compare('sound', []);
  const fileOf = ({ id: point, disks }: PointManifest): string =>
    plain.localPath(`${id}/${point}/${disks[0]?.file}`) ?? '';
  for (const [what, file, seed, damaged] of [
    ['a byte of the full', fileOf(full), 1, [full.id, incr.id]],
    ['a byte of the increment', fileOf(incr), 3, [incr.id]],
    ['a byte of the last unit', fileOf(full), 2, [full.id, incr.id]],
  ] as const) {
    const at = await placeOf(file, pattern(4096, seed).subarray(512, 1024));
    await flip(file, at);
    await compare(what, damaged);
    await flip(file, at);
  }
  // The thread finds the end of the file where the table names a block; the findings are those of a
  // verification without it.
  for (const [manifest, damaged] of [
    [incr, [incr.id]],
    [full, [full.id, incr.id]],
  ] as const) {
    const path = fileOf(manifest);
    const whole = await readFile(path);
    await truncate(path, whole.length - 3 * MIB);
    const verdictsOf = async (threadFrom?: number): Promise<readonly PointVerdict[]> =>
      ((await answers('off', threadFrom)) as { verdicts: PointVerdict[] }).verdicts;
    const expected = await verdictsOf();
    assert.deepEqual(
      expected.filter(({ ok }) => !ok).map((each) => each.id),
      damaged,
    );
    assert.deepEqual(await verdictsOf(0), expected);
    await writeFile(path, whole);
  }
});

/** Returns where bytes lie in a file. */
async function placeOf(path: string, bytes: Uint8Array): Promise<number> {
  const handle = await open(path, 'r');
  try {
    const found = (await handle.readFile()).indexOf(bytes);
    if (found < 0) throw new Error(`${path} does not hold these bytes`);
    return found;
  } finally {
    await handle.close();
  }
}
