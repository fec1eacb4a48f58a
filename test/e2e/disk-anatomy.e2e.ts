import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { damage, differencingDisk } from '../support/page/sample-files.ts';
import { violationsOf } from './support/workbench/accessibility.ts';
import { SHOTS } from './support/workbench/pictures.ts';
import { story, type Story } from './support/workbench/story.ts';
import { THEME_NAMES, THEMES, wear } from './support/workbench/themes.ts';
import { until, type Workbench } from './support/workbench/workbench.ts';

/** Opens a file of the folder as a person does. */
async function openFile(window: Workbench, name: string): Promise<void> {
  const row = window.page.locator('.explorer-folders-view .monaco-list-row', { hasText: name });
  await row.first().dblclick();
  await window.tab(name).waitFor();
}

/**
 * Opens a disk image. A workbench that starts for the first time shows the folder before it knows the editors of its extensions,
 * and then has none for such a file: a person closes the tab and opens the file again.
 */
async function openImage(window: Workbench, name: string): Promise<void> {
  const { page } = window;
  const noEditor = page.locator('.monaco-editor-pane-placeholder');
  const ours = page.locator('iframe.webview');
  await openFile(window, name);
  await until(`an editor has ${name}`, async () => {
    if (await ours.first().isVisible()) return true;
    if (!(await noEditor.first().isVisible())) return false;
    await window.tab(name).locator('.tab-actions .action-label').click();
    await window.tab(name).waitFor({ state: 'hidden' });
    await openFile(window, name);
    return false;
  });
}

/** A window on a folder with a disk image, its parent, and two files that are none; the image is open. */
async function openedDisk(story: Story) {
  const work = await mkdtemp(join(tmpdir(), 'rp-anatomy-'));
  story.finally(() => rm(work, { recursive: true, force: true }));
  await mkdir(SHOTS, { recursive: true });
  const path = await differencingDisk(work);
  await writeFile(join(work, 'adder.vhd'), 'entity adder is\n  port (a, b : in bit);\n'.repeat(40));
  await writeFile(join(work, 'notes.vhdx'), 'bought milk\n');
  const server = await story.server();
  const window = await story.window(server, { folder: work });
  const { webview, page } = window;
  await story.step('a .vhdx opens in the editor, without a question', async () => {
    await openImage(window, 'web-01_8C1F.avhdx');
    await webview.getByRole('tree').waitFor();
    assert.match(
      await webview.locator('.facts').innerText(),
      /VHDX, differencing\s+Disk 1 GiB\s+Blocks 1 MiB/,
    );
    await webview.locator('.box.kind-metadata').click();
    await webview
      .getByText(/1 MiB selected at 0x200000/)
      .first()
      .waitFor();
  });
  return { path, server, window, webview, page };
}

story('a disk image in each theme, and compared with another', async (story) => {
  const { window, webview, page } = await openedDisk(story);

  await story.step('two images that are selected in the Explorer are compared', async () => {
    const row = (name: string) =>
      page.locator('.explorer-folders-view .monaco-list-row', { hasText: name }).first();
    await row('base.vhdx').click();
    await window.tab('base.vhdx').waitFor();
    await webview.getByText('VHDX, dynamic').waitFor();
    await window.selectFiles('base.vhdx', 'web-01_8C1F.avhdx');
    await window.menu(row('web-01_8C1F.avhdx'), 'Compare Disk Images…');
    await window.tab('↔').waitFor();
    await webview.getByText(/^The disks differ in 11 ranges/).waitFor();
    await webview.getByRole('button', { name: 'Next Difference' }).click();
    await webview
      .getByText(/difference 2 of 11, 8 KiB/)
      .first()
      .waitFor();
    await window.tab('web-01_8C1F.avhdx').click();
    await webview.getByRole('tree').waitFor();
  });

  for (const theme of THEME_NAMES) {
    await story.step(`axe-core finds nothing in ${THEMES[theme].row}`, async () => {
      await wear(window, theme);
      // Other rules do not depend on the theme, and test/scenario/views/axe looks each tab over in each theme.
      const first = theme === THEME_NAMES[0];
      const rules = first ? 'all' : 'colours';
      for (const tab of ['Structure', 'Blocks', 'Findings']) {
        await webview.getByRole('tab', { name: tab }).click();
        await page.waitForTimeout(200);
        if (first || tab === 'Structure') {
          assert.deepEqual(await violationsOf(webview.locator('#root'), rules), [], tab);
        }
        const file = `disk-anatomy-${tab.toLowerCase()}-${theme}.png`;
        await page.screenshot({ path: join(SHOTS, file) });
      }
      await window.tab('↔').click();
      await webview.getByText(/^The disks differ/).waitFor();
      await webview.locator('.hex-row .differs').first().waitFor();
      assert.deepEqual(await violationsOf(webview.locator('#root'), rules), [], 'comparison');
      await page.screenshot({ path: join(SHOTS, `disk-compare-${theme}.png`) });
      await window.tab('web-01_8C1F.avhdx').click();
      await webview.getByRole('tab', { name: 'Structure' }).waitFor();
    });
  }
});

