import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { beforeEach, test, type TestContext } from 'node:test';
import type { ErrorInfo } from '../../../../src/engine/api/errors.ts';
import type { JobInfo } from '../../../../src/engine/api/jobs.ts';
import { requests } from '../../../../src/engine/api/methods.ts';
import type { SetPlanDocument } from '../../../../src/engine/api/vss.ts';
import { fakeWindow } from '../../../support/extension/extension-window.ts';
import { failure } from '../../../support/extension/fake-engine.ts';
import { giveUpEverywhere } from '../../../support/extension/give-up.ts';
import { backupSpec, guid, job, vmRow } from '../../../support/extension/samples.ts';
import { giveUp, pick, press, type, type Step } from '../../../support/vscode/script.ts';
import { workbench } from '../../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

const STORE = '/stores/a';
const HOST = {
  name: 'hv',
  url: 'http://127.0.0.1:5985',
  pathMap: { 'C:\\ProgramData': '/mnt/pd' },
};
const EVIL = 'a $(trash) [x](command:y)\u202E';
const C = '\\\\?\\Volume{11111111-0000-0000-0000-100000000000}\\';
const D = '\\\\?\\Volume{22222222-0000-0000-0000-100000000000}\\';

const NAMES = [EVIL, 'db', 'mail', 'files'];
const named = (n: number) => ({ id: guid(n), name: NAMES[n - 1] ?? `vm${n}` });

const problem = (code: string, message: string): ErrorInfo => ({
  code,
  message,
  data: {},
  permanent: true,
  userFixable: true,
  damage: false,
});

const samplePlan = (change: Partial<SetPlanDocument> = {}): SetPlanDocument => ({
  method: 'vss',
  vms: [
    { ...named(1), volumes: [C, D] },
    { ...named(2), volumes: [D] },
  ],
  volumes: [
    { volume: C, name: 'C:\\', paths: ['C:\\VMs\\a.vhdx'], room: 5 * 2 ** 30 },
    {
      volume: D,
      name: 'D:\\',
      paths: ['1', '2', '3', '4', '5'].map((n) => `D:\\${n}`),
      room: null,
    },
  ],
  others: [],
  saved: [],
  problems: [],
  failed: [],
  warnings: [],
  ...change,
});

const OTHERS: Partial<SetPlanDocument> = {
  others: [named(3), named(4)],
  saved: [named(2), named(4)],
  problems: [problem('vss.others', 'The shadow copies would freeze 2 VMs: mail, files')],
};

/** The plan of a set whose copies are not reached from here. */
const unreached = (code: string): Partial<SetPlanDocument> => ({
  problems: [
    {
      ...problem(code, 'Shadow copies are mounted below C:\\ProgramData of the host'),
      data: { found: 'C:\\ProgramData', folder: 'C:\\' },
    },
  ],
});

const WARNINGS: SetPlanDocument['warnings'] = [
  { code: 'vss.many', message: '9 VMs in one set' },
  { code: 'vss.room', message: 'The area of C:\\ has 1 MiB left' },
  { code: 'vss.saved', message: 'the rows of the VMs say it' },
];

/** A window with a host of four VMs, and an engine that answers with these plans, the last one again and again. */
async function withPlan(
  t: TestContext,
  plans: readonly Partial<SetPlanDocument>[],
  { host = HOST, jobs = [] }: { host?: object; jobs?: readonly JobInfo[] } = {},
) {
  workbench.settings.put('refpoint.stores', [STORE]);
  workbench.settings.put('refpoint.hosts', [host]);
  const window = await fakeWindow(t);
  let asked = 0;
  window.engine
    .on(requests.listVms, () => NAMES.map((name, i) => vmRow(i + 1, { name })))
    .on(requests.storeVms, () => [])
    .on(requests.listJobs, () => jobs)
    .on(requests.planSet, () => samplePlan(plans[Math.min(asked++, plans.length - 1)]));
  window.services.follower.follow = async () => [];
  const [root] = await window.hosts.rows();
  assert.ok(root);
  await window.hosts.expand(root.node);
  return { ...window, row: root.node };
}

const rows = (): string => workbench.asked.flatMap((each) => each.rows).join('\n');
const row = (start: RegExp): string =>
  workbench.asked.flatMap((each) => each.rows).find((each) => start.test(each)) ?? '';

function setSpec(started: readonly { readonly spec: JobInfo['spec'] }[]) {
  assert.equal(started.length, 1);
  const spec = started[0]?.spec;
  assert.ok(spec?.kind === 'backup');
  return spec;
}

const TWO = pick(/^a /, 'db');
const ACCEPT: readonly Step[] = [TWO, pick(/^Back Up Now .*of 2 VMs/)];

