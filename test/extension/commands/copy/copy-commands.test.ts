import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { beforeEach, test } from 'node:test';
import type { JobInfo, JobSpec } from '../../../../src/engine/api/jobs.ts';
import { allCommands } from '../../../../src/engine/cli/commands.ts';
import { findCommand, parseCommand } from '../../../../src/engine/cli/options/parse-arguments.ts';
import { noLog } from '../../../../src/engine/base/log.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { HostPool } from '../../../../src/engine/hosts/host-pool.ts';
import { hostHandlers } from '../../../../src/engine/server/handlers/host-handlers.ts';
import { storeHandlers } from '../../../../src/engine/server/handlers/store-handlers.ts';
import { commandWords } from '../../../../src/extension/commands/copy/command-words.ts';
import { nodeFacts, nodeId } from '../../../../src/extension/commands/copy/node-facts.ts';
import { shellLine, shellOf } from '../../../../src/extension/commands/copy/shell-line.ts';
import type { AnyNode } from '../../../../src/extension/nodes/nodes.ts';
import { backup, openTestStore, startBackupLab } from '../../../support/backup/backup-lab.ts';
import { runCli } from '../../../support/process/cli-io.ts';
import { fakeWindow } from '../../../support/extension/extension-window.ts';
import {
  backupSpec,
  job,
  referencePoint,
  storePoint,
  storeVm,
  vmRow,
  vmShow,
} from '../../../support/extension/samples.ts';
import { workbench } from '../../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

const EVIL = `$(touch pwned) \`id\` "x" 'y' ; & | > * ? ! # ~ %PATH% \\ é`;
const host = {
  url: 'https://hv01:5986',
  user: 'CORP\\admin',
  fingerprint: 'ab',
  authentication: 'basic',
} as const;
const vm = vmShow(1, { referencePoints: [referencePoint(EVIL)] });
const [disk] = vm.disks;
const point = storePoint('1-full');
const [stored] = point.disks;
assert.ok(disk && stored);
const store = `/srv/it's $(here)`;

const specs: readonly JobSpec[] = [
  backupSpec({
    store,
    options: {
      ...backupSpec().options,
      kind: 'full',
      checkTracker: 'sample',
      maxChain: 7,
      mergeWaitSeconds: 60,
      pathMap: [{ host: 'C:\\My VMs', local: '/mnt/my vms' }],
      exportDirectory: 'D:\\Exports',
      excludeDisks: ['scsi0:1'],
    },
  }),
  { kind: 'export', host: host.url, vm: vm.id, directory: 'D:\\x y', since: EVIL },
  {
    kind: 'restore',
    store,
    vm: vm.id,
    point: '1-full',
    disks: ['0', '1'],
    to: '/out',
    format: 'raw',
    force: true,
  },
  { kind: 'verify', store, vm: vm.id, points: ['1-full'], quick: true },
];

/** A row of every kind. */
const nodes: readonly AnyNode[] = [
  {
    kind: 'host',
    id: 'h',
    host,
    state: 'connected',
    lab: false,
    vms: 1,
    failure: null,
    login: null,
    files: null,
  },
  { kind: 'vm', id: 'v', host, lab: false, row: vmRow(1), twin: false },
  { kind: 'vmDisk', id: 'd', host, vm, disk },
  {
    kind: 'checkpoint',
    id: 'c',
    host,
    vm,
    checkpoint: { id: EVIL, name: EVIL, type: 'user', owner: 'foreign', created: null },
  },
  { kind: 'referencePoint', id: 'p', host, vm, point: referencePoint('-x') },
  { kind: 'store', id: 's', path: store },
  { kind: 'storeVm', id: 'sv', store, vm: storeVm(1), twin: false },
  { kind: 'point', id: 'sp', store, vm: storeVm(1), point },
  { kind: 'pointDisk', id: 'pd', store, vm: storeVm(1), point, disk: stored },
  ...specs.map((spec, n): AnyNode => ({ kind: 'job', id: `j${n}`, job: job(String(n), { spec }) })),
  {
    kind: 'message',
    id: 'm',
    parent: undefined,
    text: 't',
    detail: 'd',
    severity: 'info',
    next: null,
  },
];

const hostOf = () => host;

test('every row that has a command gives one that the command line understands', async () => {
  const commands = await allCommands();
  const without: string[] = [];
  for (const node of nodes) {
    const words = commandWords(node, hostOf);
    if (words === undefined) {
      without.push(node.kind);
      continue;
    }
    assert.equal(words[0], 'refpoint');
    const { command, rest } = findCommand(commands, words.slice(1));
    parseCommand(command, rest);
  }
  assert.deepEqual(without, ['checkpoint', 'message']);
});

