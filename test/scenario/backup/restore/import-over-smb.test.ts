import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { toLocalPath } from '../../../../src/engine/backup/host/path-map.ts';
import { storeLedger } from '../../../../src/engine/backup/ledger/ledger-file.ts';
import { cleanVm } from '../../../../src/engine/backup/recovery/clean.ts';
import type { ImportOptions } from '../../../../src/engine/backup/restore/import/import-options.ts';
import { importVm } from '../../../../src/engine/backup/restore/import/import-vm.ts';
import { planImport } from '../../../../src/engine/backup/restore/import/plan-import.ts';
import type { Store } from '../../../../src/engine/backup/store/contract/store.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import { noLog } from '../../../../src/engine/base/log.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import {
  backup,
  clean,
  openTestStore,
  runDeps,
  startBackupLab,
  type BackupLab,
} from '../../../support/backup/backup-lab.ts';
import {
  assertNothingLeft,
  backedUpVm,
  importInto,
  importOptions,
  type BackedUpVm,
} from '../../../support/backup/import-lab.ts';
import { refpoint } from '../../../support/process/command.ts';

interface Ready {
  readonly lab: BackupLab;
  readonly store: Store;
  readonly vm: BackedUpVm;
  /** Nothing of the host is mapped to a folder of this machine. */
  readonly options: ImportOptions;
}

async function ready(t: TestContext, configured = true): Promise<Ready> {
  const lab = await startBackupLab(t, { smb: true });
  const store = await openTestStore(lab);
  const vm = await backedUpVm(lab, store, 'web', { configured });
  return { lab, store, vm, options: importOptions(lab, vm, { pathMap: [] }) };
}

const folderOf = ({ lab, options }: Ready): string =>
  toLocalPath(options.hostFolder, lab.pathMap, false).path;

for (const configured of [true, false]) {
  const from = configured ? 'configuration' : 'settings';
  test(`without a path map the disks go over SMB to the host's file server, and the VM is made of its ${from}`, async (t) => {
    const given = await ready(t, configured);
    const { lab, store, vm, options } = given;
    const plan = await planImport({ host: lab.host, store, now: Date.now }, options, never);
    assert.deepEqual(plan.findings, []);
    assert.equal(plan.folder, '\\\\127.0.0.1\\C$\\Lab\\Restored');
    assert.ok((plan.freeBytes ?? 0) > plan.neededBytes);
    const made = await importInto(lab, store, { ...options, start: true });
    assert.deepEqual([made.from, made.started, made.warnings], [from, true, []]);
    const hashes = [await lab.guestHash(made.id, 0), await lab.guestHash(made.id, 1)];
    assert.deepEqual(hashes, vm.points[1]?.hashes);
    const names = await readdir(folderOf(given));
    assert.deepEqual(
      names.filter((name) => name.startsWith('.')),
      [],
    );
    const { imports, sessions } = await storeLedger(store, vm.id).load(never);
    assert.deepEqual([imports, sessions], [undefined, undefined], 'no session is left');
    const { manifest } = await backup(lab, store, made.id);
    assert.deepEqual([manifest.kind, manifest.reason.code], ['full', 'vm.new']);
  });
}

test('over SMB, cancelled, in the way, without space and changed on its way: nothing is left', async (t) => {
  const given = await ready(t);
  const { lab, store, vm, options } = given;
  const nothing = (): Promise<void> => assertNothingLeft(lab, store, vm, options);
  for (const phase of ['Restoring', 'Reading back']) {
    const stop = new AbortController();
    let is = false;
    const progress = {
      ...noProgress,
      phase: (name: string) => void (is = name.startsWith(phase)),
      advance: () => void (is && stop.abort()),
    };
    const usual = { host: lab.host, store, log: noLog, now: Date.now };
    const deps = { ...usual, progress, onEdge: async () => undefined };
    await assert.rejects(importVm(deps, options, stop.signal), { name: 'AbortError' });
    await nothing();
  }
  // Somebody takes the name of the second disk while the first is written.
  const folder = folderOf(given);
  const taken = join(folder, '1-disk1.vhdx');
  const onEdge = async (edge: string): Promise<void> => {
    if (edge !== 'import.recorded') return;
    await mkdir(folder);
    await writeFile(taken, 'mine');
  };
  await assert.rejects(importInto(lab, store, options, { onEdge }), { code: 'restore.exists' });
  assert.deepEqual(await readdir(folder), ['1-disk1.vhdx'], 'what is not ours stays, alone');
  await assert.rejects(importInto(lab, store, options), { code: 'restore.exists' });
  // Neither a map nor a file server reaches another host's drive.
  const elsewhere = { ...options, hostFolder: 'E:\\VMs' };
  await assert.rejects(importInto(lab, store, elsewhere), { code: 'path.unmapped' });
});

test('a share with too little space is in the plan, is refused, and if it fills up nothing is left', async (t) => {
  const { lab, store, vm, options } = await ready(t);
  await lab.fault('smb.space', 5 * 2 ** 20);
  const deps = { host: lab.host, store, now: Date.now };
  const plan = await planImport(deps, options, never);
  assert.deepEqual(
    [plan.findings.map(({ code }) => code), plan.freeBytes],
    [['restore.space'], 5 * 2 ** 20],
  );
  await assert.rejects(importInto(lab, store, options), (error) => {
    assert.ok(isEngineError(error, 'restore.space'), String(error));
    assert.equal(error.data['free'], 5 * 2 ** 20);
    return true;
  });
  await assertNothingLeft(lab, store, vm, options);
  await lab.clearFaults();
  // The space was there when the plan was made, and somebody else needed it.
  const isFull = { ...noProgress, phase: () => void (filled ??= lab.fault('smb.space', 0)) };
  let filled: Promise<void> | undefined;
  await assert.rejects(
    importInto(lab, store, options, { progress: isFull }),
    /disk of the server is full/,
  );
  await filled;
  await assertNothingLeft(lab, store, vm, options);
});

test('killed at an edge of a restore over SMB, clean removes what lies on the server', async (t) => {
  const given = await ready(t);
  const { lab, store, vm } = given;
  const bare = lab.command.options.filter(
    (word, at, all) => word !== '--path-map' && all[at - 1] !== '--path-map',
  );
  for (const edge of ['import.recorded', 'import.written', 'import.made']) {
    await t.test(edge, async () => {
      const hostFolder = `C:\\Lab\\${edge}`;
      const options = { ...given.options, hostFolder, as: `web ${edge}` };
      const words = ['restore', '--import', '--store', store.location, '--vm', vm.id];
      const killed = await refpoint(
        [...words, '--host-folder', hostFolder, '--as', options.as, ...bare],
        { env: { ...lab.command.env, REFPOINT_KILL_AT: edge } },
      );
      assert.notEqual(killed.status, 0, killed.stdout);
      const before = await storeLedger(store, vm.id).load(never);
      const dry = { dryRun: true, pathMap: [] };
      await cleanVm(runDeps(lab, store), vm.id, dry, never);
      assert.deepEqual(
        await storeLedger(store, vm.id).load(never),
        before,
        'a dry run changes nothing',
      );
      const again = ['clean', vm.id, '--store', store.location, ...bare];
      const cleaned = await refpoint(again, { env: lab.command.env });
      assert.equal(cleaned.status, 0, cleaned.stderr);
      await assertNothingLeft(lab, store, vm, options);
    });
  }
  await clean(lab, store, vm.id);
});
