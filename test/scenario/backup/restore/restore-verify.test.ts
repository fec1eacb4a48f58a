import assert from 'node:assert/strict';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFile,
  cp,
  mkdir,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { DiskRecord, PointManifest } from '../../../../src/engine/backup/manifest/manifest.ts';
import { restorePoint } from '../../../../src/engine/backup/restore/restore.ts';
import {
  requireRoom,
  restoredBytes,
} from '../../../../src/engine/backup/restore/restore-target.ts';
import { listPoints } from '../../../../src/engine/backup/points/catalog.ts';
import { diskChain } from '../../../../src/engine/backup/points/point-chain.ts';
import { openStoredDisk } from '../../../../src/engine/backup/images/stored-disk.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import { newGuid } from '../../../../src/engine/base/guid.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import {
  backup,
  openTestStore,
  pattern,
  verifyErrors,
} from '../../../support/backup/backup-lab.ts';
import { changeManifest } from '../../../support/store/change-manifest.ts';
import { diskSha256 } from '../../../support/disk/disk-sha256.ts';
import {
  fullAndIncrement,
  pathOf,
  restoreOptions,
  type Made,
} from '../../../support/backup/two-points.ts';
import { ALL_CASES } from '../../../support/process/all-cases.ts';
import { peer } from '../../../support/process/peers.ts';

const MIB = 2 ** 20;

test('a restore refuses an existing file, keeps it when it fails, and replaces it with force', async (t) => {
  const made = await fullAndIncrement(t);
  const { store, hashes } = made;
  const [disk] = (await restorePoint(store, restoreOptions(made, {}), noProgress, never)).disks;
  assert.ok(disk !== undefined);
  assert.equal(await diskSha256(disk.file), hashes[1]);
  await writeFile(disk.file, 'precious');
  await assert.rejects(
    restorePoint(store, restoreOptions(made, {}), noProgress, never),
    (error: unknown) => isEngineError(error, 'restore.exists'),
  );
  const image = pathOf(made, made.full, made.full.disks[0]?.file ?? '');
  await copyFile(image, `${image}.good`);
  await flip(image, await offsetOf(image, pattern(3 * MIB, 1).subarray(300_000, 300_064)));
  await assert.rejects(
    restorePoint(store, restoreOptions(made, { force: true }), noProgress, never),
    (error: unknown) => isEngineError(error, 'restore.mismatch'),
  );
  assert.equal(await readFile(disk.file, 'utf8'), 'precious', 'the old file is still there');
  assert.equal((await readdir(join(made.lab.folder, 'out'))).length, 1, 'nothing else is left');
  await rename(`${image}.good`, image);
  await restorePoint(store, restoreOptions(made, { force: true }), noProgress, never);
  assert.equal(await diskSha256(disk.file), hashes[1]);
});

test('nothing is restored into the store, whatever link leads there, not even with force', async (t) => {
  const made = await fullAndIncrement(t);
  const { store, full, lab, hashes } = made;
  const point = join(store.location, full.vm.id, full.id);
  const places = [point, store.location, join(store.location, 'new', 'folder')];
  // Links need a privilege on Windows.
  if (process.platform !== 'win32') {
    const link = join(lab.folder, 'elsewhere');
    await symlink(store.location, link);
    places.push(join(link, full.vm.id, full.id), join(link, 'new'));
  }
  for (const to of places) {
    const restore = restorePoint(
      store,
      restoreOptions(made, { to, point: full.id, force: true }),
      noProgress,
      never,
    );
    await assert.rejects(restore, { code: 'restore.inStore' }, to);
  }
  assert.deepEqual(await verifyErrors(store, full.vm.id), []);
  // Beside it is fine, whatever the beginning of its name.
  const to = `${store.location}-restored`;
  const { disks } = await restorePoint(store, restoreOptions(made, { to }), noProgress, never);
  assert.equal(await diskSha256(disks[0]?.file ?? ''), hashes[1]);
});

