import assert from 'node:assert/strict';
import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { CELL_CHANNELS, TILE_CELLS } from '../../../src/engine/api/change-map.ts';
import { requests, type Request } from '../../../src/engine/api/methods.ts';
import { JobFolder } from '../../../src/engine/jobs/folder/job-folder.ts';
import {
  backup,
  backupOptions,
  openTestStore,
  startBackupLab,
} from '../../support/backup/backup-lab.ts';
import { startEngine } from '../../support/process/engine-process.ts';
import {
  askToCancel,
  backupSpec,
  homeOf,
  sampleState,
  startJob,
  untilJob,
} from '../../support/process/job-process.ts';

const MIB = 2 ** 20;

test('every request is answered by the engine process over a real host and a real store', async (t) => {
  const lab = await startBackupLab(t, { https: true, smb: true });
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 16 * MIB }] });
  await lab.write('vm', 0, MIB, Buffer.alloc(2 * MIB, 7));
  const engine = await startEngine(t, { home: homeOf(lab) });
  const called = new Set<string>();
  const ask = <P, R>(request: Request<P, R>, params: P): Promise<R> => {
    called.add(request.method);
    return engine.request(request, params);
  };
  const target = lab.secureTarget;

  const { version, home, koffi } = await ask(requests.environment, {});
  assert.equal(home, homeOf(lab));
  assert.match(version, /^\d/);
  assert.ok(koffi.detail.length > 0);

  const { url } = target;
  const shown = await ask(requests.certificate, { url, timeoutSeconds: 10 });
  assert.equal(shown.fingerprint, target.fingerprint);
  assert.equal(shown.trusted, false);
  assert.match(shown.problem ?? '', /SELF_SIGNED|UNABLE/);
  const { path: recorded } = await ask(requests.recordTrace, { on: true });
  const host = await ask(requests.testHost, { target });
  assert.deepEqual(
    [host.lab, host.authenticated, host.services.referencePoint],
    [true, true, true],
  );
  const access = await ask(requests.testFileAccess, { target, place: '' });
  assert.deepEqual([access.dialect, access.mechanism, access.share], ['3.1.1', 'ntlm', null]);
  const [row] = await ask(requests.listVms, { target });
  assert.deepEqual([row?.name, row?.disks, row?.state], ['vm', 1, 'running']);
  const vm = row?.id ?? '';

  const group = await ask(requests.createGroup, { target, name: 'group', members: [vm] });
  assert.deepEqual(await ask(requests.listGroups, { target }), [group]);
  const ofGroup = await ask(requests.showGroup, { target, group: group.id });
  assert.deepEqual(ofGroup.disks[0]?.holders, [{ id: vm, name: 'vm' }]);

  const point = await ask(requests.createReferencePoint, {
    target,
    vm,
    consistency: 'crash',
    progressToken: 'create',
  });
  assert.equal(point.owner, 'ours');
  const store = await openTestStore(lab);
  const opened = await ask(requests.openStore, { path: store.location, create: true });
  assert.deepEqual(opened, { path: store.location, id: store.id });
  const options = backupOptions(lab);
  const plans = await ask(requests.planBackup, { target, vm, store: store.location, options });
  assert.deepEqual([plans.auto.plan?.kind, plans.auto.plan?.disks.length], ['full', 1]);
  assert.deepEqual(plans.full.plan?.reason.code, 'asked');
  assert.equal(plans.incremental.error?.code, 'plan.incremental');

  const forGroup = { target, vm: group.id, group: true, store: store.location, options };
  const groupPlan = (await ask(requests.planBackup, forGroup)).auto.plan;
  assert.deepEqual([groupPlan?.vm, groupPlan?.kind], [{ id: group.id, name: 'group' }, 'full']);
  const exported = groupPlan?.methods.find(({ method }) => method === 'export');
  assert.match(exported?.reason ?? '', /A group is not exported/);

  const set = await ask(requests.planSet, { target, vms: ['vm'], allowOthers: false });
  assert.deepEqual([set.vms[0]?.id, set.vms[0]?.volumes.length, set.problems], [vm, 1, []]);
  assert.equal(set.volumes[0]?.name, 'C:\\');
  const shadow = await lab.ask('shadow-create', {});
  const copies = await ask(requests.listShadows, { target, stores: [store.location] });
  assert.deepEqual(
    copies.shadows.map(({ id, owner }) => [id, owner]),
    [[shadow.id, 'foreign']],
  );

  const full = await backup(lab, store, 'vm');
  await lab.write('vm', 0, 8 * MIB, Buffer.alloc(4096, 9));
  const increment = await backup(lab, store, 'vm');
  const stores = [store.location];
  const detail = await ask(requests.showVm, { target, vm, stores });
  assert.deepEqual(
    new Set(detail.referencePoints.map(({ owner, pointId }) => `${owner} ${pointId}`)),
    new Set(['ours null', `ours ${increment.manifest.id}`]),
  );
  const [stored] = await ask(requests.storeVms, { path: store.location });
  assert.deepEqual([stored?.name, stored?.points], ['vm', 2]);
  const points = await ask(requests.storePoints, { path: store.location, vm });
  assert.deepEqual(
    points.map(({ id, state, kind, parent }) => [id, state, kind, parent]),
    [
      [full.manifest.id, 'complete', 'full', null],
      [increment.manifest.id, 'complete', 'incr', full.manifest.id],
    ],
  );
  const report = await ask(requests.pointReport, {
    path: store.location,
    vm,
    point: increment.manifest.id,
  });
  assert.equal(report.disks[0]?.hashRoot, increment.manifest.disks[0]?.hashRoot);

  const choices = {
    point: 'latest',
    as: 'vm again',
    hostFolder: 'C:\\Lab\\Again',
    pathMap: lab.pathMap,
    connect: true,
    switches: [],
    start: false,
    keep: false,
  };
  const restore = await ask(requests.planImport, { target, store: store.location, vm, choices });
  assert.deepEqual([restore.point, restore.findings], [increment.manifest.id, []]);

  const overChoices = { point: 'latest', disks: [], over: vm, pathMap: lab.pathMap };
  const planned = { target, store: store.location, vm, choices: overChoices };
  const over = await ask(requests.planOver, { ...planned, progressToken: 'over' });
  assert.deepEqual(
    [over.point, over.findings.map(({ code }) => code), over.disks[0]?.way],
    [increment.manifest.id, ['over.state'], null],
    'the VM runs',
  );

  const reference = {
    kind: 'query',
    host: url,
    vm,
    disk: 0,
    since: point.id,
    title: 'since the point',
  } as const;
  const keepIn = await mkdtemp(join(lab.folder, 'kept-'));
  const disk = { kind: 'point', store: store.location, vm, point: 'latest', disk: 0 } as const;
  const inside = await ask(requests.inspectGuest, { disk });
  assert.equal(inside.size, points[0]?.disks[0]?.virtualSize);
  const folder = { disk, volume: null, path: '/', from: 0, count: 10 };
  await assert.rejects(ask(requests.listGuestFiles, folder), /0 volumes/);
  const copied = { disk, volume: null, paths: ['/'], to: store.location, progressToken: 'copy' };
  await assert.rejects(ask(requests.copyGuestFiles, copied), /0 volumes/);
  const map = await ask(requests.openMap, { reference, target, keepIn, progressToken: 'map' });
  assert.equal(map.virtualSize, 16 * MIB);
  assert.ok((map.bytes.changed ?? 0) >= 4096);
  const { mapId } = map;
  const [tile] = await ask(requests.mapTiles, { mapId, frame: -1, level: 12, indexes: [0] });
  assert.equal(Buffer.from(tile?.cells ?? '', 'base64').length, TILE_CELLS * CELL_CHANNELS);
  const page = await ask(requests.mapPage, { mapId, frame: -1, from: 0, count: 10 });
  assert.equal(page.total, map.rangeCount);
  const offset = 8 * MIB;
  const place = await ask(requests.mapPlace, { mapId, frame: -1, offset });
  assert.deepEqual([place.start, place.state], [offset, 'changed']);
  const seek = { mapId, frame: -1, offset: 0, direction: 'next' } as const;
  assert.equal((await ask(requests.mapSeek, seek))?.state, 'changed');
  const csv = join(lab.folder, 'ranges.csv');
  const written = await ask(requests.mapCsv, { mapId, frame: -1, path: csv, progressToken: 'csv' });
  assert.equal((await readFile(csv, 'utf8')).trim().split('\n').length, written.rows + 1);
  await ask(requests.closeMap, { mapId });

  const image = points[1]?.disks[0]?.path ?? '';
  const anatomy = await ask(requests.openAnatomy, { path: image, followParents: true });
  assert.deepEqual([anatomy.format, anatomy.subformat], ['vhdx', 'differencing']);
  const { anatomyId } = anatomy;
  const { states } = await ask(requests.anatomyBlocks, {
    anatomyId,
    from: 0,
    perCell: 1,
    count: 8,
  });
  assert.equal(Buffer.from(states, 'base64').length, 8);
  const { entry } = await ask(requests.anatomyBlock, { anatomyId, block: 0 });
  assert.equal(entry?.length, 8);
  const { bytes } = await ask(requests.anatomyBytes, { anatomyId, offset: 0, length: 8 });
  assert.equal(Buffer.from(bytes, 'base64').toString(), 'vhdxfile');
  const survey = await ask(requests.anatomySurvey, { anatomyId });
  assert.deepEqual([survey.lostBytes, survey.layers.length], [0, 2]);
  const sectors = await ask(requests.anatomySectors, { anatomyId, offset: 0, length: 4096 });
  assert.equal(Buffer.from(sectors.bytes, 'base64').length, 4096);
  const found = await ask(requests.anatomySearch, {
    anatomyId,
    space: 'file',
    patterns: [Buffer.from('head').toString('base64')],
    from: 0,
    progressToken: 'search',
  });
  assert.deepEqual(found.match, { offset: 2 ** 16, length: 4 });
  const differing = await ask(requests.anatomyDifferences, {
    anatomyId,
    otherId: anatomyId,
    from: 0,
    count: 10,
    progressToken: 'differences',
  });
  assert.deepEqual(differing, { ranges: [], next: null });
  await ask(requests.closeAnatomy, { anatomyId });
  const rebase = { path: image, parent: points[0]?.disks[0]?.path ?? '', progressToken: 'rebase' };
  await assert.rejects(ask(requests.rebaseImage, rebase), /store/);
  assert.deepEqual(await ask(requests.checkDisk, { path: image, chain: true }), { findings: [] });
  const ids = await ask(requests.trackingIds, { path: image, stores });
  const known = ids.ids.filter(({ from }) => from === 'point');
  assert.deepEqual(
    known.map((each) => each.point),
    points.map((each) => each.id).toReversed(),
    'those of the points of the disk, the newest first',
  );
  assert.match(ids.problem ?? '', /Windows/);
  const wanted = { to: null, inPlace: false, replace: false, confirmed: false };
  const plan = await ask(requests.repairImage, { path: image, ...wanted, progressToken: 'repair' });
  assert.deepEqual([plan.would, plan.left], [[], []]);
  const record = join(lab.folder, 'none.undo');
  await assert.rejects(ask(requests.undoImageRepair, { path: image, record }), /store/);
  const rescue = { path: image, to: join(lab.folder, 'copy.vhdx'), replace: false };
  const rescued = await ask(requests.rescueImage, { ...rescue, progressToken: 'rescue' });
  assert.deepEqual([rescued.lostBytes, rescued.virtualSize], [0, 16 * MIB]);

  const id = point.id;
  const remove = { target, vm, id, stores, foreign: false, progressToken: 'remove' };
  assert.deepEqual(await ask(requests.removeReferencePoint, remove), {});
  const byHand = { target, vm, progressToken: 'by hand' } as const;
  const named = { ...byHand, stores, foreign: false } as const;
  const first = await ask(requests.createCheckpoint, { ...byHand, consistency: 'crash' });
  assert.deepEqual(await ask(requests.removeCheckpoint, { ...named, id: first.id }), {});
  const second = await ask(requests.createCheckpoint, { ...byHand, consistency: 'crash' });
  const converted = await ask(requests.convertCheckpoint, { ...named, id: second.id });
  await ask(requests.removeReferencePoint, { ...remove, id: converted.id });
  const repair = { ...byHand, store: store.location, apply: false } as const;
  const repaired = await ask(requests.repairLedger, repair);
  assert.deepEqual([repaired.problem, repaired.added, repaired.unclaimed], [null, [], []]);

  const cleaned = await ask(requests.clean, {
    target,
    vm,
    store: store.location,
    pathMap: lab.pathMap,
    dryRun: true,
    progressToken: 'clean',
  });
  assert.deepEqual(cleaned, []);

  await lab.fault('job.slow', 60_000);
  const job = startJob(lab, backupSpec(lab, store.location));
  await untilJob(lab, job.id, 'running');
  await ask(requests.cancelJob, { id: job.id });
  await untilJob(lab, job.id, ({ stopping, state }) => stopping || state === 'cancelled');
  await lab.clearFaults();
  assert.equal(await job.closed, 130);
  const listed = await ask(requests.listJobs, { stores });
  assert.deepEqual(
    listed.map((each) => [each.id, each.state]),
    [[job.id, 'cancelled']],
  );
  await ask(requests.forgetJob, { id: job.id });
  assert.deepEqual(await ask(requests.listJobs, { stores }), []);

  assert.deepEqual(await ask(requests.recordTrace, { on: false }), { path: null });
  const trace = await ask(requests.openTrace, { path: recorded ?? '' });
  const { traceId } = trace;
  assert.ok(trace.exchanges > 20 && trace.changing > 0, `${trace.exchanges} exchanges`);
  assert.equal(trace.end, 'complete');
  const filter = { kind: 'changing', slowMs: 0, text: '' } as const;
  const request = { traceId, filter, start: 0, count: 10 };
  const [call] = (await ask(requests.tracePage, request)).rows;
  const { sequence = 0 } = call ?? {};
  const exchange = await ask(requests.traceExchange, { traceId, sequence });
  assert.equal(exchange.answer.tree?.name, 'Envelope');
  const both = { ...request, otherId: traceId, differences: true };
  assert.equal((await ask(requests.compareTraces, both)).total, 0);
  await ask(requests.closeTrace, { traceId });

  const all = Object.values(requests).map(({ method }) => method);
  assert.ok(all.length >= 26);
  assert.deepEqual(
    all.filter((method) => !called.has(method)),
    [],
    'each request was asked',
  );
  await engine.stop();
  assert.doesNotMatch(engine.output(), /Error|\bat \S+:\d+/);
});

