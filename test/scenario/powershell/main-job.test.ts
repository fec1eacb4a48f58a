import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../src/engine/base/abort.ts';
import { CIMV2_CLASSES } from '../../../src/engine/lab/cimv2/cimv2-classes.ts';
import { declareTable } from '../../../src/engine/lab/classes/declare.ts';
import { virtualizationClasses } from '../../../src/engine/lab/classes/virtualization-classes.ts';
import {
  backup,
  hostOver,
  openTestStore,
  pattern,
  restoredHashes,
  startBackupLab,
  verifyErrors,
} from '../../support/backup/backup-lab.ts';
import { needsPowershell } from '../../support/powershell/needs-powershell.ts';
import { shellClient, useBridge } from '../../support/powershell/powershell-lab.ts';

const MIB = 2 ** 20;

test(
  'a full and an increment through PowerShell go on in a chain that WS-Management began',
  needsPowershell,
  async (t) => {
    const lab = await startBackupLab(t);
    const classes = { namespace: 'root/virtualization/v2', classes: virtualizationClasses('2022') };
    const cimv2 = { namespace: 'root/cimv2', classes: declareTable(CIMV2_CLASSES, new Map()) };
    await useBridge(t, lab.client, { ...classes, neighbours: [cimv2 as never] });
    const host = hostOver(shellClient(t), lab.target);

    await lab.ask('add-vm', { name: 'web', disks: [{ size: 12 * MIB }, { size: 8 * MIB }] });
    await lab.write('web', 0, MIB, pattern(3 * MIB, 1));
    const overviews = await Promise.all([lab.host, host].map((each) => each.findVm('web', never)));
    assert.deepEqual(overviews[1], overviews[0]);
    const { id } = overviews[0] ?? assert.fail();
    const details = await Promise.all([lab.host, host].map((each) => each.test(never)));
    assert.deepEqual(details[1]?.services, details[0]?.services);
    assert.deepEqual(details[1]?.rights, details[0]?.rights);
    assert.equal(details[1]?.osVersion, details[0]?.osVersion);

    const store = await openTestStore(lab);
    const states: Record<string, string>[] = [];
    const kinds: string[] = [];
    for (const by of [host, lab.host, host]) {
      await lab.write('web', 0, (4 + states.length) * MIB, pattern(70_000, states.length));
      await lab.write('web', 1, states.length * MIB, pattern(4096, 9));
      states.push({ 0: await lab.guestHash('web', 0), 1: await lab.guestHash('web', 1) });
      const { manifest } = await backup(lab, store, 'web', {}, never, { host: by });
      kinds.push(...manifest.disks.map(({ kind }) => kind));
      assert.deepEqual(await restoredHashes(lab, store, id, manifest.id), states.at(-1));
    }
    assert.deepEqual(kinds, ['full', 'full', 'incr', 'incr', 'incr', 'incr']);
    assert.deepEqual(await verifyErrors(store, id), []);
    const left = await Promise.all([
      host.listCheckpoints(id, never),
      host.listReferencePoints(id, never),
    ]);
    assert.equal(left[0].length, 0);
    assert.equal(left[1].length, 1);
  },
);
