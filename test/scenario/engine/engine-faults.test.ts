import assert from 'node:assert/strict';
import { mkdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { ErrorInfo } from '../../../src/engine/api/errors.ts';
import { requests } from '../../../src/engine/api/methods.ts';
import { never } from '../../../src/engine/base/abort.ts';
import {
  backup,
  backupOptions,
  openTestStore,
  startBackupLab,
  type BackupLab,
} from '../../support/backup/backup-lab.ts';
import { startEngine, type EngineProcess } from '../../support/process/engine-process.ts';
import { holdingProxy } from '../../support/host/holding-proxy.ts';
import { backupSpec, homeOf, startJob, untilJob } from '../../support/process/job-process.ts';
import { refusal } from '../../support/host/refusal.ts';

const MIB = 2 ** 20;

interface Surroundings {
  readonly lab: BackupLab;
  readonly engine: EngineProcess;
}

async function withVm(t: TestContext): Promise<Surroundings> {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  return { lab, engine: await startEngine(t, { home: homeOf(lab) }) };
}

const flags = ({ permanent, userFixable, damage }: ErrorInfo): string =>
  [permanent && 'permanent', userFixable && 'userFixable', damage && 'damage']
    .filter(Boolean)
    .join(' ');

test('a host that is down, does not answer, hangs up, or is none', async (t) => {
  const { lab, engine } = await withVm(t);
  const down = { ...lab.target, url: 'http://127.0.0.1:1' };
  for (const ask of [
    () => refusal(engine, requests.testHost, { target: down }),
    () => refusal(engine, requests.listVms, { target: down }),
    () => refusal(engine, requests.showVm, { target: down, vm: 'vm', stores: [] }),
  ]) {
    const error = await ask();
    assert.deepEqual([error.code, flags(error)], ['http.unreachable', 'userFixable']);
    assert.match(error.message, /127\.0\.0\.1:1 .*nothing listens there/);
  }
  const wire = await holdingProxy(t, lab.target.url);
  const held = { ...lab.target, url: wire.url, timeoutSeconds: 1 };
  void wire.hold();
  const silent = await refusal(engine, requests.listVms, { target: held }, 4000);
  assert.deepEqual([silent.code, flags(silent)], ['http.timeout', '']);
  assert.match(silent.message, /did not answer within 1 s/);
  await lab.fault('connection.before');
  const lost = await refusal(engine, requests.listVms, { target: lab.target });
  assert.deepEqual([lost.code, flags(lost)], ['http.lost', '']);
  await lab.clearFaults();
  await lab.fault('access.denied');
  const denied = await refusal(engine, requests.listVms, { target: lab.target });
  assert.equal(denied.code, 'wsman.fault.accessDenied');
  await lab.clearFaults();
  for (const [url, code] of [
    ['hv 01', 'http.url'],
    ['ftp://hv01', 'http.url'],
    ['10.0.0.1', 'http.auth.plain'],
  ] as const) {
    const target = { ...lab.target, url, authentication: 'basic' } as const;
    const error = await refusal(engine, requests.testHost, { target });
    assert.deepEqual([error.code, flags(error)], [code, 'permanent userFixable']);
  }
  const kerberos = { ...lab.target, authentication: 'kerberos' } as const;
  const nameless = await refusal(engine, requests.testHost, { target: kerberos });
  assert.equal(nameless.code, 'http.auth.spn', 'an address is no name for Kerberos');
});

test('a wrong password is refused by one exchange: no account is locked by trying again', async (t) => {
  const { lab, engine } = await withVm(t);
  const target = { ...lab.target, password: 'wrong' };
  for (const ask of [
    () => refusal(engine, requests.testHost, { target }),
    () => refusal(engine, requests.listVms, { target }),
    () => refusal(engine, requests.showVm, { target, vm: 'vm', stores: [] }),
  ]) {
    const before = engine.exchanges.length;
    const error = await ask();
    assert.deepEqual([error.code, flags(error)], ['http.auth.failed', 'permanent userFixable']);
    assert.equal(engine.exchanges.length - before, 1);
  }
  const anonymous = { ...lab.target, user: '', password: '' };
  const missing = await refusal(engine, requests.listVms, { target: anonymous });
  assert.equal(missing.code, 'http.auth.missing');
});

test('a VM that was deleted meanwhile, or has a namesake', async (t) => {
  const { lab, engine } = await withVm(t);
  const { target } = lab;
  const { id } = await lab.host.findVm('vm', never);
  const store = await openTestStore(lab);
  await lab.fault('job.slow', 2000);
  const job = startJob(lab, backupSpec(lab, store.location));
  await untilJob(lab, job.id, 'running');
  await lab.ask('remove-vm', { vm: 'vm' });
  const { location } = store;
  const options = backupOptions(lab);
  const point = { target, vm: id, consistency: 'crash', progressToken: 'p' } as const;
  for (const ask of [
    () => refusal(engine, requests.showVm, { target, vm: id, stores: [] }),
    () => refusal(engine, requests.planBackup, { target, vm: id, store: location, options }),
    () => refusal(engine, requests.createReferencePoint, point),
  ]) {
    const error = await ask();
    assert.deepEqual([error.code, flags(error)], ['host.vm.notFound', 'permanent userFixable']);
    assert.ok(error.message.includes(id));
  }
  assert.deepEqual(await engine.request(requests.listVms, { target }), []);
  assert.equal(await job.closed, 3, job.errors());
  const failed = await untilJob(lab, job.id, 'failed');
  assert.ok(
    (failed.error?.code ?? '').length > 0 && failed.error?.code !== 'internal',
    failed.error?.message,
  );
  await lab.clearFaults();
  for (let i = 0; i < 2; i++) await lab.ask('add-vm', { name: 'twin', disks: [] });
  const twins = await refusal(engine, requests.showVm, { target, vm: 'twin', stores: [] });
  assert.deepEqual([twins.code, flags(twins)], ['host.vm.ambiguous', 'permanent userFixable']);
});

test('a store that moved, is none, is newer, or is damaged', async (t) => {
  const { lab, engine } = await withVm(t);
  const store = await openTestStore(lab);
  const { manifest } = await backup(lab, store, 'vm');
  const path = store.location;
  const away = join(lab.folder, 'away');
  const vm = manifest.vm.id;
  const asks = [
    () => refusal(engine, requests.storeVms, { path }),
    () => refusal(engine, requests.storePoints, { path, vm }),
    () => refusal(engine, requests.pointReport, { path, vm, point: manifest.id }),
    () => refusal(engine, requests.openStore, { path, create: false }),
  ];
  const all = async (code: string, flagged: string, says: RegExp): Promise<void> => {
    for (const ask of asks) {
      const error = await ask();
      assert.deepEqual([error.code, flags(error)], [code, flagged]);
      assert.match(error.message, says);
    }
  };
  await rename(path, away);
  await all('store.notFound', 'permanent userFixable', /The folder .*store.* does not exist/);
  await mkdir(path);
  await writeFile(join(path, 'notes.txt'), '');
  await all('store.notStore', 'permanent userFixable', /is not a store: it contains notes\.txt/);
  const create = await refusal(engine, requests.openStore, { path, create: true });
  assert.equal(create.code, 'store.notStore', 'a folder of other things is not made a store');
  await rm(path, { recursive: true });
  await rename(away, path);
  const marker = join(path, 'refpoint-store.json');
  await writeFile(marker, JSON.stringify({ format: 'refpoint-store', version: 2, id: store.id }));
  await all('store.version', 'permanent userFixable', /version 2; .* up to 1/);
  await writeFile(marker, '{');
  await all('store.damaged', 'permanent damage', /not JSON/);
  await writeFile(marker, JSON.stringify({ format: 'refpoint-store', version: 1, id: store.id }));
  // One damaged point hides no other.
  await writeFile(join(path, vm, manifest.id, 'point.chain.json'), 'garbage');
  const points = await engine.request(requests.storePoints, { path, vm });
  assert.deepEqual(
    points.map(({ id, state }) => [id, state]),
    [[manifest.id, 'damaged']],
  );
  assert.match(points[0]?.problem ?? '', /not JSON/);
  const report = await refusal(engine, requests.pointReport, { path, vm, point: manifest.id });
  assert.equal(report.code, 'point.missing');
  const nobody = await refusal(engine, requests.storePoints, { path, vm: 'nobody' });
  assert.deepEqual([nobody.code, flags(nobody)], ['vm.missing', 'permanent userFixable']);
});

test('a file that is no disk image, is cut short, or is not there', async (t) => {
  const { lab, engine } = await withVm(t);
  const store = await openTestStore(lab);
  await lab.write('vm', 0, 0, Buffer.alloc(2 * MIB, 7));
  const { manifest } = await backup(lab, store, 'vm');
  const good = join(store.location, manifest.vm.id, manifest.id, manifest.disks[0]?.file ?? '');
  const text = join(lab.folder, 'text.vhdx');
  await writeFile(text, 'This is no disk image.\n'.repeat(100));
  const open = (path: string): Promise<ErrorInfo> =>
    refusal(engine, requests.openMap, {
      reference: { kind: 'image', path },
      target: null,
      keepIn: lab.folder,
      progressToken: 'p',
    });
  const none = await open(text);
  assert.equal(none.permanent, true);
  assert.ok(none.message.includes('text.vhdx'), none.message);
  await truncate(good, 3 * MIB);
  const short = await open(good);
  assert.equal(short.damage, true, short.message);
  const missing = join(lab.folder, 'missing.vhdx');
  for (const error of [
    await open(missing),
    await refusal(engine, requests.openAnatomy, { path: missing, followParents: false }),
  ]) {
    assert.deepEqual([error.code, flags(error)], ['source.notFound', 'permanent userFixable']);
  }
  const folder = await refusal(engine, requests.openAnatomy, {
    path: lab.folder,
    followParents: false,
  });
  assert.equal(folder.code, 'source.notFile');
  // The anatomy of a broken file is what its editor is for.
  const anatomy = await engine.request(requests.openAnatomy, { path: good, followParents: false });
  assert.ok(anatomy.findings.some(({ severity }) => severity === 'error'));
  const closed = await refusal(engine, requests.anatomyBytes, {
    anatomyId: 'gone',
    offset: 0,
    length: 1,
  });
  assert.equal(closed.code, 'anatomy.notOpen');
  const map = await refusal(engine, requests.mapPage, {
    mapId: 'gone',
    frame: -1,
    from: 0,
    count: 1,
  });
  assert.equal(map.code, 'map.notOpen');
});

test('two writers: cleaning while a job holds the lease says who holds it', async (t) => {
  const { lab, engine } = await withVm(t);
  const store = await openTestStore(lab);
  await lab.fault('job.hold');
  const job = startJob(lab, backupSpec(lab, store.location));
  const { target, pathMap } = lab;
  const params = { target, vm: 'vm', store: store.location, pathMap, dryRun: false };
  for (;;) {
    const [seen] = await engine.request(requests.listJobs, { stores: [] });
    if (seen?.progress !== null && seen !== undefined) break;
  }
  const held = await refusal(engine, requests.clean, { ...params, progressToken: 'p' });
  assert.deepEqual([held.code, flags(held)], ['lease.held', 'userFixable']);
  assert.deepEqual([held.data['pid'], held.data['job']], [job.process.pid, job.id]);
  await lab.clearFaults();
  assert.equal(await job.closed, 0, job.errors());
});
