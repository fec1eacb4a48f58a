import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LedgerKeeper } from '../../../src/engine/backup/context/run-context.ts';
import { cleanVm } from '../../../src/engine/backup/recovery/clean.ts';
import { storeLedger } from '../../../src/engine/backup/ledger/ledger-file.ts';
import { withCheckpoint, withSession } from '../../../src/engine/backup/ledger/ledger.ts';
import { never } from '../../../src/engine/base/abort.ts';
import { SHARE_ACCESS } from '../../../src/engine/net/smb/codec/protocol/constants.ts';
import {
  backup,
  openTestStore,
  pattern,
  runDeps,
  startBackupLab,
} from '../../support/backup/backup-lab.ts';
import { connected, open } from '../../support/smb/hand-made-client.ts';

const MIB = 2 ** 20;
const SERVER = '127.0.0.1';

test('a machine that went down blocks the merge with an open file, until the next run names its session', async (t) => {
  const lab = await startBackupLab(t, { smb: true });
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 8 * MIB }] });
  await lab.ask('set-state', { vm: 'vm', state: 'running' });
  const { id } = await lab.host.findVm('vm', never);
  const { user, password, smb } = lab.target;
  const dead = await connected(t, { user, password, port: smb?.port ?? 0 });

  // As an interrupted run leaves it: a checkpoint of ours, one of its files open on the server.
  const request = { consistency: 'crash', guestBackup: 'copy' } as const;
  const made = await lab.host.createBackupCheckpoint(id, request, never);
  const { frozen } = await lab.host.frozenDisks(id, made.id, never);
  const file = frozen[0]?.path.replace(/^C:\\Lab\\VMs\\/, '') ?? '';
  assert.equal((await open(dead, file, { shareAccess: SHARE_ACCESS.read })).status, 0);
  const keeper = await LedgerKeeper.load(storeLedger(store, id), never);
  const computerName = await lab.host.computerName(never);
  const created = new Date().toISOString();
  const own = {
    id: made.id,
    host: lab.host.url,
    created,
    computerName,
    pointId: null,
    kept: false,
  };
  await keeper.update((ledger) => withCheckpoint(ledger, own, null), never);

  const clean = (mergeWaitSeconds: number) =>
    cleanVm(runDeps(lab, store), id, { dryRun: false, pathMap: [], mergeWaitSeconds }, never);
  const before = await clean(1);
  assert.deepEqual(
    before.map(({ kind }) => kind),
    ['checkpoint', 'left'],
    'without the session, the merge waits for the open file',
  );
  const session = { server: SERVER, id: dead.sessionId.toString(16), opened: created };
  await keeper.update((ledger) => withSession({ ...ledger, checkpoints: [] }, session), never);
  assert.deepEqual(await clean(20), []);
  const { merged, checkpoints } = await lab.host.findVm('vm', never);
  assert.deepEqual([merged, checkpoints], [true, []]);
  assert.equal((await storeLedger(store, id).load(never)).sessions, undefined);
});

test('the session of a run is in the ledger while it may have files open, and not afterwards', async (t) => {
  const lab = await startBackupLab(t, { smb: true });
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 8 * MIB }] });
  await lab.write('vm', 0, 0, pattern(MIB, 1));
  const { id } = await lab.host.findVm('vm', never);
  const servers: Record<string, readonly string[]> = {};
  const onEdge = async (edge: string): Promise<void> => {
    const { sessions = [] } = await storeLedger(store, id).load(never);
    servers[edge] = sessions.map(({ server }) => server);
  };
  await backup(lab, store, 'vm', { method: 'smb', pathMap: [] }, never, { onEdge });
  assert.deepEqual(servers['recovered'], []);
  assert.deepEqual(servers['checkpoint.made'], [SERVER]);
  assert.deepEqual(servers['config.written'], [SERVER]);
  assert.deepEqual(servers['convert.intended'], [], 'closed before the conversion');
  assert.deepEqual(servers['released'], []);
});

test('a session whose end the server did not confirm is ended by a new one before the conversion', async (t) => {
  const lab = await startBackupLab(t, { smb: true });
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 8 * MIB }] });
  await lab.write('vm', 0, 0, pattern(MIB, 1));
  const { id } = await lab.host.findVm('vm', never);
  let before: unknown;
  const onEdge = async (edge: string): Promise<void> => {
    if (edge === 'config.written') await lab.fault('smb.drop', undefined, 1);
    if (edge === 'convert.intended') before = (await storeLedger(store, id).load(never)).sessions;
  };
  await backup(lab, store, 'vm', { method: 'smb', pathMap: [] }, never, { onEdge });
  assert.equal(before, undefined);
});

test('a server that is gone for good: the run is undone, and clean frees what it may keep open', async (t) => {
  const lab = await startBackupLab(t, { smb: true });
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 8 * MIB }] });
  await lab.write('vm', 0, 0, pattern(MIB, 1));
  const { id } = await lab.host.findVm('vm', never);
  const onEdge = async (edge: string): Promise<void> => {
    if (edge === 'ranges.known') await lab.fault('smb.drop');
  };
  const run = backup(lab, store, 'vm', { method: 'smb', pathMap: [] }, never, { onEdge });
  await assert.rejects(run, { code: 'smb.lost' });
  const { checkpoints, referencePoints } = await lab.host.findVm('vm', never);
  assert.deepEqual([checkpoints, referencePoints], [[], []]);
  const ledger = () => storeLedger(store, id).load(never);
  assert.equal((await ledger()).sessions?.[0]?.server, SERVER);
  await lab.clearFaults();
  const options = { dryRun: false, pathMap: [] };
  assert.deepEqual(await cleanVm(runDeps(lab, store), id, options, never), []);
  assert.equal((await ledger()).sessions, undefined);
  const { manifest } = await backup(lab, store, 'vm', { method: 'smb', pathMap: [] });
  assert.equal(manifest.kind, 'full');
});
