import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IMPORT_EDGES } from '../../../../src/engine/backup/restore/import/import-edges.ts';
import { storeLedger } from '../../../../src/engine/backup/ledger/ledger-file.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import {
  backup,
  clean,
  openTestStore,
  startBackupLab,
} from '../../../support/backup/backup-lab.ts';
import {
  assertNothingLeft,
  backedUpVm,
  importInto,
  importOptions,
  systemNames,
} from '../../../support/backup/import-lab.ts';
import { refpoint } from '../../../support/process/command.ts';

const COMPLETE: ReadonlySet<string> = new Set(['import.realized', 'import.finished']);

test('killed at any edge of a restore as a VM, clean leaves a complete VM or nothing', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  for (const configured of [true, false]) {
    const vm = await backedUpVm(lab, store, `web-${configured}`, { configured });
    // Also after the VM is gone.
    await lab.ask('remove-vm', { vm: vm.name });
    for (const edge of IMPORT_EDGES) {
      if (edge === 'import.validated' && !configured) continue;
      await t.test(`${edge}, ${configured ? 'configuration' : 'settings'}`, async () => {
        const hostFolder = `C:\\Lab\\${configured}-${edge}`;
        const as = `${vm.name} ${edge}`;
        const options = importOptions(lab, vm, { hostFolder, as });
        const command = ['restore', '--import', '--store', store.location, '--vm', vm.id];
        const killed = await refpoint(
          [...command, '--host-folder', hostFolder, '--as', as, ...lab.command.options],
          { env: { ...lab.command.env, REFPOINT_KILL_AT: edge } },
        );
        assert.notEqual(killed.status, 0, killed.stderr);
        await clean(lab, store, vm.id, true);
        const cleaned = await refpoint(
          ['clean', vm.id, '--store', store.location, ...lab.command.options],
          { env: lab.command.env },
        );
        assert.equal(cleaned.status, 0, cleaned.stderr);
        if (!COMPLETE.has(edge)) {
          await assertNothingLeft(lab, store, vm, options);
          return;
        }
        const { id } = await lab.host.findVm(as, never);
        const hashes = [await lab.guestHash(id, 0), await lab.guestHash(id, 1)];
        assert.deepEqual(hashes, vm.points[1]?.hashes);
        assert.equal((await storeLedger(store, vm.id).load(never)).imports, undefined);
        const { manifest } = await backup(lab, store, id);
        assert.deepEqual([manifest.kind, manifest.reason.code], ['full', 'vm.new']);
      });
    }
  }
});

test('an answer that is lost after any request leaves a complete VM or, after clean, nothing', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  for (const configured of [true, false]) {
    const vm = await backedUpVm(lab, store, `web-${configured}`, { configured });
    let lost = 0;
    for (let at = 1; ; at++) {
      const hostFolder = `C:\\Lab\\${configured}-${at}`;
      const as = `${vm.name} ${at}`;
      const options = importOptions(lab, vm, { hostFolder, as });
      let calls = 0;
      const onEdge = async (edge: string) => {
        if (edge === 'import.asked') await lab.fault('connection.after', undefined, 1, at * 2);
      };
      try {
        await importInto(lab, store, options, { onEdge });
        calls = 1;
      } catch (error) {
        if (!isEngineError(error)) throw error;
      }
      const { occurred } = await lab.ask('fault-list', {});
      await lab.clearFaults();
      if (calls === 1 && occurred['connection.after'] === undefined) break;
      lost++;
      await clean(lab, store, vm.id);
      const names = await systemNames(lab);
      if (!names.includes(as)) await assertNothingLeft(lab, store, vm, options);
      else {
        assert.equal(names.filter((name) => name === as).length, 1);
        const { disks } = await lab.host.findVm(as, never);
        assert.equal(disks.length, 2);
      }
      assert.ok(at < 60, 'the restore never ends');
    }
    assert.ok(lost >= 5, `${lost} answers were lost`);
  }
});
