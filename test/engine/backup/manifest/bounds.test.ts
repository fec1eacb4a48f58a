import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  formatManifest,
  parseManifest,
} from '../../../../src/engine/backup/manifest/manifest-json.ts';
import type { PointManifest, Reason } from '../../../../src/engine/backup/manifest/manifest.ts';
import {
  MANIFEST_LIMIT,
  shortText,
  withinBounds,
} from '../../../../src/engine/backup/manifest/bounds.ts';
import { lastVerdict } from '../../../../src/engine/backup/verify/verdict.ts';
import { verifyPoints } from '../../../../src/engine/backup/verify/verify.ts';
import { readVmRecord, writeVmRecord } from '../../../../src/engine/backup/points/vm-record.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import type { Guid } from '../../../../src/engine/base/guid.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { hostError } from '../../../../src/engine/hyperv/hyperv-errors.ts';
import {
  backup,
  openTestStore,
  pattern,
  startBackupLab,
  type BackupLab,
} from '../../../support/backup/backup-lab.ts';
import { MemoryStore } from '../../../support/store/memory-store.ts';
import { sampleDisk, sampleManifest } from '../../../support/store/sample-manifest.ts';

const MIB = 2 ** 20;

function written(manifest: PointManifest): PointManifest {
  const bytes = formatManifest(withinBounds(manifest));
  assert.ok(bytes.length < MANIFEST_LIMIT, `${bytes.length} bytes`);
  return parseManifest(bytes, manifest.id);
}

test('whatever length texts, evidence and warnings have, the manifest can be written and read', () => {
  const long = '𐀀'.repeat(100_000);
  const name = long.slice(0, 20_000);
  const evidence = Object.fromEntries(
    Array.from({ length: 500 }, (_, i) => [`${name}${i}`, i % 2 === 0 ? long : i]),
  );
  const odd = { list: [1, 2], nothing: undefined, infinite: Infinity } as unknown;
  const reason: Reason = { code: 'first', text: long, evidence };
  const disk = sampleDisk();
  const found = written(
    sampleManifest({
      vm: { ...sampleManifest().vm, name: long },
      reason: { ...reason, evidence: odd as Reason['evidence'] },
      disks: [{ ...disk, reason }],
      excluded: [{ slot: 'scsi0:1', path: long, why: long }],
      warnings: Array.from({ length: 5000 }, () => ({
        code: 'store.room' as const,
        message: long,
      })),
    }),
  );
  assert.deepEqual(found.reason.evidence, { list: '[1,2]', nothing: '', infinite: 'Infinity' });
  assert.ok((found.disks[0]?.reason.evidence['more'] as number) > 400, 'says how many are missing');
  assert.deepEqual(found.warnings.at(-1), {
    code: 'warnings.more',
    message: '4801 more warnings were left out',
  });
  assert.ok(found.reason.text.isWellFormed());
});

test('hundreds of disks with long reasons of their own stay below the limit of the file', () => {
  const disk = sampleDisk();
  const evidence = Object.fromEntries(
    Array.from({ length: 64 }, (_, i) => [`e${i}`, 'x'.repeat(4000)]),
  );
  const disks = Array.from({ length: 260 }, (_, i) => ({
    ...disk,
    number: i,
    slot: `scsi${i}`,
    file: `${i}.vhdx`,
    hashesFile: { ...disk.hashesFile, file: `${i}.hashes` },
    changesFile: null,
    reason: { code: 'first' as const, text: 'y'.repeat(4000), evidence },
  }));
  assert.equal(written(sampleManifest({ disks })).disks.length, 260);
});

test('what is within its bounds stays as it is, and a text is cut between characters', () => {
  const sample = sampleManifest();
  assert.deepEqual(withinBounds(sample), sample);
  assert.equal(shortText('abc', 3), 'abc');
  assert.equal(shortText('abcd', 3), 'ab…');
  assert.equal(shortText('a𐀀bc', 3), 'a…');
});

test('records beside the manifest are never written longer than they are read', async () => {
  const store = new MemoryStore();
  const id = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff' as Guid;
  const name = 'n'.repeat(10_000);
  const seen = '2026-11-22T14:03:05Z';
  await writeVmRecord(store, { version: 1, id, name, host: 'h', seen, diskNumbers: [] }, never);
  assert.equal((await readVmRecord(store, id, never))?.name.length, 4096);
});

/** A host whose guest fails application consistency in many words. */
function wordy(lab: BackupLab): BackupLab['host'] {
  const words = `CreateSnapshot failed on the host: ${'VSS writer … '.repeat(400)}`;
  return new Proxy(lab.host, {
    get: (host, key) => {
      const value: unknown = Reflect.get(host, key, host);
      if (typeof value !== 'function') return value;
      const call = value.bind(host) as (...args: unknown[]) => unknown;
      if (key !== 'createBackupCheckpoint') return call;
      return async (...args: unknown[]) => {
        const { consistency } = args[1] as { readonly consistency: string };
        if (consistency === 'application') throw hostError('host.consistency', words);
        return call(...args);
      };
    },
  });
}

test('a backup is not refused at its commit for long words of the host, nor for many unreadable points', async (t) => {
  const lab = await startBackupLab(t);
  const { id } = await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  await lab.write(id, 0, MIB, pattern(MIB, 1));
  const store = await openTestStore(lab);
  const first = await backup(lab, store, id, { consistency: 'default' }, never, {
    host: wordy(lab),
  });
  assert.equal(first.manifest.warnings[0]?.code, 'consistency.crash');

  // The marker was made anew: each point says that it belongs to another store.
  const point = first.manifest.id;
  const folder = join(store.location, id);
  const text = await readFile(join(folder, point, 'point.chain.json'), 'utf8');
  for (let i = 0; i < 200; i++) {
    const minute = String(Math.floor(i / 60)).padStart(2, '0');
    const name = `20250101T00${minute}${String(i % 60).padStart(2, '0')}Z-full`;
    await mkdir(join(folder, name));
    const copy = text
      .replaceAll(point, name)
      .replace(store.id, '00000000-1111-2222-3333-444444444444');
    await writeFile(join(folder, name, 'point.chain.json'), copy);
  }
  const foreign = text.replace(store.id, '00000000-1111-2222-3333-444444444444');
  await writeFile(join(folder, point, 'point.chain.json'), foreign);
  const second = await backup(lab, store, id);
  assert.equal(second.manifest.kind, 'full');
  assert.equal((await backup(lab, store, id)).manifest.kind, 'incr');

  // A verdict with many findings is kept and read again.
  await verifyPoints(store, id as Guid, { point: undefined, quick: true }, noProgress, never);
  assert.equal((await lastVerdict(store, id as Guid, second.manifest.id, never))?.ok, true);
});