test('the plan shows the volumes of every VM, and nothing is started before it is accepted', async (t) => {
  const { run, started, engine, row: host } = await withPlan(t, [{}]);
  await giveUpEverywhere(
    ACCEPT,
    () => run('refpoint.backUpByVss', host),
    () => assert.equal(started.length, 0),
  );
  workbench.script.reset();
  workbench.play(...ACCEPT);
  await run('refpoint.backUpByVss', host);
  workbench.assertDone();
  assert.match(row(/^Back Up Now/), /2 volumes at one instant; a full point of 2 VMs/);
  assert.match(rows(), /^a .*\| files on C:\\, D:\\/m);
  assert.match(rows(), /^db \| files on D:\\/m);
  assert.match(row(/^C:\\/), /5 GiB left for differences \| C:\\VMs\\a\.vhdx/);
  assert.match(row(/^D:\\/), /not known .*D:\\3 · and 2 more/);
  assert.match(row(/^Choose VMs…/), /2 of 4 VMs of the host/);
  assert.doesNotMatch(rows(), /\$\(trash\)|\]\(command|\u202E/);
  assert.deepEqual(engine.paramsOf(requests.planSet).at(-1)?.vms, [guid(1), guid(2)]);
  const { vm, vms, store, options } = setSpec(started);
  assert.deepEqual([vm, vms, store], [guid(1), [guid(1), guid(2)], STORE]);
  assert.deepEqual([options.method, options.kind, options.allowOthers], ['vss', 'full', false]);
  assert.deepEqual(options.pathMap, [{ host: 'C:\\ProgramData', local: '/mnt/pd' }]);
  assert.match(started[0]?.title ?? '', /^a .* and 1 more$/);
});

test('VMs that are frozen though they are not backed up must be allowed by a question that names them', async (t) => {
  const { run, started } = await withPlan(t, [OTHERS]);
  const allow = pick(/^Allow Freezing 2 Other VMs… .*files, mail/);
  workbench.play(TWO, allow, giveUp(), pick(/^Back Up Now .*not possible yet/), giveUp());
  await run('refpoint.backUpByVss');
  assert.equal(started.length, 0, 'neither without the permission nor by its row');
  workbench.script.reset();
  workbench.play(TWO, allow, press('Allow'), pick(/^Back Up Now .*at one instant/));
  await run('refpoint.backUpByVss');
  workbench.assertDone();
  const question = workbench.asked.find(({ modal }) => modal);
  assert.match(question?.text ?? '', /Freeze 2 VMs that are not backed up/);
  assert.match(question?.detail ?? '', /mail\nfiles/);
  assert.match(question?.detail ?? '', /Saved and resumed: files$/);
  assert.match(rows(), /^mail \| frozen for a moment, though it is not backed up/m);
  assert.match(rows(), /^files \| saved and resumed, though it is not backed up/m);
  assert.match(rows(), /^db \| saved and resumed: its guest/m);
  const { vms, options } = setSpec(started);
  assert.deepEqual([vms, options.allowOthers], [[guid(1), guid(2)], true]);
});

test('a permission covers only the VMs that it named', async (t) => {
  const more = { ...OTHERS, others: [named(3), named(4), { id: guid(5), name: 'late' }] };
  const { run, started } = await withPlan(t, [OTHERS, more]);
  workbench.play(
    TWO,
    pick(/^Allow Freezing 2/),
    press('Allow'),
    pick(/^Allow Freezing 3/),
    giveUp(),
  );
  workbench.play(giveUp());
  await run('refpoint.backUpByVss');
  workbench.assertDone();
  assert.equal(started.length, 0);
});

test('the other VMs can be backed up, too', async (t) => {
  const all = [1, 2, 3, 4].map((n) => ({ ...named(n), volumes: [D] }));
  const { run, started, engine } = await withPlan(t, [OTHERS, { vms: all }]);
  workbench.play(TWO, pick('Back Up the 2 Other VMs Too'), pick(/^Back Up Now .*of 4 VMs/));
  await run('refpoint.backUpByVss');
  workbench.assertDone();
  const ids = [1, 2, 3, 4].map(guid);
  assert.deepEqual(engine.paramsOf(requests.planSet).at(-1)?.vms, ids);
  assert.deepEqual(setSpec(started).vms, ids);
});

test('a VM that cannot be in a set is left out with its reason; remarks are rows', async (t) => {
  const why = 'No shadow copy can be made of db: the disk at scsi0:0 is a shared disk';
  const { run, started, services } = await withPlan(t, [
    {
      vms: [{ ...named(1), volumes: [C] }],
      failed: [{ vm: named(2), error: problem('vss.place', why) }],
      warnings: WARNINGS,
    },
    { vms: [{ ...named(1), volumes: [C] }], warnings: WARNINGS },
  ]);
  await services.choices.setLeftOut(guid(1), ['scsi0:1'], true);
  workbench.play(TWO, pick(/^Back Up Now .*1 of 2 VMs/));
  await run('refpoint.backUpByVss');
  workbench.assertDone();
  assert.match(row(/^db \| not/), /the disk at scsi0:0 is a shared disk/);
  assert.match(rows(), /^Many VMs .*9 VMs in one set/m);
  assert.match(rows(), /^Little room .*1 MiB left/m);
  assert.doesNotMatch(rows(), /the rows of the VMs say it/);
  assert.match(rows(), /^a .*disks that you left out are backed up, too/m);
  assert.deepEqual(setSpec(started).vms, [guid(1)]);
});

