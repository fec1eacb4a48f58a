import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, test } from 'node:test';
import * as vscode from 'vscode';
import { requests } from '../../../../src/engine/api/methods.ts';
import type { PointReport } from '../../../../src/engine/api/store.ts';
import { findingsPage } from '../../../../src/extension/pages/findings-page.ts';
import { logText } from '../../../../src/extension/pages/log-text.ts';
import { code, prose } from '../../../../src/extension/pages/markdown.ts';
import { pageUri, parsePageUri, type Page } from '../../../../src/extension/pages/page-uri.ts';
import { pageMarkdown } from '../../../../src/extension/pages/page-markdown.ts';
import { reportPage } from '../../../../src/extension/pages/report-page.ts';
import type { PageDocument, PageLink } from '../../../../src/views/api/report-page.ts';
import { fakeWindow } from '../../../support/extension/extension-window.ts';
import { failure } from '../../../support/extension/fake-engine.ts';
import {
  backupSpec,
  guid,
  hostTest,
  job,
  jobResult,
  storePoint,
  vmRow,
  vmShow,
} from '../../../support/extension/samples.ts';
import { askPanel, type PanelReply } from '../../../support/vscode/ask-panel.ts';
import { pick } from '../../../support/vscode/script.ts';
import { FakeWebviewPanel } from '../../../support/vscode/webview.ts';
import { pointName } from '../../../../src/extension/words/point-name.ts';
import { workbench } from '../../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

const point = storePoint('20260301T100000Z-incr', { parent: '20260228T100000Z-full' });
const [disk] = point.disks;
assert.ok(disk);

const report: PointReport = {
  vm: { id: guid(1), name: 'web01' },
  host: 'https://hv01:5986',
  point,
  finished: '2026-03-01T10:01:05.000Z',
  method: 'file',
  consistencyAsked: 'default',
  disks: [
    {
      ...disk,
      reason: { code: 'incremental', text: 'only what changed', evidence: {} },
      readBytes: 2 ** 20,
      writtenBytes: 2 ** 19,
      hashRoot: 'ab'.repeat(32),
      rctId: 'rct:1',
      hostPath: 'C:\\VMs\\web01\\disk.vhdx',
    },
  ],
  excluded: [{ slot: 'scsi0:1', path: 'C:\\shared.vhds', why: 'shared' }],
  warnings: [{ code: 'consistency.crash', message: 'Only crash-consistent' }],
  trackerCheck: { mode: 'off', checkedBytes: 0, disks: null },
  verdict: null,
};

const reportText = (of: PointReport, store: string): string => {
  const page = { kind: 'report', store, vm: of.vm.id, point: of.point.id } as const;
  return pageMarkdown(reportPage(of, page).document);
};

/** The page that was opened last, and what it shows. */
function lastPanel(): FakeWebviewPanel {
  const panel = workbench.panels.at(-1);
  assert.ok(panel !== undefined, 'a page is open');
  return panel;
}

async function shown(panel: FakeWebviewPanel): Promise<PageDocument> {
  const reply = await askPanel(panel, 'open');
  assert.ok(reply.ok, JSON.stringify(reply.error));
  return (reply.result as { readonly document: PageDocument }).document;
}

/** Every link of a page, those within sentences too. */
const linksOf = ({ links, sections }: PageDocument): readonly PageLink[] => [
  ...links,
  ...sections.flatMap((section) => [
    ...section.links,
    ...section.facts.flatMap(({ value }) => value.flatMap((part) => onlyLink(part))),
    ...section.notes.flatMap(({ parts }) => parts.flatMap((part) => onlyLink(part))),
  ]),
];
const onlyLink = (part: { readonly kind: string }): PageLink[] =>
  part.kind === 'link' ? [part as PageLink] : [];

/** Presses a link by its text. */
function press(panel: FakeWebviewPanel, page: PageDocument, text: string): Promise<PanelReply> {
  const found = linksOf(page).find((link) => link.text === text);
  assert.ok(
    found,
    `${text} is none of ${linksOf(page)
      .map((link) => link.text)
      .join(', ')}`,
  );
  return askPanel(panel, 'follow', { link: found.link });
}

