import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { violationsOf } from './support/workbench/accessibility.ts';
import { Keyboard } from './support/workbench/keyboard.ts';
import { SHOTS } from './support/workbench/pictures.ts';
import { RecordingView } from './support/workbench/recording-view.ts';
import { story } from './support/workbench/story.ts';
import { until } from './support/workbench/workbench.ts';

story('what a backup sent to its host is read by keyboard alone', async (story) => {
  const work = await mkdtemp(join(tmpdir(), 'rp-story-'));
  story.finally(() => rm(work, { recursive: true, force: true }));
  await mkdir(SHOTS, { recursive: true });
  const server = await story.server({ settings: { 'refpoint.trace.exchanges': true } });
  const window = await story.window(server);
  const keys = new Keyboard(window);
  const { page, webview } = window;
  const view = new RecordingView(window);
  await keys.watchPointer();

  await story.step('the recording of a backup opens from its job', async () => {
    await window.command('Refpoint: Start Lab Host');
    await window.row('Hosts', 'sample-vm').waitFor();
    await window.command('Refpoint: Back Up…');
    await keys.answer('Add Store', join(work, 'store'));
    await keys.choose('Back up sample-vm', 'Full');
    await window.notification(/Back up sample-vm: full backup .* read/).waitFor();
    await window.dismissNotifications();
    await window.command('Refpoint: Focus on Jobs View');
    await keys.rowOf(window.view('Jobs'), 'Back up sample-vm');
    await keys.menu('Open Trace');
    // Recordings of two jobs are told apart by their tabs.
    await window.tab(/backup sample-vm \d{4}-\d\d-\d\d \d\d-\d\d-\d\d/).waitFor();
    const facts = await view.read();
    assert.ok(facts.includes('sample-vm'), facts.join(' | '));
    assert.ok(
      facts.some((fact) => /^\d+ exchanges in [\d.]+ s$/.test(fact)),
      facts.join(' | '),
    );
    assert.ok(!facts.some((fact) => /Without an end|missing/.test(fact)), facts.join(' | '));
    assert.deepEqual(await violationsOf(webview.locator('#root')), []);
  });

  await story.step('the list is filtered: changing calls, errors, slow, by words', async () => {
    const choose = async (name: string): Promise<void> => {
      await keys.tabTo(name, 'Shift+Tab');
      await keys.press('Enter');
    };
    await keys.inWebview();
    await choose('Changing');
    const changing = await view.list('only changing calls', (rows) => {
      return rows.length > 0 && rows.every((row) => row.includes('●'));
    });
    assert.ok(
      changing.some((row) => row.includes('CreateSnapshot')),
      changing.join(' | '),
    );
    await choose('Errors');
    await webview.getByText('No exchange passes the filter.').waitFor();
    await choose('Slow');
    // Its words are those of the label around it.
    await keys.tabTo('INPUT');
    await keys.press('Control+A');
    await keys.type('0');
    const all = await view.list('every call', (rows) => rows.length > changing.length);
    assert.ok(all.some((row) => !row.includes('●')));
    await choose('All');
    await keys.tabTo('Search calls and results');
    await keys.type('CreateSnapshot');
    await view.list('the calls searched for', (rows) => {
      return rows.length > 0 && rows.every((row) => row.includes('CreateSnapshot'));
    });
  });

  await story.step('an exchange is decoded beside its XML, with its times', async () => {
    await keys.tabTo(/^Exchanges of /);
    await keys.press('Home');
    const { exchange } = view;
    await exchange.getByText('Waiting for the host').first().waitFor();
    await keys.tabTo('Answer');
    await keys.tabTo(/^Decoded: /);
    await keys.press('Home', 'ArrowRight', 'ArrowDown');
    const decoded = exchange.locator('[role=tree] >> visible=true').first();
    await until('the answer is decoded', async () =>
      (await decoded.innerText()).includes('ReturnValue'),
    );
    const xml = exchange.locator('.bodies >> visible=true').first();
    await until('the XML is beside it', async () => /<\w+:Envelope/.test(await xml.innerText()));
    assert.equal(await view.overflows(), false);
    await page.screenshot({ path: join(SHOTS, 'recording-exchange.png') });
  });

  await story.step('a second recording stands beside it', async () => {
    const folder = join(server.userFolder, 'traces');
    const [session = ''] = (await readdir(folder)).filter((name) => name.endsWith('.rptrace'));
    await keys.tabTo('Compare With…', 'Shift+Tab');
    await keys.press('Enter');
    await keys.file('Compare With Which Recording', join(folder, session));
    await webview.getByText(`Compared with ${session}`).waitFor();
    await view.list('a call of one alone', (rows) =>
      rows.some((row) => row.includes('not in this recording')),
    );
    await page.screenshot({ path: join(SHOTS, 'recording-compared.png') });
  });

  await story.step('nothing of it took a pointer', () => keys.assertNoPointer());
});