test('a VM that is left out, yet lies on the same volumes, must be allowed to be frozen', async (t) => {
  const error = problem('vss.place', 'No shadow copy can be made of db: shared');
  const others = [named(2)];
  const vms = [{ ...named(1), volumes: [D] }];
  const all = { vms, failed: [{ vm: named(2), error }] };
  const possible = { vms, others, problems: OTHERS.problems ?? [] };
  const { run, started, engine } = await withPlan(t, [all, possible, all, possible]);
  workbench.play(TWO, pick(/^Allow Freezing the Other VM… .*db/), giveUp(), giveUp());
  await run('refpoint.backUpByVss');
  workbench.assertDone();
  assert.equal(started.length, 0);
  const asked = engine.paramsOf(requests.planSet).map((params) => params.vms);
  assert.deepEqual(asked.slice(0, 2), [[guid(1), guid(2)], [guid(1)]]);
  assert.doesNotMatch(rows(), /^Back Up the .*Too/m, 'it cannot be backed up');
  assert.match(row(/^db \| not/), /\| shared\.?$/);
});

test('missing rights are shown with the way to get them: another login, or the editor as administrator', async (t) => {
  const denied = { problems: [problem('vss.denied', 'The account may not list them')] };
  const { run, started } = await withPlan(t, [denied, {}]);
  const guide = pick('How to Prepare a Host');
  workbench.play(TWO, guide, pick(/^Back Up Now .*at one instant/));
  await run('refpoint.backUpByVss');
  workbench.assertDone();
  assert.equal(started.length, 1);
  assert.match(row(/^The account may not make/), /The account may not list them/);
  assert.match(row(/^Edit Host…/), /administrator of the host/);
  assert.match(JSON.stringify(workbench.ran), /vssdenied/);
  workbench.reset();
  const here = await withPlan(t, [denied], { host: { url: 'local' } });
  workbench.play(TWO, giveUp());
  await here.run('refpoint.backUpByVss');
  workbench.assertDone();
  assert.match(row(/^Start the Editor as Administrator/), /Run as administrator/);
  assert.doesNotMatch(rows(), /^Edit Host/m);
});

test('a failed plan is said, and VMs of a running set are left out by name', async (t) => {
  const spec = backupSpec({ vm: guid(9), vms: [guid(9), guid(2)], store: STORE });
  const { run, engine, started } = await withPlan(t, [{}], { jobs: [job('j', { spec })] });
  workbench.play(TWO, pick(/^Back Up Now .*of 1|^Back Up Now/));
  await run('refpoint.backUpByVss');
  workbench.assertDone();
  assert.ok(workbench.asked.some(({ text }) => text.startsWith('db is being backed up')));
  assert.deepEqual(engine.paramsOf(requests.planSet).at(-1)?.vms, [guid(1)]);
  engine.fail(requests.planSet, failure('vss.place', 'Nothing makes shadow copies here'));
  workbench.play(TWO);
  await run('refpoint.backUpByVss');
  const error = workbench.asked.find(({ kind }) => kind === 'error');
  assert.match(error?.text ?? '', /Nothing makes shadow copies here.*\(vss\.place\)/);
  assert.equal(started.length, 1);
});

test('a backup of a VM knows the VMs of a running set, too', async (t) => {
  const spec = backupSpec({ vm: guid(9), vms: [guid(9), guid(2)], store: STORE });
  const { run, engine } = await withPlan(t, [{}], { jobs: [job('j', { spec })] });
  workbench.play(pick('db'));
  await run('refpoint.backup');
  assert.ok(workbench.asked.some(({ text }) => text.startsWith('db is being backed up')));
  assert.equal(engine.count(requests.planBackup), 0);
});

test('a folder of the copies that is not mapped, or not there, is mapped out of the plan', async (t) => {
  const {
    run,
    started,
    engine,
    row: host,
  } = await withPlan(t, [unreached('path.unmapped'), unreached('path.missing'), {}], {
    host: { name: 'hv', url: HOST.url },
  });
  workbench.play(
    TWO,
    pick(/^Map a Folder of the Host…/),
    type(`C:\\ProgramData = ${tmpdir()}`),
    pick(/^Map a Folder of the Host…/),
    type(`C:\\ProgramData = ${tmpdir()}`),
    pick(/^Back Up Now .*of 2 VMs/),
  );
  await run('refpoint.backUpByVss', host);
  workbench.assertDone();
  assert.match(row(/^Map a Folder/), /C:\\ProgramData/);
  assert.match(row(/^Back Up Now/), /the problems above prevent it/);
  const mapped = [{ host: 'C:\\ProgramData', local: tmpdir() }];
  const asked = engine.paramsOf(requests.planSet).map(({ pathMap }) => pathMap);
  assert.deepEqual(asked, [[], mapped, mapped]);
  assert.deepEqual(setSpec(started).options.pathMap, mapped);
});
