import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { beforeEach, test, type TestContext } from 'node:test';
import type { ErrorInfo } from '../../../../src/engine/api/errors.ts';
import type { JobInfo } from '../../../../src/engine/api/jobs.ts';
import { requests } from '../../../../src/engine/api/methods.ts';
import type { ImportPlan } from '../../../../src/engine/api/backup.ts';
import { hostPathProblem } from '../../../../src/extension/hosts/host-path.ts';
import { folderSuggestion } from '../../../../src/extension/commands/restore/restore-folder.ts';
import { sayEnd } from '../../../../src/extension/jobs/job-end.ts';
import { subjectOfJob } from '../../../../src/extension/jobs/job-subject.ts';
import { readHosts } from '../../../../src/extension/settings/hosts.ts';
import { jobNode } from '../../../../src/extension/nodes/node-names.ts';
import { fakeWindow, settled } from '../../../support/extension/extension-window.ts';
import { giveUpEverywhere } from '../../../support/extension/give-up.ts';
import {
  guid,
  job,
  jobResult,
  storePoint,
  storeVm,
  vmRow,
} from '../../../support/extension/samples.ts';
import { giveUp, pick, press, type } from '../../../support/vscode/script.ts';
import { workbench } from '../../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

const HOST = { name: 'hv', url: 'http://127.0.0.1:5985', pathMap: { 'D:\\VMs': '/mnt/vms' } };
const EVIL = 'a $(trash) [x](command:y)\u202E';

const finding = (code: string, data: ErrorInfo['data'] = {}): ErrorInfo => ({
  code,
  message: `${code} in the engine's words`,
  data,
  permanent: true,
  userFixable: true,
  damage: false,
});

const samplePlan = (change: Partial<ImportPlan> = {}): ImportPlan => ({
  computerName: 'HV01',
  vm: { id: guid(1), name: EVIL },
  point: '1-full',
  name: `${EVIL} (restored)`,
  from: 'configuration',
  hostFolder: 'D:\\VMs\\new',
  folder: '/mnt/vms/new',
  disks: [{ number: 0, path: 'D:\\VMs\\new\\0-disk.vhdx', virtualSize: 2 ** 30 }],
  networks: [{ switch: EVIL, to: null, missing: false }],
  switches: ['Lab Switch', EVIL],
  neededBytes: 2 ** 20,
  freeBytes: 2 ** 30,
  lost: [],
  findings: [],
  ...change,
});

/** A window with a host, a point that restores a VM, and an engine with plans that follow the choices. */
async function withPlan(
  t: TestContext,
  plans: (choices: {
    readonly as: string | null;
    readonly hostFolder: string;
  }) => Partial<ImportPlan> = () => ({}),
) {
  workbench.settings.put('refpoint.stores', ['/stores/a']);
  workbench.settings.put('refpoint.hosts', [HOST]);
  const window = await fakeWindow(t);
  window.engine
    .on(requests.listVms, () => [vmRow(7, { name: EVIL })])
    .on(requests.storeVms, () => [storeVm(1, { name: EVIL })])
    .on(requests.storePoints, () => [storePoint('1-full', { restores: 'configuration' })])
    .on(requests.listJobs, () => [])
    .on(requests.planImport, ({ choices }) => {
      const { as, hostFolder, switches } = choices;
      return samplePlan({
        ...(as === null ? {} : { name: as }),
        hostFolder,
        networks: [{ switch: EVIL, to: switches[0]?.to ?? null, missing: false }],
        ...plans(choices),
      });
    });
  window.services.follower.follow = async () => [];
  const [root] = await window.hosts.rows();
  assert.ok(root);
  await window.hosts.expand(root.node);
  return window;
}

/** Spec of the only job that was started. */
function importSpec(started: readonly { readonly spec: JobInfo['spec'] }[]) {
  assert.equal(started.length, 1);
  const spec = started[0]?.spec;
  assert.ok(spec?.kind === 'import');
  return spec;
}

const NEW_VM = [pick('New VM'), type('D:\\VMs\\new')] as const;

