import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { cleanVm } from '../../../../src/engine/backup/recovery/clean.ts';
import { runBackup } from '../../../../src/engine/backup/run/run-backup.ts';
import { storeLedger } from '../../../../src/engine/backup/ledger/ledger-file.ts';
import { DirectoryStore } from '../../../../src/engine/backup/store/directory/directory-store.ts';
import type { Store } from '../../../../src/engine/backup/store/contract/store.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import type { Guid } from '../../../../src/engine/base/guid.ts';
import { noLog } from '../../../../src/engine/base/log.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { askLab } from '../../../../src/engine/lab/control/lab-client.ts';
import { startLab } from '../../../../src/engine/lab/host/lab-host.ts';
import { Secret } from '../../../../src/engine/net/auth/contract/secret.ts';
import { connectHost } from '../../../../src/engine/hosts/connect-host.ts';
import { afterwards } from '../../../support/checks/afterwards.ts';
import { pattern } from '../../../support/backup/backup-lab.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const MIB = 2 ** 20;
const PASSWORD = 'Lab-Pa55word';

async function openHost(t: TestContext, dir: string) {
  const running = await startLab(
    {
      dir,
      httpPort: 0,
      httpsPort: undefined,
      password: PASSWORD,
      jobDelay: 0,
      settings: {},
      log: noLog,
    },
    never,
  );
  const { line } = running;
  const host = connectHost({
    url: line.http,
    credential: { user: line.user, password: new Secret(PASSWORD) },
    authentication: 'auto',
    tls: {},
    timeoutSeconds: 60,
    log: noLog,
  });
  const close = async (): Promise<void> => {
    await host.close();
    await running.close();
  };
  afterwards(t, close);
  const pathMap = Object.entries(line.pathMap).map(([from, local]) => ({ host: from, local }));
  const write = (vm: string, offset: number, seed: number): Promise<unknown> => {
    const base64 = pattern(65_536, seed).toString('base64');
    return askLab(dir, 'write-bytes', { vm, disk: 0, offset, base64 }, noProgress, never);
  };
  const points = async (vmId: Guid): Promise<string[]> =>
    (await host.listReferencePoints(vmId, never)).map(({ id }) => id);
  return { host, pathMap, write, points, close };
}

type Host = Awaited<ReturnType<typeof openHost>>;

const depsOf = ({ host }: Host, store: Store) => ({
  host,
  store,
  progress: noProgress,
  log: noLog,
  onEdge: async () => undefined,
  now: Date.now,
});

async function run(on: Host, store: Store, vmId: Guid) {
  const options = {
    kind: 'auto',
    method: 'file',
    consistency: 'crash',
    guestBackup: 'copy',
    checkTracker: 'off',
    maxChain: 60,
    pathMap: on.pathMap,
    exportDirectory: null,
    excludeDisks: [],
  } as const;
  return (await runBackup(depsOf(on, store), vmId, options, randomUUID(), never)).manifest;
}

/** A VM of one id on two hosts, as after a failover: the second is a copy of the first. */
async function twoHosts(t: TestContext) {
  const root = await temporaryFolder(t);
  const [dirA, dirB] = [join(root, 'hostA'), join(root, 'hostB')];
  const origin = await openHost(t, dirA);
  const disks = [{ size: 4 * MIB }];
  const { id } = await askLab(dirA, 'add-vm', { name: 'vm', disks }, noProgress, never);
  await origin.write(id, MIB, 1);
  await origin.close();
  await cp(dirA, dirB, { recursive: true });
  const a = await openHost(t, dirA);
  const b = await openHost(t, dirB);
  const store = await DirectoryStore.open(join(root, 'store'), { create: true }, never);
  return { a, b, store, vmId: id as Guid };
}

test('a VM id on two hosts: each host keeps its own chain and one reference point, and the ledger knows both', async (t) => {
  const { a, b, store, vmId } = await twoHosts(t);
  assert.notEqual(await a.host.computerName(never), await b.host.computerName(never));
  const kinds: string[] = [];
  for (let round = 0; round < 2; round++) {
    for (const on of [a, b]) {
      await on.write(vmId, 2 * MIB, round);
      kinds.push((await run(on, store, vmId)).kind);
    }
  }
  assert.deepEqual(kinds, ['full', 'full', 'incr', 'incr']);
  const listed = [...(await a.points(vmId)), ...(await b.points(vmId))];
  assert.equal(listed.length, 2);
  const { referencePoints } = await storeLedger(store, vmId).load(never);
  const owned = referencePoints.filter(({ state }) => state !== 'destroyed').map(({ id }) => id);
  assert.deepEqual(owned.sort(), listed.sort());
  await cleanVm(depsOf(b, store), vmId, { dryRun: false, pathMap: b.pathMap }, never);
  assert.equal((await a.points(vmId)).length, 1);
  assert.deepEqual((await storeLedger(store, vmId).load(never)).referencePoints, referencePoints);
});

test('records that hold an address only are looked up on the host, and never marked as destroyed unseen', async (t) => {
  const { a, b, store, vmId } = await twoHosts(t);
  await run(a, store, vmId);
  const ledger = storeLedger(store, vmId);
  const before = await ledger.load(never);
  const unnamed = before.referencePoints.map((each) => ({ ...each, computerName: null }));
  const checkpoint = {
    id: 'Microsoft:11111111-2222-3333-4444-555555555555',
    host: a.host.url,
    computerName: null,
    created: new Date().toISOString(),
    pointId: null,
    kept: false,
  };
  await ledger.save({ ...before, referencePoints: unnamed, checkpoints: [checkpoint] }, never);
  await run(b, store, vmId);
  const after = await ledger.load(never);
  assert.equal(after.referencePoints[0]?.state, 'current', 'only host A can tell');
  assert.deepEqual(after.checkpoints, [checkpoint]);
  await a.write(vmId, 2 * MIB, 3);
  assert.equal((await run(a, store, vmId)).kind, 'incr');
  const last = await ledger.load(never);
  assert.equal(last.referencePoints[0]?.state, 'destroyed', 'host A lists it, so it is of host A');
  assert.equal((await a.points(vmId)).length, 1);
});
