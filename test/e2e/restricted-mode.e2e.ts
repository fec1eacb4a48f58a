import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { violationsOf } from './support/workbench/accessibility.ts';
import { MapView } from './support/workbench/map-view.ts';
import { story } from './support/workbench/story.ts';
import { THEME_NAMES, THEMES, wear } from './support/workbench/themes.ts';

story('hosts and stores in a window without trust', async (story) => {
  const work = await mkdtemp(join(tmpdir(), 'rp-story-'));
  story.finally(() => rm(work, { recursive: true, force: true }));
  const folder = join(work, 'folder');
  await mkdir(join(folder, '.vscode'), { recursive: true });
  const evil = { 'refpoint.hosts': [{ name: 'evil', url: 'http://127.0.0.1:1', user: 'x' }] };
  await writeFile(join(folder, '.vscode', 'settings.json'), JSON.stringify(evil));
  const server = await story.server({ trust: true });
  const window = await story.window(server, { folder });
  const map = new MapView(window);

  await story.step('it is restricted, and its folder names no host', async () => {
    await window.page.getByText('Restricted Mode').first().waitFor();
    await window.showViews();
    await window.view('Hosts').getByRole('button', { name: 'Start Lab Host' }).waitFor();
    assert.equal(await window.view('Hosts').locator('.monaco-list-row').count(), 0);
  });

  await story.step('a VM is backed up all the same', async () => {
    await window.view('Hosts').getByRole('button', { name: 'Start Lab Host' }).click();
    await window.row('Hosts', 'sample-vm').waitFor();
    await window.view('Jobs').getByRole('button', { name: 'Back Up a VM' }).click();
    await window.answer('Add Store', join(work, 'store'));
    await window.question('Back up sample-vm');
    await window.quickRow('Full').click();
    await window.notification(/full backup .* MiB read/).waitFor();
    await window.dismissNotifications();
  });

  await story.step('its map opens', async () => {
    await window.expand(window.row('Stores', 'store'));
    await window.expand(window.row('Stores', 'sample-vm'));
    const point = window.point('Full');
    await point.hover();
    await point.getByRole('button', { name: 'Open Change Map' }).click();
    assert.match(await map.drawn(), /-full/);
  });

  for (const theme of THEME_NAMES) {
    await story.step(`axe-core finds nothing in the map in ${THEMES[theme].row}`, async () => {
      await wear(window, theme);
      await map.drawn();
      // Other rules than those of contrast do not depend on the theme.
      const rules = theme === THEME_NAMES[0] ? 'all' : 'colours';
      const root = window.webview.locator('#root');
      assert.deepEqual(await violationsOf(root, rules), []);
      await map.button('Table').click();
      await map.rows();
      assert.deepEqual(await violationsOf(root, rules), [], 'the table');
      await map.button('Map').click();
    });
  }
});
