import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ShadowList } from '../../../src/engine/api/vss.ts';
import { storeLedger } from '../../../src/engine/backup/ledger/ledger-file.ts';
import { withSet, type OwnSet } from '../../../src/engine/backup/ledger/own-sets.ts';
import { writeVmRecord } from '../../../src/engine/backup/points/vm-record.ts';
import { never } from '../../../src/engine/base/abort.ts';
import { newGuid } from '../../../src/engine/base/guid.ts';
import { openKnownStores } from '../../../src/engine/hosts/by-hand/known-stores.ts';
import { connectTarget } from '../../../src/engine/hosts/connect-target.ts';
import { noLog } from '../../../src/engine/base/log.ts';
import { listOwnedShadows } from '../../../src/engine/operations/vss/list-shadows.ts';
import { openTestStore, startBackupLab } from '../../support/backup/backup-lab.ts';
import { afterwards } from '../../support/checks/afterwards.ts';

test('a shadow copy is ours only if a ledger of the stores names its set', async (t) => {
  const lab = await startBackupLab(t);
  const host = connectTarget(lab.target, noLog);
  afterwards(t, () => host.close());
  const store = await openTestStore(lab);
  const before = await lab.ask('shadow-create', {});
  const list = async (...stores: readonly string[]): Promise<ShadowList> =>
    listOwnedShadows(host, await openKnownStores(stores, never), never);
  const owners = ({ shadows }: ShadowList): readonly string[] => shadows.map(({ owner }) => owner);
  assert.deepEqual(owners(await list(store.location)), ['foreign']);

  const vm = newGuid();
  const seen = '2026-03-01T10:00:00.000Z';
  const vmRecord = { version: 1, id: vm, name: 'web', host: 'h', seen, diskNumbers: [] } as const;
  await writeVmRecord(store, vmRecord, never);
  const [shadow] = (await list()).shadows;
  assert.ok(shadow?.set);
  const ledger = storeLedger(store, vm);
  const record = async (change: Partial<OwnSet>): Promise<void> => {
    const own: OwnSet = {
      id: 'one',
      time: '2026-03-01T10:00:00.000Z',
      host: lab.target.url,
      computerName: null,
      folder: 'ab'.repeat(16),
      volumes: [shadow.volume ?? ''],
      existing: [before.id],
      set: null,
      ...change,
    };
    await ledger.save(withSet(await ledger.load(never), own), never);
  };
  await record({});
  assert.deepEqual(owners(await list(store.location)), ['foreign'], 'it was there before');
  await record({ existing: [] });
  assert.deepEqual(owners(await list(store.location)), ['unknown'], 'a backup may be making it');
  await record({ set: shadow.set as never });
  const ours = await list(store.location);
  assert.deepEqual(ours.shadows[0]?.vms, [{ id: vm, name: 'web' }]);
  assert.deepEqual(owners(ours), ['ours']);
  assert.deepEqual(owners(await list()), ['foreign'], 'no store was named');

  const gone = await list(store.location, `${store.location}-gone`);
  assert.deepEqual(owners(gone), ['ours']);
  assert.deepEqual(
    gone.unreadStores?.map(({ path }) => path),
    [`${store.location}-gone`],
  );
  assert.deepEqual(owners(await list(`${store.location}-gone`)), ['unknown']);
});