test('a report says what, why, how long, how much, and what to know', () => {
  const text = reportText(report, '/stores/a');
  for (const line of [
    '# Incremental backup: web01',
    '- **Store:** `/stores/a`',
    `- **Point:** ${pointName('20260301T100000Z-incr')}`,
    '- **Id:** `20260301T100000Z-incr`',
    `- **Builds on:** ${pointName('20260228T100000Z-full')} \`20260228T100000Z-full\``,
    '- **Read:** 1 MiB',
    '- **Stored:** 512 KiB',
    '- **Verified:** never',
    '- **Image:** `/stores/a/20260301T100000Z-incr/0-disk.vhdx`',
    '- **On the host:** `C:\\VMs\\web01\\disk.vhdx` (scsi0:0)',
    '- scsi0:1 `C:\\shared.vhds`: shared',
    '- Only crash-consistent (`consistency.crash`)',
  ]) {
    assert.ok(text.split('\n').includes(line), `${line}\n\n${text}`);
  }
  assert.match(text, /took 1 min 5 s/);
  assert.match(text, /a range that the tracker left out would go unseen/);
});

test('names in a report are text, whatever a host or a manifest calls its things', () => {
  const evil = '](command:x) ![i](https://evil/p.png) <img src=x> `a` $(x) **b**\n# heading\u202E';
  const text = reportText(
    {
      ...report,
      vm: { id: evil, name: evil },
      host: evil,
      point: {
        ...point,
        consistency: evil,
        reason: { code: evil as never, text: evil, evidence: {} },
      },
      disks: report.disks.map((each) => ({
        ...each,
        name: evil,
        path: evil,
        hostPath: evil,
        slot: evil,
      })),
      warnings: [{ code: evil as never, message: evil }],
      excluded: [{ slot: evil, path: evil, why: evil }],
    },
    evil,
  );
  assert.doesNotMatch(text, /^# heading/m, 'no line of its own');
  assert.doesNotMatch(text, /\u202E/);
  // Outside of code spans nothing of it means anything in markdown.
  const outside = text.replaceAll(/(`+)(?:(?!\1)[^\n]|`)*?[^`]\1(?!`)/g, '');
  assert.doesNotMatch(outside, /(?<!\\)\]\(/);
  assert.doesNotMatch(outside, /(?<!\\)!\[/);
  assert.doesNotMatch(outside, /(?<!\\)<img/);
});

test('a code span ends where it is meant to', () => {
  assert.equal(code('a'), '`a`');
  assert.equal(code('a`b'), '``a`b``');
  assert.equal(code('`'), '`` ` ``');
  assert.equal(code('```x'), '```` ```x ````');
  assert.equal(prose('# a'), '\\# a');
  assert.equal(prose('1. a [b](c)'), '\\1. a \\[b\\](c)');
});

test('the address of a page names what it shows, and survives a reload', () => {
  const pages: readonly Page[] = [
    { kind: 'report', store: '/srv/a b/?#%20ü', vm: guid(1), point: '1-full' },
    { kind: 'report', store: 'C:\\Backups\\é', vm: guid(1), point: '1-full' },
    { kind: 'findings', host: 'https://hv:5986|corp\\a&b=c|auto', vm: '' },
    { kind: 'environment' },
    { kind: 'log', job: guid(3) },
  ];
  for (const page of pages) {
    const uri = pageUri(page, 'web/01 ?#\u202E.md');
    assert.equal(uri.path, '/web-01 ---.md');
    assert.deepEqual(parsePageUri(vscode.Uri.parse(uri.toString())), page);
  }
  assert.equal(parsePageUri(vscode.Uri.parse('refpoint:/x?kind=constructor')), undefined);
  assert.equal(parsePageUri(vscode.Uri.parse('refpoint:/x?kind=report&store=a')), undefined);
});

test('Show Report asks for a point from the palette, and knows it from a point or a job', async (t) => {
  workbench.settings.put('refpoint.stores', ['/stores/a']);
  const { run, engine } = await fakeWindow(t);
  engine
    .on(requests.storeVms, () => [
      { id: guid(1), name: 'web01', host: null, points: 1, lastBackup: null },
    ])
    .on(requests.storePoints, () => [point, storePoint('1-full')])
    .on(requests.pointReport, () => report);
  workbench.play(pick(/-incr/));
  await run('refpoint.showReport');
  const spec = backupSpec();
  const done = job('1', { spec, state: 'done', result: jobResult({ point: point.id }) });
  await run('refpoint.showReport', { kind: 'job', id: 'job:1', job: done });
  workbench.assertDone();
  // It is one page, rendered, and no source.
  assert.deepEqual(workbench.documents, []);
  assert.equal(workbench.panels.length, 1);
  assert.equal(lastPanel().revealed, 1, 'the same page comes to the front');
  assert.equal((await shown(lastPanel())).title, 'Incremental backup: web01');
  await shown(lastPanel());
  assert.deepEqual(engine.paramsOf(requests.pointReport)[1], {
    path: '/stores/a',
    vm: guid(1),
    point: point.id,
  });
});

test('a report whose point is gone says so in its place', async (t) => {
  const { run, engine } = await fakeWindow(t);
  engine.fail(requests.pointReport, failure('point.missing', 'The store has no point 1-full'));
  const done = job('1', {
    spec: backupSpec(),
    state: 'done',
    result: jobResult({ point: '1-full' }),
  });
  engine.on(requests.listJobs, () => [done]);
  await run('refpoint.showReport', { kind: 'job', id: 'job:1', job: done });
  const { error } = await askPanel(lastPanel(), 'open');
  assert.equal(error.code, 'point.missing');
  assert.match(error.message, /no such point/);
});

test('an address of a report that others wrote opens no store that is not the person’s own', async (t) => {
  workbench.settings.put('refpoint.stores', ['/stores/a']);
  const { engine, services } = await fakeWindow(t);
  engine.on(requests.listJobs, () => []).on(requests.pointReport, () => report);
  for (const store of ['\\\\evil\\share', '/stores/b', '/stores/a/../b']) {
    const page = { kind: 'report', store, vm: guid(1), point: point.id } as const;
    await services.pages.show(page, 'README.md');
    assert.equal((await askPanel(lastPanel(), 'open')).error.code, 'view.unknownStore');
    await vscode.workspace.openTextDocument(pageUri(page, 'README.md'));
    const text = workbench.documents.at(-1)?.text ?? '';
    assert.match(text, /not in your list.*\(view\.unknownStore\)/);
  }
  assert.equal(engine.count(requests.pointReport), 0);
});

test('findings name what stands in the way, of the host and of the VM', async (t) => {
  workbench.settings.put('refpoint.hosts', [{ name: 'hv', url: 'http://localhost' }]);
  const { run, engine, hosts } = await fakeWindow(t);
  const finding = {
    code: 'vm.version',
    severity: 'error',
    message: 'Windows Server 2012 has no RCT',
  } as const;
  engine
    .on(requests.listVms, () => [vmRow(1)])
    .on(requests.testHost, () => hostTest({ findings: [finding] }))
    .on(requests.showVm, () => vmShow(1));
  const [root] = await hosts.rows();
  const [vm] = await hosts.expand(root?.node as never);
  await run('refpoint.showFindings', vm?.node);
  const page = await shown(lastPanel());
  assert.equal(page.title, 'hv');
  const [, ofHost, ofVm] = page.sections;
  assert.equal(ofHost?.notes[0]?.severity, 'error');
  assert.deepEqual(
    [ofVm?.heading, ofVm?.none],
    ['Findings of vm1', 'Nothing stands in the way of backups.'],
  );
  // The same as text, for a ticket.
  await press(lastPanel(), page, 'Open as Markdown');
  const { text, uri } = workbench.documents[0] ?? { text: '', uri: undefined };
  assert.match(text, /\*\*error\*\* Windows Server 2012 has no RCT \(`vm\.version`\)/);
  assert.match(text, /Findings of vm1\n\nNothing stands in the way of backups/);
  assert.equal(uri?.scheme, 'refpoint', 'closing it asks nobody to save it');
});

test('rights are told for each feature; what is missing comes with commands of this account, to copy', async (t) => {
  workbench.settings.put('refpoint.hosts', [
    { name: 'hv', url: 'http://localhost', user: "CORP\\o'neil", authentication: 'kerberos' },
  ]);
  const { run, engine, hosts, services } = await fakeWindow(t);
  const [host] = services.hosts.hosts;
  await services.passwords.store(host?.host ?? assert.fail(), 'x');
  engine
    .on(requests.listVms, () => [])
    .on(requests.testHost, () =>
      hostTest({
        mechanism: 'kerberos',
        rights: [
          { feature: 'inventory', ok: true, missing: [] },
          { feature: 'export', ok: false, missing: ['hyperVAdministrators', 'server2016'] },
          { feature: 'checkpoints', ok: false, missing: ['hyperVAdministrators'] },
        ],
      }),
    );
  const [root] = await hosts.rows();
  await hosts.expand(root?.node as never);
  await run('refpoint.showFindings', root?.node);
  const panel = lastPanel();
  const page = await shown(panel);
  const rights = page.sections.find(({ heading }) => heading === 'Rights of the Account');
  const text = (name: string): string =>
    rights?.facts.find((each) => each.name === name)?.value[0]?.text ?? '';
  assert.equal(text('VMs, disks and checkpoints'), 'yes');
  assert.match(text('Exports'), /^no · .*Hyper-V Administrators.*Server 2016/);
  const grant = page.sections.find(({ heading }) => heading === 'Grant What Is Missing');
  const [command, ...more] = grant?.commands ?? [];
  assert.deepEqual(more, [], 'once, although two features miss it; an old host has no command');
  const line = "Add-LocalGroupMember -SID S-1-5-32-578 -Member 'CORP\\o''neil'";
  assert.equal(command?.text, line);
  const answer = await askPanel(panel, 'follow', { link: command?.copy.link });
  assert.equal(answer.ok, true);
  assert.equal(workbench.clipboard, line);
  const [facts] = page.sections;
  const login = facts?.facts.find(({ name }) => name === 'Login');
  assert.equal(login?.value[0]?.text, 'Kerberos, messages sealed');
  await press(panel, page, 'Open as Markdown');
  assert.ok(workbench.documents[0]?.text.includes(`\`\`\`powershell\n${line}\n\`\`\``));
});

test('a finding about a disk offers to leave that disk out; words that errors share offer nothing', async () => {
  const host = { id: 'h', kind: 'host', host: { url: 'http://h' }, state: 'connected' } as const;
  const vmNode = {
    kind: 'vm',
    id: 'v',
    host: host.host,
    lab: false,
    row: vmRow(1),
    twin: false,
  } as const;
  const message = 'Something about it.';
  const { document, targets } = findingsPage({
    page: { kind: 'findings', host: 'h', vm: guid(1) },
    name: 'hv',
    test: hostTest({ findings: [{ code: 'vm.noRctId', severity: 'warning', message }] }),
    vm: vmShow(1, {
      findings: [
        { code: 'disk.shared', severity: 'error', message, slot: 'scsi0:1' },
        { code: 'path.unmapped', severity: 'error', message },
      ],
    }),
    hostNode: { ...host, lab: false, vms: 1, failure: null, login: null, files: null },
    vmNode,
  });
  const [, ofHost, ofVm] = document.sections;
  const texts = (section: typeof ofVm): readonly (readonly string[])[] =>
    (section?.notes ?? []).map(({ parts }) => parts.flatMap(onlyLink).map(({ text }) => text));
  assert.deepEqual(texts(ofHost), [[]]);
  assert.deepEqual(texts(ofVm), [['Leave This Disk Out'], ['Edit Host…']]);
  const leave = targets.find(
    (each) => 'command' in each && each.command === 'refpoint.leaveDiskOut',
  );
  assert.deepEqual(leave, {
    command: 'refpoint.leaveDiskOut',
    node: vmNode,
    args: [{ slot: 'scsi0:1' }],
  });
});

test('links of a report lead to map, disk, parent and restore of that very point', async (t) => {
  workbench.settings.put('refpoint.stores', ['/stores/a']);
  const { engine, services } = await fakeWindow(t);
  engine.on(requests.pointReport, () => report);
  const ran: unknown[][] = [];
  for (const id of ['openChangeMap', 'openDisk', 'restore', 'verify']) {
    workbench.commands.set(`refpoint.${id}`, async (...args) => void ran.push([id, ...args]));
  }
  const at = { store: '/stores/a', vm: guid(1), point: point.id };
  await services.pages.show({ kind: 'report', ...at }, 'web01');
  const panel = lastPanel();
  const page = await shown(panel);
  for (const text of ['Open Change Map', 'Open Disk', 'Restore…', 'Verify', 'Restore Disk…']) {
    assert.ok((await press(panel, page, text)).ok, text);
  }
  const given = ran.map(([id, node]) => {
    const { kind, store, vm, point: of, disk: at0 } = node as Record<string, unknown>;
    const { id: vmId } = vm as { id: string };
    const { id: pointId } = of as { id: string };
    return [
      id,
      kind,
      store,
      vmId,
      pointId,
      (at0 as { readonly number: number } | undefined)?.number,
    ];
  });
  const ofDisk = ['pointDisk', '/stores/a', guid(1), point.id, 0];
  const ofPoint = ['point', '/stores/a', guid(1), point.id, undefined];
  assert.deepEqual(given, [
    ['openChangeMap', ...ofDisk],
    ['openDisk', ...ofDisk],
    ['restore', ...ofPoint],
    ['verify', ...ofPoint],
    ['restore', ...ofDisk],
  ]);
  assert.ok((await press(panel, page, 'Show Report')).ok);
  assert.notEqual(lastPanel(), panel, 'the parent opens beside it');
  await shown(lastPanel());
  assert.equal(engine.paramsOf(requests.pointReport).at(-1)?.point, point.parent);
});

test('a page cannot name a command: a link that it does not have does nothing', async (t) => {
  workbench.settings.put('refpoint.stores', ['/stores/a']);
  const { engine, services } = await fakeWindow(t);
  engine.on(requests.pointReport, () => report);
  await services.pages.show({ kind: 'report', store: '/stores/a', vm: guid(1), point: '1' }, 'x');
  await shown(lastPanel());
  const before = workbench.ran.length;
  for (const link of [-1, 99, 0.5, '0', 'constructor', null, ['refpoint.stopLab']]) {
    assert.equal((await askPanel(lastPanel(), 'follow', { link })).ok, false, String(link));
  }
  assert.equal(workbench.ran.length, before);
  const { options, html } = lastPanel().webview;
  assert.equal((options as { enableCommandUris?: unknown }).enableCommandUris, false);
  assert.match(html, /default-src 'none'/);
});

test('a page comes back after a reload of the window, and only what is a page does', async (t) => {
  workbench.settings.put('refpoint.stores', ['/stores/a']);
  const { engine, services } = await fakeWindow(t);
  engine.on(requests.pointReport, () => report);
  const page = { kind: 'report', store: '/stores/a', vm: guid(1), point: point.id } as const;
  await services.pages.show(page, 'web01');
  const { result } = await askPanel(lastPanel(), 'open');
  const { state } = result as { readonly state: unknown };
  const serializer = workbench.serializers.get('refpoint.reportPage');
  const again = new FakeWebviewPanel('refpoint.reportPage');
  await serializer?.deserializeWebviewPanel(again, state);
  assert.equal((await shown(again)).title, 'Incremental backup: web01');
  for (const odd of [
    undefined,
    {},
    { page: { kind: 'log', job: '1' } },
    { page: { kind: 'report' } },
  ]) {
    const panel = new FakeWebviewPanel('refpoint.reportPage');
    await serializer?.deserializeWebviewPanel(panel, odd);
    assert.equal(panel.disposed, true, JSON.stringify(odd));
  }
});

test('the environment tells versions and whether koffi loads', async (t) => {
  const { run, engine } = await fakeWindow(t);
  engine.on(requests.environment, () => ({
    version: '0.1.0',
    node: 'v22',
    platform: 'linux',
    arch: 'x64',
    pid: 7,
    koffi: { loaded: false, detail: 'no binary' },
    home: '/home/x',
  }));
  await run('refpoint.showEnvironment');
  const facts = JSON.parse(workbench.documents[0]?.text ?? '') as Record<string, unknown>;
  assert.deepEqual(facts['koffi'], { loaded: false, detail: 'no binary' });
  assert.equal(facts['refpoint'], '0.1.0');
  assert.equal(workbench.documents[0]?.languageId, 'json');
});

test('the log of a job is lines of text, and half a line of a process that died is one too', async (t) => {
  assert.equal(
    logText(
      '{"time":"T","level":"info","area":"job","message":"a\\nb","data":{"x":1}}\n{"time":"T","le',
    ),
    'T a\\u{a}b\n{"time":"T","le\n',
  );
  const { run, engine, folder } = await fakeWindow(t);
  const log = join(folder, 'jobs', 'log.ndjson');
  await mkdir(join(folder, 'jobs'));
  await writeFile(log, '{"time":"T","level":"error","area":"job","message":"no space"}\n');
  engine.on(requests.listJobs, () => [job(guid(1), { log })]);
  await run('refpoint.showLog', { kind: 'job', id: 'job:1', job: job(guid(1), { log }) });
  assert.equal(workbench.documents[0]?.text, 'T [error] no space\n');
  await run('refpoint.showLog');
  assert.ok(workbench.ran.some(({ id }) => id === 'output.show:Refpoint'));
});

test('a report that is open is made anew when a job of its store ended', async (t) => {
  const { run, engine, services } = await fakeWindow(t);
  engine.on(requests.pointReport, () => report);
  const done = job('1', {
    spec: backupSpec(),
    state: 'done',
    result: jobResult({ point: point.id }),
  });
  await run('refpoint.showReport', { kind: 'job', id: 'job:1', job: done });
  const reloads = (): number =>
    lastPanel().posted.filter((each) => (each as { type: string }).type === 'reload').length;
  engine.on(requests.listJobs, () => [job('2')]);
  await services.jobs.look();
  engine.on(requests.listJobs, () => [job('2', { state: 'done' })]);
  await services.jobs.look();
  assert.equal(reloads(), 1);
});