test('a restore that would not fit is refused before it is written, and what it needs is known', async (t) => {
  const made = await fullAndIncrement(t);
  const { store, lab, incr } = made;
  const points = await listPoints(store, incr.vm.id, never);
  const stored = await openStoredDisk(store, diskChain(points, incr.id, 0), never);
  const needed = await restoredBytes(stored.disk, { format: 'vhdx', sparse: false }, never);
  await stored.close();
  const { disks } = await restorePoint(store, restoreOptions(made, {}), noProgress, never);
  const { size } = await stat(disks[0]?.file ?? '');
  assert.ok(size <= needed && needed <= size * 1.2, `${needed} for ${size}`);
  requireRoom(lab.folder, needed, needed);
  requireRoom(lab.folder, needed, undefined);
  assert.throws(() => requireRoom(lab.folder, needed, needed - 1), {
    code: 'restore.space',
    userFixable: true,
  });
});

test('a point or a disk that is not there is named, with what there is', async (t) => {
  const made = await fullAndIncrement(t);
  for (const change of [{ point: '20260101T000000Z-full' }, { disks: ['7'] }]) {
    await assert.rejects(
      restorePoint(made.store, restoreOptions(made, change), noProgress, never),
      (error: unknown) => isEngineError(error, 'point.missing'),
    );
  }
});

test('another program reads the increment through its parent, given a link of the name that it looks for', async (t) => {
  const program = peer(t, '7zz');
  if (program === undefined) return;
  const made = await fullAndIncrement(t);
  // 7-Zip takes the locator's relative path for a name in the folder of the image, as it is written.
  const named = `..\\${made.full.id}\\${made.full.disks[0]?.file}`;
  await symlink(imageOf(made, made.full), pathOf(made, made.incr, named));
  for (const [i, manifest] of [made.full, made.incr].entries()) {
    const args = ['x', '-so', '-tvhdx', imageOf(made, manifest)];
    const out: SpawnSyncReturns<Buffer> = spawnSync(program, args, { maxBuffer: 64 * MIB });
    assert.equal(out.status, 0, out.stderr.toString());
    assert.equal(createHash('sha256').update(out.stdout).digest('hex'), made.hashes[i]);
  }
});

/** Inverts a byte of a file, or some of its bits. */
async function flip(path: string, offset: number, bits = 0xff): Promise<void> {
  const bytes = await readFile(path);
  bytes[offset] = (bytes[offset] ?? 0) ^ bits;
  await writeFile(path, bytes);
}

async function offsetOf(path: string, bytes: Uint8Array): Promise<number> {
  const at = (await readFile(path)).indexOf(bytes);
  assert.notEqual(at, -1, 'the bytes are in the file');
  return at;
}

const REGION_TABLE = 192 * 1024;

interface Damage {
  readonly what: string;
  readonly quick: boolean;
  readonly codes: RegExp;
  readonly make: (made: Made) => Promise<void>;
}

const imageOf = (made: Made, manifest: PointManifest): string =>
  pathOf(made, manifest, manifest.disks[0]?.file ?? '');

