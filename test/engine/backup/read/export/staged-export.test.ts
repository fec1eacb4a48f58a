import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { storeLedger } from '../../../../../src/engine/backup/ledger/ledger-file.ts';
import { withIntent } from '../../../../../src/engine/backup/ledger/ledger.ts';
import { LedgerKeeper, newIntent } from '../../../../../src/engine/backup/context/run-context.ts';
import { exportFolder } from '../../../../../src/engine/backup/read/export/staged-export.ts';
import { never } from '../../../../../src/engine/base/abort.ts';
import {
  clean,
  openTestStore,
  runDeps,
  startBackupLab,
} from '../../../../support/backup/backup-lab.ts';

const POINT = '20261122T140305Z-incr';

/** A VM with an export intent for `name` in the ledger, and a folder of that name with a file in it. */
async function scene(
  t: Parameters<typeof startBackupLab>[0],
  nameOf: (vmId: string) => string,
  start: Parameters<typeof startBackupLab>[1] = {},
) {
  const lab = await startBackupLab(t, start);
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 2 ** 21 }] });
  const { id: vmId } = await lab.host.findVm('vm', never);
  const [root] = lab.pathMap;
  assert.ok(root !== undefined);
  const folder = join(root.local, 'Exports', nameOf(vmId));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'disk.vhdx'), 'contents');
  const keeper = await LedgerKeeper.load(storeLedger(store, vmId), never);
  const directory = `${lab.exportDirectory}\\${nameOf(vmId)}`;
  const computerName = await lab.host.computerName(never);
  const parts = { kind: 'export', pointId: POINT, existing: [], computerName, directory } as const;
  const intent = newIntent(runDeps(lab, store), parts);
  await keeper.update((ledger) => withIntent(ledger, intent), never);
  const intents = async (): Promise<number> =>
    (await LedgerKeeper.load(storeLedger(store, vmId), never)).ledger.intents.length;
  return { lab, store, vmId, folder, directory, intents };
}

test('clean removes the export that an interrupted run left', async (t) => {
  const { lab, store, vmId, folder, directory, intents } = await scene(t, (id) => `${id}-${POINT}`);
  assert.equal(directory, exportFolder(`${lab.exportDirectory}\\`, vmId, POINT));
  const items = await clean(lab, store, vmId);
  assert.deepEqual(
    items.map(({ kind, id }) => [kind, id]),
    [['export', directory]],
  );
  assert.ok(!existsSync(folder));
  assert.equal(await intents(), 0);
});

for (const [what, nameOf] of [
  ['another VM', () => `11111111-2222-4333-8444-555555555555-${POINT}`],
  ['no point', (id: string) => `${id}-notes`],
  ['a name of its own', () => 'Production'],
] as const) {
  test(`clean never removes a folder that a ledger names after ${what}`, async (t) => {
    const { lab, store, vmId, folder, intents } = await scene(t, nameOf);
    const items = await clean(lab, store, vmId);
    assert.deepEqual(
      items.map(({ kind }) => kind),
      ['unclear'],
    );
    assert.match(items[0]?.text ?? '', /left alone/);
    assert.ok(existsSync(join(folder, 'disk.vhdx')));
    assert.equal(await intents(), 1);
  });
}

test('an export that cannot be reached stays in the ledger until a clean that can reach it', async (t) => {
  const { lab, store, vmId, folder, intents } = await scene(t, (id) => `${id}-${POINT}`);
  const blind = await clean(
    { ...lab, pathMap: [{ host: 'Q:\\Else', local: folder }] },
    store,
    vmId,
  );
  assert.match(blind[0]?.text ?? '', /cannot reach/);
  assert.ok(existsSync(folder));
  assert.equal(await intents(), 1);
  await clean(lab, store, vmId);
  assert.ok(!existsSync(folder));
  assert.equal(await intents(), 0);
});

test('an export that the path map does not show is removed over SMB, and not taken for removed', async (t) => {
  const { lab, store, vmId, folder, directory, intents } = await scene(
    t,
    (id) => `${id}-${POINT}`,
    { smb: true },
  );
  const old = join(lab.folder, 'old-copy');
  await mkdir(old);
  await writeFile(join(old, 'disk.vhdx'), 'yesterday');
  const [root] = lab.pathMap;
  const pathMap = [{ host: root?.host ?? '', local: old }];
  const items = await clean({ ...lab, pathMap }, store, vmId);
  assert.deepEqual(
    items.map(({ kind, id }) => [kind, id]),
    [['export', directory]],
  );
  assert.ok(!existsSync(folder));
  assert.ok(existsSync(join(old, 'disk.vhdx')));
  assert.equal(await intents(), 0);
});
