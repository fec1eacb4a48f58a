import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import * as vscode from 'vscode';
import { requests } from '../../../../src/engine/api/methods.ts';
import { pageUri } from '../../../../src/extension/pages/page-uri.ts';
import { readHosts } from '../../../../src/extension/settings/hosts.ts';
import type { PageDocument, PagePart } from '../../../../src/views/api/report-page.ts';
import { fakeWindow, settled } from '../../../support/extension/extension-window.ts';
import { failure } from '../../../support/extension/fake-engine.ts';
import { backupSpec, job, jobResult, smbTest, vmRow } from '../../../support/extension/samples.ts';
import { askPanel } from '../../../support/vscode/ask-panel.ts';
import { giveUp, pick, press, type, type Step } from '../../../support/vscode/script.ts';
import { workbench } from '../../../support/vscode/workbench.ts';

const HOST = { name: 'hv', url: 'http://hv01:5985' } as const;

beforeEach(() => {
  workbench.reset();
  workbench.settings.put('refpoint.hosts', [HOST]);
});

const textOf = (parts: readonly PagePart[]): string => parts.map(({ text }) => text).join('');

/** Returns the contents of the page that was opened last. */
async function page(): Promise<PageDocument> {
  const panel = workbench.panels.at(-1);
  assert.ok(panel !== undefined, 'a page is open');
  const reply = await askPanel(panel, 'open');
  assert.ok(reply.ok, JSON.stringify(reply.error));
  await settled();
  return (reply.result as { readonly document: PageDocument }).document;
}

function factsOf({ sections }: PageDocument): Readonly<Record<string, string>> {
  const facts = sections.flatMap((section) => section.facts);
  return Object.fromEntries(facts.map(({ name, value }) => [name, textOf(value)]));
}

test('the host itself is tested without a question about it; its tooltip then has the protection', async (t) => {
  const { run, engine, hosts } = await fakeWindow(t);
  engine.on(requests.listVms, () => [vmRow(1)]).on(requests.testFileAccess, () => smbTest());
  const [row] = await hosts.rows();
  workbench.play(pick('hv01'));
  await run('refpoint.testFileAccess', row?.node);
  workbench.assertDone();
  const shown = await page();
  assert.equal(shown.title, 'File Access of hv');
  assert.deepEqual(factsOf(shown), {
    Host: 'hv',
    Place: 'hv01',
    Result: 'Files can be read.',
    Dialect: 'SMB 3.1.1',
    Encryption: 'encrypted with AES-128-GCM',
    Signing: 'AES-128-GMAC',
    Login: 'NTLM as Administrator',
    Share: 'none was named',
    Reads: 'at most 1 MiB',
    Credits: '512',
    'Shared virtual disks': 'not known',
  });
  const [asked] = engine.paramsOf(requests.testFileAccess);
  assert.equal(asked?.place, '');
  assert.deepEqual(asked?.target.smb, { port: 445, encryption: 'wanted', servers: [] });
  const [now] = await hosts.rows();
  const tooltip = now?.item.tooltip as string;
  assert.match(tooltip, /SMB 3\.1\.1, encrypted with AES-128-GCM, signing with AES-128-GMAC/);
  assert.equal(workbench.asked.filter(({ modal }) => modal).length, 0);
});

test('an unknown server is contacted only after one question, whose answer is kept with the host', async (t) => {
  const { run, engine, hosts } = await fakeWindow(t);
  engine
    .on(requests.listVms, () => [])
    .on(requests.testFileAccess, () =>
      smbTest({ server: 'files01', share: 'vms', shareFlags: ['encrypt'], rsvd: true }),
    );
  const [row] = await hosts.rows();
  const place = '\\\\files01\\vms';
  const another = [pick('Another Share…'), type('nonsense here', /A share such as/), type(place)];
  workbench.play(...another, giveUp());
  await run('refpoint.testFileAccess', row?.node);
  workbench.assertDone();
  assert.equal(engine.count(requests.testFileAccess), 0, 'without approval nothing is contacted');
  assert.deepEqual(readHosts(), [HOST]);

  workbench.play(...another, press('Contact This Server'));
  await run('refpoint.testFileAccess', row?.node);
  workbench.assertDone();
  const questions = workbench.asked.filter(({ modal }) => modal);
  assert.equal(questions.at(-1)?.text, 'Contact the file server files01?');
  assert.match(questions.at(-1)?.detail ?? '', /You test access to \\\\files01\\vms\./);
  assert.match(questions.at(-1)?.detail ?? '', /receive a proof of the password/);
  assert.deepEqual(readHosts(), [{ ...HOST, fileServers: ['files01'] }]);
  const shown = await page();
  assert.equal(factsOf(shown)['Share'], 'vms · requires encryption');
  assert.equal(factsOf(shown)['Shared virtual disks'], 'yes');
  assert.deepEqual(engine.paramsOf(requests.testFileAccess).at(-1)?.target.smb?.servers, [
    'files01',
  ]);

  // Approved now, and offered by its name.
  workbench.play(pick('files01'));
  await run('refpoint.testFileAccess', row?.node);
  workbench.assertDone();
  assert.equal(workbench.asked.filter(({ modal }) => modal).length, questions.length);
});