test('a restore asks first what it makes; as a VM its plan is shown, changed and started', async (t) => {
  const { run, started } = await withPlan(t);
  workbench.play(
    pick('New VM'),
    type('VMs', /Windows path/),
    type('D:\\VMs\\new'),
    pick(/^Name/),
    type('again'),
    pick(/^Network .*disconnected/),
    pick('Lab Switch'),
    pick(/^Start .*off/),
    pick(/^Restore .*proves/),
  );
  await run('refpoint.restore');
  workbench.assertDone();
  const { kind, host, as, hostFolder, pathMap, connect, switches, start, keep } =
    importSpec(started);
  assert.deepEqual([kind, host, as, hostFolder], ['import', HOST.url, 'again', 'D:\\VMs\\new']);
  assert.deepEqual(pathMap, [{ host: 'D:\\VMs', local: '/mnt/vms' }]);
  assert.deepEqual([connect, switches], [true, [{ from: EVIL, to: 'Lab Switch' }]]);
  assert.deepEqual([start, keep], [true, false]);
});

test('the plan names what does not come back without the configuration files', async (t) => {
  const { run } = await withPlan(t, () => ({
    from: 'settings',
    lost: [
      { code: 'bootFile', name: 'Windows Boot Manager' },
      { code: 'bootOrder', name: 'EFI Network' },
      { code: 'tpm', name: '' },
      { code: 'device', name: 'Synthetic DVD Drive' },
    ],
  }));
  workbench.play(...NEW_VM, giveUp());
  await run('refpoint.restore');
  workbench.assertDone();
  const shown = workbench.asked.at(-1)?.rows.join('\n') ?? '';
  assert.match(
    shown,
    /entry Windows Boot Manager.*its disk.*entry EFI Network.*Virtual TPM.*recovery keys.*Synthetic DVD Drive.*by hand/s,
  );
});

test('names that hosts chose are shown as text: no icon, no link, no turned direction', async (t) => {
  const { run } = await withPlan(t);
  workbench.play(...NEW_VM, giveUp());
  await run('refpoint.restore');
  workbench.assertDone();
  const picks = workbench.asked.filter(({ kind }) => kind === 'quickPick');
  const seen = picks.flatMap(({ text, rows }) => [text, ...rows]).join('\n');
  assert.match(seen, /a \$ \(trash\) \[x\] \(command:y\)/);
  assert.doesNotMatch(seen, /\$\(trash\)|\]\(command|\u202E/);
  const folder = folderSuggestion(HOST, { id: guid(1), name: '..\\x/$(y)|"%\u202E ' });
  assert.equal(hostPathProblem(folder), undefined);
  assert.equal(folder, 'D:\\VMs\\Restored\\x $(y) %');
  assert.equal(
    folderSuggestion(HOST, { id: guid(1), name: '...' }),
    `D:\\VMs\\Restored\\${guid(1)}`,
  );
});

test('giving up at any question of a restore as a VM starts nothing', async (t) => {
  const { run, started } = await withPlan(t);
  await giveUpEverywhere(
    [...NEW_VM, pick(/^Restore .*proves/)],
    () => run('refpoint.restore'),
    () => assert.deepEqual(started, []),
  );
  workbench.reset();
});

test('each problem of a plan has a row that fixes it, and nothing starts before', async (t) => {
  const { run, started } = await withPlan(t, ({ as, hostFolder }) => {
    const findings = [
      ...(as === 'web02' ? [] : [finding('import.name')]),
      ...(hostFolder === 'D:\\VMs\\free' ? [] : [finding('restore.space')]),
    ];
    return { findings };
  });
  workbench.play(
    ...NEW_VM,
    pick('Choose Another Name…'),
    type('', /1 to 100/),
    type('web02'),
    pick('Choose Another Folder…'),
    type('D:\\VMs\\free'),
    pick(/^Restore .*proves/),
  );
  await run('refpoint.restore');
  workbench.assertDone();
  const rows = workbench.asked.find(({ text }) => /as a new VM/.test(text))?.rows ?? [];
  assert.match(rows.join('\n'), /Choose Another Name….*import\.name in the engine/);
  assert.match(rows.join('\n'), /not possible yet/);
  assert.equal(importSpec(started).as, 'web02');
});