story('a disk image taken apart, from the development folder', async (story) => {
  const { path, window, webview, page } = await openedDisk(story);
  const where = webview.locator('.where span');

  let place = '';
  await story.step('what others write to the file is seen by itself', async () => {
    await webview.getByRole('tab', { name: 'Findings' }).click();
    await webview.getByText('Zero blocks hide').waitFor();
    await damage(path);
    await webview.getByRole('tab', { name: /^Findings \(\d+\)$/ }).waitFor();
    await webview.locator('button.finding').first().click();
    await until('the place of the finding is shown', async () =>
      /^0x|selected at 0x/.test(await where.innerText()),
    );
    place = await where.innerText();
  });

  await story.step('Problems name the damage; their links offer to repair and rescue', async () => {
    await window.command('View: Toggle Problems');
    const link = page.locator('.markers-panel .monaco-list-row a', { hasText: 'vhdx.bat.beyond' });
    await link.click();
    await window.question('Fix web-01_8C1F.avhdx');
    await page.screenshot({ path: join(SHOTS, 'disk-anatomy-problems.png') });
    await window.quickRow('Rescue What Can Be Read…').waitFor();
    await window.quickRow('Repair…').click();
    await window.answerDialog('Cancel');
    await window.command('View: Toggle Panel Visibility');
  });

  await story.step('damage is repaired on a copy, which opens', async () => {
    await webview.locator('.banner').getByRole('button', { name: 'Repair…' }).click();
    await window.answerDialog('Repair a Copy…');
    await window.quickInput.waitFor();
    await window.quickInput.press('Enter');
    await window.notification(/web-01_8C1F\.repaired\.avhdx is repaired/).waitFor();
    await window.tab('web-01_8C1F.repaired.avhdx').waitFor();
    await page.screenshot({ path: join(SHOTS, 'disk-anatomy-repaired.png') });
    await window.dismissNotifications();
    await window.tab('web-01_8C1F.avhdx').click();
    await until('the place is the same', async () => (await where.innerText()) === place);
  });

  await story.step('a reload of the window brings it back as it was', async () => {
    // What a view keeps, it keeps once one rests.
    await page.waitForTimeout(500);
    await window.reload();
    await window.tab('web-01_8C1F.avhdx').waitFor();
    await until('the place is the same', async () => (await where.innerText()) === place);
    await webview.locator('.findings').waitFor();
  });

  await story.step(
    'a parent beside the file opens; a path of Windows says where it leads',
    async () => {
      await webview.getByRole('tab', { name: 'Parent' }).click();
      await webview.locator('.parents li').nth(1).getByRole('button').click();
      await window.notification(/C:\\vm\\base\.vhdx is a path of Windows/).waitFor();
      await window.dismissNotifications();
      await webview.locator('.parents li').first().getByRole('button').click();
      await window.tab('base.vhdx').waitFor();
      await webview.getByText('VHDX, dynamic').waitFor();
    },
  );

  await story.step(
    'VHDL opens as text; asked for, the editor says what it is and leads back',
    async () => {
      await openFile(window, 'adder.vhd');
      await window.editorShows(/entity adder is/);
      await window.command('View: Reopen Editor With...');
      await window.quickRow('Disk Anatomy').click();
      await webview.getByText('This is not a disk image.').waitFor();
      await page.screenshot({ path: join(SHOTS, 'disk-anatomy-vhdl.png') });
      await webview.getByRole('button', { name: 'Reopen as Text' }).click();
      await window.editorShows(/entity adder is/);
      const tabs = page.locator('.tabs-container .tab', { hasText: 'adder.vhd' });
      await until('the text is in place of the editor', async () => (await tabs.count()) === 1);
    },
  );

  await story.step('a file that is none says so, and shows its bytes on request', async () => {
    await openImage(window, 'notes.vhdx');
    await webview.getByText('This is not a disk image.').waitFor();
    await webview.getByRole('button', { name: 'Show Bytes' }).click();
    const text = webview.locator('.hex-grid .track .text').first();
    await until('the bytes are there', async () =>
      ((await text.textContent()) ?? '').startsWith('bought m'),
    );
  });
});

story('a disk image in a window without trust', async (story) => {
  const work = await mkdtemp(join(tmpdir(), 'rp-anatomy-'));
  story.finally(() => rm(work, { recursive: true, force: true }));
  await differencingDisk(work);
  const server = await story.server({ trust: true });
  const window = await story.window(server, { folder: work });
  const { webview } = window;

  await story.step('it is read, its parents are shown, and none is opened', async () => {
    await openImage(window, 'web-01_8C1F.avhdx');
    await webview.getByRole('tab', { name: 'Parent' }).click();
    await webview.getByText('this window is in Restricted Mode').first().waitFor();
    const open = webview.locator('.parents button');
    assert.equal(await open.count(), 2);
    for (const i of [0, 1]) assert.notEqual(await open.nth(i).getAttribute('disabled'), null);
  });

  await story.step('once it is trusted, the one beside it is found', async () => {
    await window.command('Workspaces: Manage Workspace Trust');
    await window.page.getByRole('button', { name: 'Trust', exact: true }).first().click();
    // The editor of trust stands in front.
    await window.page.keyboard.press('Escape');
    await webview.getByText('Found in the folder of this file.').waitFor();
  });
});