test('a job can be cancelled and forgotten only as what it is', async (t) => {
  const lab = await startBackupLab(t);
  const engine = await startEngine(t, { home: homeOf(lab) });
  const write = async (change: Parameters<typeof sampleState>[0]): Promise<string> => {
    const state = sampleState(change);
    const folder = new JobFolder(homeOf(lab), state.id);
    await folder.create();
    await folder.writeState(state);
    return state.id;
  };
  const refused = (
    request: Request<{ id: string }, unknown>,
    id: string,
    code: string,
  ): Promise<void> =>
    assert.rejects(engine.request(request, { id }), (error: { readonly data: unknown }) => {
      assert.equal((error.data as { readonly code: string }).code, code);
      return true;
    });
  const unknown = sampleState().id;
  await refused(requests.cancelJob, unknown, 'job.notFound');
  await refused(requests.cancelJob, '../../etc', 'job.notFound');
  assert.deepEqual(await engine.request(requests.forgetJob, { id: unknown }), {});
  const done = await write({ state: 'done' });
  await refused(requests.cancelJob, done, 'job.state');
  // Machines change their names, as with the network that they are in: the folder is the same.
  const renamed = await write({ machine: 'other' });
  await refused(requests.forgetJob, renamed, 'job.state');
  assert.deepEqual(await engine.request(requests.cancelJob, { id: renamed }), {});
  assert.ok(await new JobFolder(homeOf(lab), renamed).cancelAsked());
  await askToCancel(lab, done);
  assert.deepEqual(await engine.request(requests.forgetJob, { id: done }), {});
});