test('a folder without a place here is mapped; a switch that is missing is replaced', async (t) => {
  const { run, started } = await withPlan(t, () => {
    return Object.keys(readHosts()[0]?.pathMap ?? {}).length > 1
      ? {}
      : {
          findings: [finding('path.unmapped', { folder: 'E:\\VMs' }), finding('import.switch')],
          networks: [{ switch: 'Old', to: 'Old', missing: true }],
        };
  });
  workbench.play(
    pick('New VM'),
    type('E:\\VMs\\new'),
    pick('Choose a Switch for “Old”…'),
    giveUp(),
    pick('Map a Folder of the Host…'),
    type(`E:\\VMs = ${resolve('/mnt/e')}`),
    pick(/^Restore .*proves/),
  );
  await run('refpoint.restore');
  workbench.assertDone();
  assert.equal(importSpec(started).pathMap.length, 2);
});

test('a point without settings offers its files; one of disks only asks nothing', async (t) => {
  const { run, started, engine, folder } = await withPlan(t, () => ({
    from: null,
    networks: null,
    findings: [finding('import.settings')],
  }));
  workbench.play(...NEW_VM, pick('Restore Files Instead…'), pick('Raw'), type(`${folder}/x`));
  await run('refpoint.restore');
  workbench.assertDone();
  assert.equal(started[0]?.spec.kind, 'restore');
  engine.on(requests.storePoints, () => [storePoint('1-full')]);
  workbench.play(pick('Raw'), type(`${folder}/y`));
  await run('refpoint.restore');
  workbench.assertDone();
});

test('what the host found is listed, and the plan begins with the choices that failed', async (t) => {
  const { run, started, engine } = await withPlan(t);
  const spec = {
    kind: 'import',
    host: HOST.url,
    store: '/stores/a',
    vm: guid(1),
    point: '1-full',
    as: 'web02',
    hostFolder: 'D:\\VMs\\new',
    pathMap: [],
    connect: true,
    switches: [{ from: EVIL, to: 'Lab Switch' }],
    start: true,
    keep: false,
  } as const;
  const error = {
    code: 'import.invalid',
    message: 'The host cannot',
    findings: ['No such CPU', EVIL],
  };
  const failed = job('1', { spec, state: 'failed', error });
  workbench.play(
    pick(/^Network .*Lab Switch/),
    pick('Leave Disconnected'),
    pick(/^Restore .*proves/),
  );
  await run('refpoint.restore', jobNode(failed));
  workbench.assertDone();
  const rows = workbench.asked[0]?.rows.join('\n') ?? '';
  assert.match(rows, /No such CPU/);
  const [first] = engine.paramsOf(requests.planImport);
  assert.deepEqual([first?.choices.as, first?.choices.connect], ['web02', true]);
  const { as, start, connect } = importSpec(started);
  assert.deepEqual([as, start, connect], ['web02', true, false]);
});

test('Show VM selects the VM that a restore made', async (t) => {
  const { hosts, services } = await withPlan(t);
  const done = job('1', {
    spec: { ...importSample(), host: HOST.url },
    state: 'done',
    result: jobResult({ vm: { id: guid(7), name: EVIL } }),
  });
  workbench.play(press('Show VM'));
  await sayEnd(done, subjectOfJob(services.hosts));
  await settled();
  workbench.assertDone();
  assert.match(hosts.revealed.at(-1)?.path.at(-1) ?? '', new RegExp(guid(7)));
});

const importSample = (): Extract<JobInfo['spec'], { kind: 'import' }> => ({
  kind: 'import',
  host: '',
  store: '/stores/a',
  vm: guid(1),
  point: '1-full',
  as: null,
  hostFolder: 'D:\\VMs',
  pathMap: [],
  connect: false,
  switches: [],
  start: false,
  keep: false,
});