const DAMAGES: readonly Damage[] = [
  {
    what: 'a byte of the data of a full',
    quick: false,
    codes: /cell\.hash/,
    make: async (made) => {
      const image = imageOf(made, made.full);
      await flip(image, await offsetOf(image, pattern(3 * MIB, 1).subarray(0, 64)));
    },
  },
  {
    what: 'a byte of the data of an increment',
    quick: false,
    codes: /cell\.hash/,
    make: async (made) => {
      const image = imageOf(made, made.incr);
      await flip(image, await offsetOf(image, pattern(5120, 2).subarray(0, 64)));
    },
  },
  {
    what: 'both region tables of an image',
    quick: true,
    codes: /vhdx\./,
    make: async (made) => {
      await flip(imageOf(made, made.full), REGION_TABLE + 20);
      await flip(imageOf(made, made.full), REGION_TABLE + 65_536 + 20);
    },
  },
  ...(
    [
      ['header 2', 128 * 1024 + 8, 1],
      ['region table 1', REGION_TABLE + 20, 1],
      ['a flag of the metadata', 2 * MIB + 32 + 24, 4],
      ['a flag of the file parameters', 2 * MIB + 65_536 + 4, 1],
      ['a block of the block table that says undefined', 3 * MIB + 40, 1],
    ] as const
  ).map(([what, offset, bits]) => ({
    what: `${what}, which only Windows needs`,
    quick: offset < 3 * MIB,
    codes: offset < 3 * MIB ? /^image\.head$/ : /^image\.bat$/,
    make: (made: Made) => flip(imageOf(made, made.full), offset, bits),
  })),
  {
    what: 'a letter of the path of the parent',
    quick: true,
    codes: /^image\.head$/,
    make: async (made) => {
      const image = imageOf(made, made.incr);
      await flip(image, await offsetOf(image, Buffer.from(made.full.id, 'utf16le')), 1);
    },
  },
  {
    what: 'a byte of the index of a hash file',
    quick: true,
    codes: /file\.hash.*hashes\.damaged/,
    make: (made) => {
      const { file, size } = made.full.disks[0]?.hashesFile ?? { file: '', size: 0 };
      return flip(pathOf(made, made.full, file), size - 140);
    },
  },
  {
    what: 'a byte of a page of a hash file',
    quick: false,
    codes: /file\.hash.*hashes\.damaged/,
    make: (made) => flip(pathOf(made, made.full, made.full.disks[0]?.hashesFile.file ?? ''), 200),
  },
  {
    what: 'a byte of the raw answers of the tracker',
    quick: false,
    codes: /file\.hash/,
    make: (made) => flip(pathOf(made, made.incr, made.incr.disks[0]?.changesFile?.file ?? ''), 12),
  },
  {
    what: 'a byte of the kept configuration',
    quick: false,
    codes: /file\.hash/,
    make: (made) => flip(pathOf(made, made.incr, 'config/settings.json'), 5),
  },
  {
    what: 'a digit of the hash root in the manifest',
    quick: true,
    codes: /manifest\.checksum/,
    make: async (made) => {
      const path = pathOf(made, made.incr, 'point.chain.json');
      const text = await readFile(path, 'utf8');
      const root = made.incr.disks[0]?.hashRoot ?? '';
      await writeFile(path, text.replace(root, otherRoot(root)));
    },
  },
  {
    what: 'a manifest with another hash root and a checksum that fits it',
    quick: true,
    codes: /hashes\.damaged/,
    make: (made) => changeDisk(made, (disk) => ({ ...disk, hashRoot: otherRoot(disk.hashRoot) })),
  },
  {
    what: 'a manifest that is no JSON any more',
    quick: true,
    codes: /manifest\.damaged/,
    make: (made) => flip(pathOf(made, made.full, 'point.chain.json'), 0),
  },
  {
    what: 'a manifest that is gone from a point that others build on',
    quick: true,
    codes: /manifest\.missing/,
    make: (made) => rm(pathOf(made, made.full, 'point.chain.json')),
  },
  {
    what: 'a folder in the place of a manifest',
    quick: true,
    codes: /source\.notFile/,
    make: async (made) => {
      const path = pathOf(made, made.incr, 'point.chain.json');
      await rm(path);
      await mkdir(path);
    },
  },
  ...(['logicalSectorSize', 'virtualDiskId', 'dataWriteGuid'] as const).map((field) => ({
    what: `another ${field} in the manifest than the image has`,
    quick: true,
    // Its parent is another disk then.
    codes: field === 'virtualDiskId' ? /chain\.gap/ : /point\.image/,
    make: (made: Made) =>
      changeDisk(made, (disk) => ({
        ...disk,
        [field]: field === 'logicalSectorSize' ? 4096 : newGuid(),
      })),
  })),
  {
    what: 'an image that is missing',
    quick: true,
    codes: /file\.missing/,
    make: (made) => rm(imageOf(made, made.full)),
  },
  {
    what: 'an image that was cut',
    quick: true,
    codes: /file\.size/,
    make: async (made) => {
      const image = imageOf(made, made.full);
      await writeFile(image, (await readFile(image)).subarray(0, -512));
    },
  },
  {
    what: 'a parent of another disk',
    quick: true,
    codes: /point\.image/,
    make: async (made) => {
      const { lab } = made;
      await lab.ask('add-vm', { name: 'other', disks: [{ size: 12 * MIB }] });
      await lab.write('other', 0, MIB, pattern(3 * MIB, 1));
      const store = await openTestStore(lab, 'other-store');
      const { manifest } = await backup(lab, store, 'other');
      const file = manifest.disks[0]?.file ?? '';
      const from = join(store.location, manifest.vm.id, manifest.id, file);
      await copyFile(from, imageOf(made, made.full));
    },
  },
];