test('servers of mapped folders are approved by the mapping, and settings that are not valid are ignored', async (t) => {
  workbench.settings.put('refpoint.hosts', [
    {
      ...HOST,
      pathMap: { 'D:\\VMs': '\\\\hv01-files\\vms', 'E:\\': '/mnt/e' },
      smbPort: 1445,
      smbEncryption: 'required',
      fileServers: ['files02', 7, 'a b', '\\\\x\\y'],
    },
    { url: 'http://hv02', smbPort: 99_999, smbEncryption: 'maybe', fileServers: 'files' },
  ]);
  assert.deepEqual(readHosts()[1], { url: 'http://hv02' });
  const { run, engine, hosts } = await fakeWindow(t);
  engine.on(requests.listVms, () => []).on(requests.testFileAccess, () => smbTest());
  const [row] = await hosts.rows();
  workbench.play(pick('\\\\hv01-files\\vms'));
  await run('refpoint.testFileAccess', row?.node);
  workbench.assertDone();
  await page();
  assert.deepEqual(engine.paramsOf(requests.testFileAccess).at(-1)?.target.smb, {
    port: 1445,
    encryption: 'required',
    servers: ['files02', 'hv01-files'],
  });
});

test('a failure is a page with its code, what helps, and the entry of the guide', async (t) => {
  const { run, engine, hosts } = await fakeWindow(t);
  engine
    .on(requests.listVms, () => [])
    .fail(requests.testFileAccess, failure('smb.denied', 'Entering \\\\hv01\\D$ failed'));
  const ran: unknown[] = [];
  workbench.commands.set('refpoint.prepareHost', async (_node, option) => void ran.push(option));
  const [row] = await hosts.rows();
  workbench.play(pick('Another Share…'), type('\\\\HV01\\D$'));
  await run('refpoint.testFileAccess', row?.node);
  workbench.assertDone();
  const shown = await page();
  assert.equal(factsOf(shown)['Result'], 'Files cannot be read.');
  const [note] = shown.sections.flatMap(({ notes }) => notes);
  assert.equal(note?.severity, 'error');
  assert.match(
    textOf(note?.parts ?? []),
    /^The account may not read this file or this share\. Entering \\\\hv01\\D\$ failed\. \(smb\.denied\)/,
  );
  const explain = note?.parts.find(({ text }) => text === 'Explain');
  assert.ok(explain?.kind === 'link');
  const panel = workbench.panels.at(-1);
  assert.ok(panel !== undefined);
  await askPanel(panel, 'follow', { link: explain.link });
  assert.deepEqual(ran, [{ code: 'smb.denied' }]);
});

test('port, encryption and approved servers are edited at the host', async (t) => {
  const { run, hosts } = await fakeWindow(t);
  const edit = async (...steps: readonly Step[]): Promise<void> => {
    const [row] = await hosts.rows();
    workbench.play(pick('Access to Files'), ...steps);
    await run('refpoint.editHost', row?.node);
    workbench.assertDone();
  };
  await edit(pick('Port of SMB'), type('70000', /whole number/), type('1445'));
  await edit(pick('Encryption'), pick('always encrypted'));
  await edit(pick('Approved File Servers'), type('a, b c/d', /c\/d is not/), type('files01, b'));
  const access = { smbPort: 1445, smbEncryption: 'required', fileServers: ['files01', 'b'] };
  assert.deepEqual(readHosts(), [{ ...HOST, ...access }]);
  await edit(pick('Port of SMB'), type(''));
  await edit(pick('Encryption'), pick('encrypted if the server can'));
  await edit(pick('Approved File Servers'), type(''));
  assert.deepEqual(readHosts(), [HOST]);
  const [row] = await hosts.rows();
  workbench.play(pick('Folders of the Host on This Machine'), type('D:\\VMs = \\\\files03\\vms'));
  await run('refpoint.editHost', row?.node);
  workbench.assertDone();
  assert.deepEqual(readHosts()[0]?.pathMap, { 'D:\\VMs': '\\\\files03\\vms' });
});

test('a backup that read from a file server leaves its protection in the tooltip of the host', async (t) => {
  const { hosts, services, engine } = await fakeWindow(t);
  const spec = backupSpec({ host: HOST.url });
  const server = { server: 'hv01', dialect: '3.0.2', signing: 'AES-128-CMAC' } as const;
  const protection = [{ ...server, cipher: null, sealed: false }];
  let done = false;
  engine.on(requests.listJobs, () => [
    done
      ? job('1', { spec, state: 'done', result: jobResult({ protection }) })
      : job('1', { spec, state: 'running' }),
  ]);
  engine.on(requests.listVms, () => []);
  await services.jobs.look();
  done = true;
  await services.jobs.look();
  const [row] = await hosts.rows();
  assert.match(
    row?.item.tooltip as string,
    /hv01: SMB 3\.0\.2, not encrypted: the server cannot, signing with AES-128-CMAC/,
  );
});

test('the address of a page in a document of others contacts approved servers only', async (t) => {
  const { engine } = await fakeWindow(t);
  engine.on(requests.testFileAccess, ({ target, place }) => {
    assert.deepEqual([target.smb?.servers, place], [[], '\\\\evil\\share']);
    throw failure('smb.server.unknown', 'not approved');
  });
  const at = { kind: 'files', host: 'http://hv01:5985||auto', place: '\\\\evil\\share' } as const;
  await vscode.workspace.openTextDocument(pageUri(at, 'README.md'));
  assert.match(workbench.documents.at(-1)?.text ?? '', /smb\.server\.unknown/);
});