test('a line hands over every word as it is, whatever it holds, and runs nothing else', async (t) => {
  if (process.platform === 'win32') return t.skip('needs a POSIX shell');
  const folder = await mkdtemp(join(tmpdir(), 'refpoint-line-'));
  t.after(() => rm(folder, { recursive: true }));
  const echo = join(folder, 'refpoint');
  await writeFile(
    echo,
    `#!${process.execPath}\nprocess.stdout.write(JSON.stringify(['refpoint', ...process.argv.slice(2)]));\n`,
  );
  await chmod(echo, 0o755);
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH']}` };
  let lines = 0;
  for (const node of nodes) {
    const words = commandWords(node, hostOf);
    if (words === undefined) continue;
    const line = shellLine(words, 'posix');
    assert.ok(line);
    const ran = spawnSync('bash', ['-c', line], { env, cwd: folder, encoding: 'utf8' });
    assert.equal(ran.status, 0, ran.stderr);
    assert.deepEqual(JSON.parse(ran.stdout), words);
    lines++;
  }
  assert.equal(lines, nodes.length - 2);
  assert.equal(spawnSync('ls', [join(folder, 'pwned')]).status === 0, false);
  return undefined;
});

test('each shell has its own quoting, and gets no line where that cannot be safe', () => {
  const line = (shell: Parameters<typeof shellLine>[1], word: string): string | undefined =>
    shellLine(['refpoint', word], shell);
  assert.equal(line('posix', "it's"), `refpoint 'it'\\''s'`);
  assert.equal(line('fish', "a\\b 'c'"), `refpoint 'a\\\\b \\'c\\''`);
  assert.equal(line('powershell', "it's ’x"), `refpoint 'it''s ’’x'`);
  assert.equal(line('powershell', '$(calc)'), `refpoint '$(calc)'`);
  assert.equal(line('cmd', 'C:\\My VMs'), 'refpoint "C:\\My VMs"');
  // What comes last must not reach out of its quotes.
  assert.equal(line('cmd', 'D:\\'), 'refpoint "D:\\\\"');
  assert.equal(line('powershell', 'D:\\My VMs\\'), `refpoint 'D:\\My VMs\\\\'`);
  assert.equal(line('powershell', 'D:\\VMs\\'), `refpoint 'D:\\VMs\\'`);
  assert.equal(line('powershell', '/srv/a,b'), `refpoint '/srv/a,b'`);
  assert.equal(line('powershell', '@x'), `refpoint '@x'`);
  for (const word of ['a&b', '%PATH%', 'a"b', 'a|b', 'a^b', 'a\nb']) {
    assert.equal(line('powershell', word), undefined, word);
    assert.equal(line('cmd', word), undefined, word);
  }
  assert.equal(line('posix', 'a\nb'), undefined);
  assert.deepEqual(
    [
      '/usr/bin/fish',
      'C:\\Windows\\System32\\cmd.exe',
      'C:\\Program Files\\pwsh.exe',
      '/bin/zsh',
      '',
    ].map((program) => shellOf(program, 'linux')),
    ['fish', 'cmd', 'powershell', 'posix', 'posix'],
  );
  assert.equal(shellOf('', 'win32'), 'powershell');
});

test('the command is found in new terminals, and is the one that the extension carries', async (t) => {
  const { run, terminals, folder } = await fakeWindow(t);
  await run('refpoint.copyCommand', nodes[5]);
  const bin = terminals.changes.get('PATH');
  assert.equal(bin?.how, 'prepend');
  // Windows' drive letter is written small by the editor.
  assert.ok(bin.value.toLowerCase().startsWith(folder.toLowerCase()), bin.value);
  assert.match(workbench.clipboard, /^refpoint store show --store /);
  const scripts = bin.value.slice(0, -delimiter.length);
  const [name = ''] = await readdir(scripts);
  const text = await readFile(join(scripts, name), 'utf8');
  assert.ok(name.startsWith('refpoint') && text.includes('ELECTRON_RUN_AS_NODE=1'));
  if (process.platform === 'win32') return;
  const env = { ...process.env, PATH: `${bin.value}${process.env['PATH']}` };
  const ran = spawnSync('bash', ['-c', 'refpoint --version'], { env, encoding: 'utf8' });
  assert.equal(ran.status, 0, ran.stderr);
  assert.match(ran.stdout, /^\d+\.\d+\.\d+/);
});