/** All kinds of damage; every tenth under Windows Node, which needs a minute for all. They do not depend on the system. */
const CHOSEN = DAMAGES.filter((_, i) => ALL_CASES || process.platform !== 'win32' || i % 10 === 0);

const otherRoot = (root: string): string => root.replace(/^./, root.startsWith('0') ? '1' : '0');

/** Changes the record of the increment's disk, with a checksum that fits. */
async function changeDisk(made: Made, change: (disk: DiskRecord) => DiskRecord): Promise<void> {
  await changeManifest(pathOf(made, made.incr, 'point.chain.json'), (manifest) => ({
    ...manifest,
    disks: manifest.disks.map((disk, i) => (i === 0 ? change(disk) : disk)),
  }));
}

test('verify finds what was damaged, and quick finds what needs no reading of contents', async (t) => {
  const made = await fullAndIncrement(t);
  const { store, full } = made;
  const vmId = full.vm.id;
  const backupOf = join(made.lab.folder, 'copy');
  await cp(store.location, backupOf, { recursive: true });
  for (const { what, quick, codes, make } of CHOSEN) {
    await t.test(what, async () => {
      await make(made);
      const found = await verifyErrors(store, vmId);
      assert.match(found.join(' '), codes);
      const foundQuickly = await verifyErrors(store, vmId, true);
      assert.equal(foundQuickly.length > 0, quick, `quick: ${foundQuickly.join(' ')}`);
      await rm(store.location, { recursive: true });
      await cp(backupOf, store.location, { recursive: true });
      assert.deepEqual(await verifyErrors(store, vmId), []);
    });
  }
});

test('an increment on a damaged parent becomes a full that says so', async (t) => {
  const made = await fullAndIncrement(t, { rctGranularity: 4096 });
  const { lab, store } = made;
  const image = imageOf(made, made.incr);
  await flip(image, await offsetOf(image, pattern(5120, 2).subarray(0, 64)));
  // A change in the unit that is damaged: the rest of the unit would come from the parent.
  await lab.write('vm', 0, 2 * MIB + 32_768, pattern(512, 9));
  const hash = await lab.guestHash('vm', 0);
  const { manifest } = await backup(lab, store, 'vm');
  assert.equal(manifest.kind, 'full');
  assert.match(manifest.id, /-full$/);
  assert.equal(manifest.reason.code, 'parent.damaged');
  const options = restoreOptions(made, { format: 'raw' });
  const { disks } = await restorePoint(store, options, noProgress, never);
  assert.equal(await diskSha256(disks[0]?.file ?? ''), hash);
});

test('an increment whose parent image is gone becomes a full that says so', async (t) => {
  const made = await fullAndIncrement(t);
  await rm(imageOf(made, made.full));
  await made.lab.write('vm', 0, 9 * MIB, pattern(512, 9));
  const { manifest } = await backup(made.lab, made.store, 'vm');
  assert.equal(manifest.kind, 'full');
  assert.equal(manifest.reason.code, 'parent.damaged');
});
