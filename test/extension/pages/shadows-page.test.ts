import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { requests } from '../../../src/engine/api/methods.ts';
import type { ShadowList, ShadowRow } from '../../../src/engine/api/vss.ts';
import { pageMarkdown } from '../../../src/extension/pages/page-markdown.ts';
import { shadowsPage } from '../../../src/extension/pages/shadows-page.ts';
import type { PageDocument } from '../../../src/views/api/report-page.ts';
import { fakeWindow } from '../../support/extension/extension-window.ts';
import { guid, vmRow } from '../../support/extension/samples.ts';
import { askPanel } from '../../support/vscode/ask-panel.ts';
import { workbench } from '../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

const EVIL = '](command:x) <img src=x>\n# heading\u202E';
const C = '\\\\?\\Volume{11111111-0000-0000-0000-100000000000}\\';
const device = (n: number): string => `\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy${n}`;

const shadow = (n: number, change: Partial<ShadowRow> = {}): ShadowRow => ({
  id: guid(n),
  set: guid(100 + n),
  volume: C.toUpperCase(),
  device: device(n),
  created: `2026-03-0${n}T10:00:00.000Z`,
  exposed: null,
  noWriters: false,
  persistent: true,
  clientAccessible: false,
  owner: 'foreign',
  vms: [],
  ...change,
});

const LIST: ShadowList = {
  shadows: [
    shadow(1, { noWriters: true, clientAccessible: true }),
    shadow(2, {
      owner: 'ours',
      vms: [{ id: guid(1), name: EVIL }],
      exposed: `C:\\ProgramData\\Refpoint-${'ab'.repeat(16)}\\v1\\`,
    }),
    shadow(3, { persistent: false }),
  ],
  volumes: [
    {
      volume: C,
      name: 'C:\\',
      fileSystem: 'NTFS',
      capacity: 40 * 2 ** 30,
      free: 12 * 2 ** 30,
      storage: { used: 2 ** 30, allocated: 2 ** 30, max: 4 * 2 ** 30 },
    },
    { volume: 'D', name: null, fileSystem: null, capacity: null, free: null, storage: null },
  ],
};

const made = (list: ShadowList) =>
  shadowsPage({
    page: { kind: 'shadows', host: 'h' },
    name: EVIL,
    list,
    hostNode: undefined,
    vmNode: () => undefined,
  });

const textOf = (section: PageDocument['sections'][number] | undefined): string =>
  (section?.facts ?? [])
    .map(({ name, value }) => `${name}: ${value.map(({ text }) => text).join('')}`)
    .join('\n');

test('the page lists our shadow copies before foreign ones, with volume, time, device and owner', () => {
  const { sections } = made(LIST).document;
  const [ours, own, others, newest, oldest, volumes] = sections;
  assert.deepEqual(
    [ours?.heading, others?.heading, volumes?.heading],
    ['Of Refpoint', 'Of Other Programs', 'Volumes'],
  );
  assert.match(own?.heading ?? '', /^C:\\ · .*2026|^C:\\ · /);
  assert.match(textOf(own), /Made for: .*command/);
  assert.match(textOf(own), /Mounted at: C:\\ProgramData\\Refpoint-/);
  assert.ok(textOf(newest).includes(device(3)), 'the newest first');
  assert.match(textOf(newest), /until its program ends/);
  assert.match(textOf(oldest), /none took part[^]*previous version/);
  assert.ok(textOf(oldest).includes(guid(101)));
  assert.match(textOf(volumes), /C:\\: NTFS · 12 GiB of 40 GiB free · .*1 GiB of at most 4 GiB/);
  assert.match(textOf(volumes), /D: no area for differences yet/);
});

test('names of hosts and VMs are text; without any copy the page says so', () => {
  const text = pageMarkdown(made(LIST).document);
  assert.doesNotMatch(text, /\u202E|^# heading|[^\\]\]\(command|[^\\]<img/m);
  const none = pageMarkdown(made({ shadows: [], volumes: [] }).document);
  assert.match(none, /Refpoint has no shadow copies on this host\./);
  assert.match(none, /Other programs have no shadow copies on this host\./);
  assert.doesNotMatch(none, /Unknown Owner/);
});

test('a store that cannot be read makes owners unknown, and is named', () => {
  const text = pageMarkdown(
    made({
      ...LIST,
      shadows: [shadow(1, { owner: 'unknown' })],
      unreadStores: [{ path: '/stores/gone', code: 'store.missing', message: 'not mounted' }],
    }).document,
  );
  assert.match(text, /## Of an Unknown Owner[^]*gone cannot be read: not mounted[^]*### C:/);
});

test('more copies than a page can hold are counted', () => {
  const shadows = Array.from({ length: 700 }, (_, i) => shadow(1, { id: guid(i) }));
  const { sections } = made({ ...LIST, shadows }).document;
  assert.equal(sections.filter(({ depth }) => depth === 3).length, 500);
  assert.ok(sections.some(({ none }) => /The newest 500; 200 more/.test(none)));
});

test('the command opens the page of its host; ours offer a clean-up of their VM', async (t) => {
  workbench.settings.put('refpoint.stores', ['/stores/a']);
  workbench.settings.put('refpoint.hosts', [{ name: 'hv', url: 'http://127.0.0.1:5985' }]);
  const { run, engine, hosts } = await fakeWindow(t);
  engine
    .on(requests.listVms, () => [vmRow(1)])
    .on(requests.listJobs, () => [])
    .on(requests.listShadows, () => LIST);
  const [root] = await hosts.rows();
  assert.ok(root);
  await hosts.expand(root.node);
  await run('refpoint.showShadowCopies', root.node);
  const panel = workbench.panels.at(-1);
  assert.ok(panel);
  const reply = await askPanel(panel, 'open');
  assert.ok(reply.ok, JSON.stringify(reply.error));
  const { document } = reply.result as { readonly document: PageDocument };
  assert.equal(document.title, 'Shadow Copies of hv');
  assert.deepEqual(engine.paramsOf(requests.listShadows)[0]?.stores, ['/stores/a']);
  const links = document.sections.flatMap((section) => section.links.map(({ text }) => text));
  assert.deepEqual(links, ['Clean Up…'], 'only of the set that is ours');
});
