import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { storeLedger } from '../../../../src/engine/backup/ledger/ledger-file.ts';
import { IMPORT_EDGES } from '../../../../src/engine/backup/restore/import/import-edges.ts';
import { importVm } from '../../../../src/engine/backup/restore/import/import-vm.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import { noLog } from '../../../../src/engine/base/log.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { machine } from '../../../../src/engine/source/platform/file-environment.ts';
import { clean, openTestStore, startBackupLab } from '../../../support/backup/backup-lab.ts';
import {
  assertNothingLeft,
  backedUpVm,
  importInto,
  importOptions,
  systemNames,
} from '../../../support/backup/import-lab.ts';

async function ready(t: TestContext) {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  const vm = await backedUpVm(lab, store, 'web');
  return { lab, store, vm, options: importOptions(lab, vm) };
}

test('no space, no right to write, an unmounted folder and a .vmcx of another VM are told, and nothing is left', async (t) => {
  const { lab, store, vm, options } = await ready(t);
  const nothing = (): Promise<void> => assertNothingLeft(lab, store, vm, options);
  const full = t.mock.method(machine.files, 'statfs', async () => ({ bavail: 1, bsize: 4096 }));
  await assert.rejects(importInto(lab, store, options), (error) => {
    assert.ok(isEngineError(error, 'restore.space'), String(error));
    assert.ok(error.data['free'] === 4096 && Number(error.data['needed']) > 4096);
    return true;
  });
  full.mock.restore();
  await nothing();

  const { mkdir } = machine.files;
  const denied = t.mock.method(machine.files, 'mkdir', async (path: string, ...more: never[]) => {
    if (!path.includes('.refpoint-restore-')) return mkdir(path, ...more);
    throw Object.assign(new Error('denied'), { code: 'EACCES', syscall: 'mkdir', path });
  });
  await assert.rejects(importInto(lab, store, options), { code: 'source.denied' });
  denied.mock.restore();
  await nothing();

  const local = join(lab.folder, 'not-mounted');
  const pathMap = [{ host: 'C:\\Lab', local }];
  await assert.rejects(importInto(lab, store, { ...options, pathMap }), { code: 'path.missing' });
  assert.ok(!existsSync(local), 'it is not made');

  const other = await backedUpVm(lab, store, 'other');
  const config = async (id: string, point: string): Promise<string> => {
    const folder = join(store.location, id, point, 'config');
    const name = (await readdir(folder)).find((each) => each.endsWith('.vmcx'));
    return join(folder, name ?? assert.fail());
  };
  const own = await config(vm.id, vm.points[1]?.id ?? '');
  await copyFile(await config(other.id, other.points[1]?.id ?? ''), own);
  await assert.rejects(importInto(lab, store, options), { code: 'point.damaged' });
  await nothing();
});

test('cancelled by its signal at any edge, a restore as a VM leaves a complete VM or nothing', async (t) => {
  const { lab, store, vm, options } = await ready(t);
  for (const edge of IMPORT_EDGES) {
    const as = `web ${edge}`;
    const hostFolder = `C:\\Lab\\${edge}`;
    const stop = new AbortController();
    const onEdge = async (each: string): Promise<void> => void (each === edge && stop.abort());
    const usual = { host: lab.host, store, progress: noProgress, log: noLog, now: Date.now };
    const done = await importVm(
      { ...usual, onEdge },
      { ...options, as, hostFolder },
      stop.signal,
    ).catch((error: unknown) => {
      assert.equal((error as Error).name, 'AbortError', String(error));
      return undefined;
    });
    if (done === undefined) await clean(lab, store, vm.id);
    if (!(await systemNames(lab)).includes(as)) {
      assert.equal(done, undefined);
      await assertNothingLeft(lab, store, vm, { ...options, as, hostFolder });
      continue;
    }
    const { id } = await lab.host.findVm(as, never);
    const hashes = [await lab.guestHash(id, 0), await lab.guestHash(id, 1)];
    assert.deepEqual(hashes, vm.points[1]?.hashes);
    assert.equal((await storeLedger(store, vm.id).load(never)).imports, undefined);
  }
});