test('lines of a real lab, VM, store, point and image show what the rows show', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'web', disks: [{ size: 8 * 2 ** 20 }] });
  const opened = await openTestStore(lab);
  await backup(lab, opened, 'web');
  const pool = new HostPool(noLog);
  t.after(() => pool.closeAll());
  const context = { signal: never, progress: noProgress, part: () => undefined };
  const recorder = { begin: () => 0, record: () => undefined };
  const surroundings = { home: join(lab.folder, 'home'), log: noLog, recorder };
  const handlers = hostHandlers(pool, surroundings);
  const [row] = await handlers.listVms({ target: lab.target }, context);
  assert.ok(row);
  const stores = [opened.location];
  const show = await handlers.showVm({ target: lab.target, vm: row.id, stores }, context);
  const path = opened.location;
  const ofStores = storeHandlers(surroundings);
  const [vmOfStore] = await ofStores.storeVms({ path }, context);
  assert.ok(vmOfStore);
  const [made] = await ofStores.storePoints({ path, vm: row.id }, context);
  const [image] = made?.disks ?? [];
  const [firstDisk] = show.disks;
  const [reference] = show.referencePoints;
  assert.ok(made && image && firstDisk && reference);
  const own = { url: lab.target.url, user: lab.target.user };
  const rows: readonly (readonly [AnyNode, RegExp])[] = [
    [
      {
        kind: 'host',
        id: '',
        host: own,
        state: 'connected',
        lab: true,
        vms: 1,
        failure: null,
        login: null,
        files: null,
      },
      /"name": "web"/,
    ],
    [{ kind: 'vm', id: '', host: own, lab: true, row, twin: false }, /"rct"/],
    [{ kind: 'vmDisk', id: '', host: own, vm: show, disk: firstDisk }, /"changedBytes"/],
    [{ kind: 'referencePoint', id: '', host: own, vm: show, point: reference }, /"changedBytes"/],
    [{ kind: 'store', id: '', path }, /"complete": true/],
    [{ kind: 'storeVm', id: '', store: path, vm: vmOfStore, twin: false }, /"complete": true/],
    [{ kind: 'point', id: '', store: path, vm: vmOfStore, point: made }, /"ok": true/],
    [{ kind: 'pointDisk', id: '', store: path, vm: vmOfStore, point: made, disk: image }, /vhdx/i],
  ];
  for (const [node, expected] of rows) {
    const words = commandWords(node, () => own);
    assert.ok(words, node.kind);
    const { status, out, err } = await runCli([...words.slice(1), '--json'], {
      env: lab.command.env,
    });
    assert.equal(status, 0, `${node.kind}: ${err}${out}`);
    assert.match(out, expected, node.kind);
  }
});

test('what is copied as JSON holds no secret, also where the settings hold one', async (t) => {
  workbench.settings.put('refpoint.hosts', [
    { url: 'https://admin:S3cret@hv01:5986', user: 'admin', password: 'S3cret', extra: 'S3cret' },
  ]);
  const { run, services, hosts } = await fakeWindow(t);
  await services.passwords.store({ url: 'https://hv01:5986', user: 'admin' }, 'S3cret');
  const [row] = await hosts.rows();
  await run('refpoint.copyJson', row?.node);
  assert.deepEqual(JSON.parse(workbench.clipboard), { url: 'https://hv01:5986', user: 'admin' });
  for (const node of nodes) {
    assert.equal(typeof nodeId(node), 'string');
    assert.doesNotMatch(JSON.stringify(nodeFacts(node)), /password|secret/i, node.kind);
  }
});

test('several rows are copied together', async (t) => {
  const { run } = await fakeWindow(t);
  const some = nodes.slice(5, 8);
  await run('refpoint.copyId', some[0], some);
  assert.deepEqual(workbench.clipboard.split('\n'), [store, storeVm(1).id, '1-full']);
  await run('refpoint.copyJson', some[0], some);
  assert.equal((JSON.parse(workbench.clipboard) as unknown[]).length, 3);
  await run('refpoint.copyCommand', some[0], some);
  assert.equal(workbench.clipboard.split('\n').length, 3);
});

test('a row without a command says so and leaves the clipboard alone', async (t) => {
  const { run } = await fakeWindow(t);
  workbench.clipboard = 'mine';
  await run('refpoint.copyCommand', nodes[3]);
  assert.match(workbench.said()[0] ?? '', /no command for this/);
  const elsewhere: JobInfo = job('9', { elsewhere: true, spec: backupSpec() });
  await run('refpoint.copyCommand', { kind: 'job', id: 'job:9', job: elsewhere });
  assert.equal(workbench.clipboard, 'mine');
});

test('without a row, what the view in sight has selected is copied', async (t) => {
  workbench.settings.put('refpoint.stores', ['/a', '/b']);
  const { run, stores } = await fakeWindow(t);
  const rows = await stores.rows();
  stores.visible = true;
  stores.select(...rows.map(({ node }) => node));
  await run('refpoint.copyId');
  assert.equal(workbench.clipboard, '/a\n/b');
});
