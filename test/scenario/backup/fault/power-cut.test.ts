import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { test } from 'node:test';
import { isDamaged } from '../../../../src/engine/backup/verify/verdict.ts';
import { verifyPoints } from '../../../../src/engine/backup/verify/verify.ts';
import { storeLedger } from '../../../../src/engine/backup/ledger/ledger-file.ts';
import { listPoints } from '../../../../src/engine/backup/points/catalog.ts';
import { DirectoryStore } from '../../../../src/engine/backup/store/directory/directory-store.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import type { Guid } from '../../../../src/engine/base/guid.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { backup, pattern, startBackupLab } from '../../../support/backup/backup-lab.ts';
import { MemoryStore } from '../../../support/store/memory-store.ts';
import { PowerCutFiles, type PowerCut } from '../../../support/files/power-cut-files.ts';

/** What a cut left of the files of points alone, for telling whether anything of them changed. */
const fingerprint = (files: PowerCut['files']): string =>
  [...files]
    .filter(([path]) => /Z-(full|incr)/.test(path))
    .map(([path, { key }]) => `${path} ${key}`)
    .sort()
    .join();

/** A store as a cut left it. Temporary files are hidden as a folder's listing hides them. */
async function storeOf(
  root: string,
  id: Guid,
  files: PowerCut['files'],
  needed: RegExp,
): Promise<MemoryStore> {
  const store = Object.assign(new MemoryStore(), { id });
  for (const [path, file] of files) {
    const name = relative(root, path).replaceAll(sep, '/');
    if (name.includes('.refpoint-') || !needed.test(name)) continue;
    await store.createAbsent(name, file.bytes(), never);
  }
  return store;
}

test('after a loss of power anywhere in two backups each point is whole or was never made', async (t) => {
  if (process.platform === 'win32') return t.skip('Windows flushes no folders');
  const lab = await startBackupLab(t);
  const { id } = await lab.ask('add-vm', { name: 'vm', disks: [{ size: 8 * MIB + 512 }] });
  const vmId = id as Guid;
  const root = join(lab.folder, 'store');
  await mkdir(root);
  const files = new PowerCutFiles();
  const store = await DirectoryStore.open(
    root,
    { create: true, environment: files.environment },
    never,
  );
  /** Number of events when each point was committed. */
  const committed: number[] = [];
  const onEdge = async (edge: string): Promise<void> => {
    if (edge === 'committed') committed.push(files.position);
  };
  const manifests = [];
  for (const kind of ['full', 'incr'] as const) {
    // Whole cells, which are written past the cache where that can be had, and scattered sectors.
    const seed = kind.length;
    await lab.write('vm', 0, MIB, pattern(2 * MIB + 65_536, seed));
    await lab.write('vm', 0, 8 * MIB, pattern(512, seed));
    const { manifest } = await backup(lab, store, 'vm', {}, never, { onEdge });
    assert.equal(manifest.kind, kind);
    manifests.push(manifest.id);
  }
  assert.equal(committed.length, 2);

  const known = new Map<string, readonly string[]>();
  let states = 0;
  let ledgers = 0;
  for (const { cut, variant, files: left } of files.cuts(false)) {
    const what = `after ${cut} of ${files.position} events, ${variant}`;
    states++;
    const key = fingerprint(left);
    let whole = known.get(key);
    if (whole === undefined) {
      const made = await storeOf(root, store.id, left, /./);
      const points = await listPoints(made, vmId, never);
      for (const point of points) {
        assert.notEqual(point.state, 'damaged', `${what}: ${JSON.stringify(point)}`);
      }
      whole = points.flatMap((point) => (point.state === 'complete' ? [point.id] : []));
      const all = { point: undefined, quick: false };
      const verdicts = await verifyPoints(made, vmId, all, noProgress, never);
      assert.deepEqual(verdicts.filter(isDamaged), [], what);
      known.set(key, whole);
    }
    for (const [i, position] of committed.entries()) {
      const point = manifests[i] as string;
      if (cut >= position) assert.ok(whole.includes(point), `${what}: ${point} is committed`);
    }
    // What is ours on the host is known whatever happens.
    const records = await storeOf(root, store.id, left, /ledger\.json$/);
    const ledger = await storeLedger(records, vmId).load(never);
    if (ledger.referencePoints.length > 0) ledgers++;
  }
  t.diagnostic(`${files.position} events, ${states} states, ${known.size} of points`);
  assert.ok(states > 300 && known.size > 20 && ledgers > 50);
  assert.ok([...known.values()].some((points) => points.length === 0));
});
