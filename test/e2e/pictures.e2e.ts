import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALL_CASES } from '../support/process/all-cases.ts';
import { runRefpoint } from './support/machine/refpoint.ts';
import { MapView } from './support/workbench/map-view.ts';
import { KEEP, Photographer } from './support/workbench/pictures.ts';
import { RecordingView } from './support/workbench/recording-view.ts';
import { story } from './support/workbench/story.ts';
import { THEME_NAMES } from './support/workbench/themes.ts';
import type { Workbench } from './support/workbench/workbench.ts';

/** What is in the editors' place. */
const EDITOR = { x: 354, y: 38, width: 1040, height: 640 };
/** The first of the views in the side bar; another is as wide. */
const SIDE = { x: 48, y: 38, width: 300, height: 160 };

story('every view is seen in several themes', async (story) => {
  const work = await workFolder();
  story.finally(() => rm(work, { recursive: true, force: true }));
  const server = await story.server({
    settings: { 'refpoint.trace.exchanges': true },
    aid: true,
  });
  const window = await story.window(server);
  const photographer = new Photographer(window);

  await story.step('a lab host, and two points in a store', async () => {
    await window.showViews();
    await photographer.shoot('welcome');
    await window.command('Refpoint Tests: Show What Windows Has');
    await window.view('Hosts').getByRole('button', { name: 'Add This Computer' }).waitFor();
    await photographer.shootView('this-computer');
    await window.view('Hosts').getByRole('button', { name: 'Start Lab Host' }).click();
    await window.menu(window.row('Hosts', 'sample-vm'), 'Back Up');
    await window.answer('Add Store', join(work, 'backups'));
    await window.quickRow('Full').click();
    await window.notification(/full backup .* read/).waitFor();
    await photographer.shoot('backed-up');
    await window.command('Write Changes in Lab Guest');
    await window.notification('the guest wrote').waitFor();
    await openPlan(window);
    await window.quickRow('incremental by').click();
    await window.notification(/incremental backup .* read/).waitFor();
  });

  // Pictures that ship are taken in one walk for each theme. Else one walk takes those of our views in several themes: only they have own
  // colours.
  for (const theme of KEEP ? THEME_NAMES : THEME_NAMES.slice(0, 1)) {
    await story.step(theme, async () => {
      await photographer.wear(theme);
      await window.showViews();
      await pictures(window, photographer, join(work, theme), server.labFolder);
    });
  }

  await story.step('no picture is missing', async () => {
    assert.equal(
      photographer.taken,
      KEEP ? 3 + 4 * 19 : ALL_CASES ? 2 + 5 + 19 + 3 * 5 : 2 + 2 + 19 + 5,
    );
  });
});

/** Paths are seen in pictures: those that are kept show one that people might have. It must not be there, and needs root. */
async function workFolder(): Promise<string> {
  if (!KEEP) return mkdtemp(join(tmpdir(), 'rp-pictures-'));
  await mkdir('/srv/refpoint');
  return '/srv/refpoint';
}

/** All views, one after the other. */
async function pictures(
  window: Workbench,
  photographer: Photographer,
  to: string,
  labFolder: string,
): Promise<void> {
  const host = window.row('Hosts', 'Lab host');
  await window.expand(host);
  const vm = window.row('Hosts', 'sample-vm');
  await window.expand(vm);
  await window.row('Hosts', 'disk0').waitFor();
  await photographer.shoot('hosts', { as: 'walkthrough/lab', part: SIDE });

  await openPlan(window);
  await window.quickRow('Method: file').waitFor();
  const plan = { x: 396, y: 2, width: 610, height: 252 };
  await photographer.shoot('plan', { as: 'walkthrough/backup', part: plan });
  await window.quickRow('Options').click();
  await window.question('Options for sample-vm');
  await window.quickRow('Tracker Check').waitFor();
  await photographer.shoot('options');
  await window.page.keyboard.press('Escape');
  await window.question('Back up sample-vm');
  await window.quickRow('Automatic').waitFor();
  await window.page.keyboard.press('Escape');

  await window.expand(window.row('Stores', 'backups'));
  await window.expand(window.row('Stores', 'sample-vm'));
  const point = window.point('Incremental');
  await point.waitFor();
  const box = await window.view('Stores').boundingBox();
  assert.ok(box !== null);
  const stores = { ...SIDE, y: box.y };
  await photographer.shoot('stores', { as: 'walkthrough/change', part: stores });

  await point.hover();
  await point.getByRole('button', { name: 'Open Change Map' }).click();
  await new MapView(window).drawn();
  await photographer.shootView(
    'change-map',
    { as: 'walkthrough/map', part: EDITOR },
    { as: 'readme/change-map', part: { ...EDITOR, height: 810 }, themes: ['dark'] },
  );

  await windowsPictures(window, photographer);

  await window.expand(point);
  const disk = window.row('Stores', /disk0.*incremental/);
  await disk.hover();
  await disk.getByRole('button', { name: 'Open Disk' }).click();
  await window.tab('.avhdx').waitFor();
  await window.webview.getByText('Region table 1').first().waitFor();
  await photographer.shootView('anatomy', {
    as: 'readme/anatomy',
    part: { ...EDITOR, height: 810 },
    themes: ['dark'],
  });

  await window.menu(point, 'Show Report');
  await window.webview.getByRole('heading', { name: 'Incremental backup: sample-vm' }).waitFor();
  await photographer.shootView('report');

  await window.menu(window.row('Jobs', 'Back up sample-vm'), 'Open Trace');
  const recording = new RecordingView(window);
  await recording.read();
  await recording.exchange.getByText('Waiting for the host').first().waitFor();
  await photographer.shootView('recording');

  await window.menu(host, 'Show Findings');
  await window.webview.getByRole('heading', { name: 'Rights of the Account' }).waitFor();
  await photographer.shootView('findings');

  await window.menu(point, 'Restore');
  await window.question('Restore sample-vm');
  await photographer.shoot('restore');
  await window.choose('Restore sample-vm', 'New VM');
  await window.answer('Folder on Lab host', 'C:\\Lab\\Restored\\web02');
  await window.quickRow('writes the disks').waitFor();
  await photographer.shoot('restore-plan');
  await window.quickRow('Folder').click();
  await window.answer('Folder on Lab host', 'E:\\VMs\\web02');
  await window.quickRow('Map a Folder of the Host…').waitFor();
  await photographer.shoot('restore-problems');
  await window.quickRow('Restore Files Instead…').click();
  await window.choose('Restore as', 'VHDX');
  await window.answer('Restore to', to);
  await window.notification(/Restore sample-vm: .* was read back and is as recorded/).waitFor();
  const corner = { x: 934, y: 742, width: 464, height: 126 };
  await photographer.shoot('restored', { as: 'walkthrough/restore', part: corner });
  await window.dismissNotifications();

  await overPictures(window, photographer, labFolder);

  await window.command('View: Close All Editors');
  await window.command('Welcome: Open Walkthrough');
  await window.quickInput.fill('Back Up Your First VM');
  await window.quickRow('Back Up Your First VM').click();
  await window.page.getByText('Start the lab host').first().waitFor();
  await photographer.shoot('walkthrough');
  await window.command('View: Close All Editors');
}

/** A restore over the VM: what prevents it, the plan, and the question. Nothing is restored. */
async function overPictures(
  window: Workbench,
  photographer: Photographer,
  labFolder: string,
): Promise<void> {
  const turn = (state: string): Promise<unknown> =>
    runRefpoint(['lab', 'state', '--dir', labFolder, '--vm', 'sample-vm', '--to', state]);
  await window.menu(window.point('Full'), 'Restore');
  await window.choose('Restore sample-vm', 'Over the Old VM');
  const again = window.quickRow('Look Again After');
  await again.waitFor();
  await photographer.shoot('restore-over-problems');
  await turn('off');
  await again.click();
  await window.quickRow('Written').waitFor();
  await photographer.shoot('restore-over-plan');
  await window.quickRow(/^Restore Over…/).click();
  await window.dialog.waitFor();
  await photographer.shoot('restore-over-question');
  await window.page.keyboard.press('Escape');
  await window.quickRow('Written').waitFor();
  await window.page.keyboard.press('Escape');
  await turn('running');
}

/** Commands that need Windows: how they are offered, and what they ask. */
async function windowsPictures(window: Workbench, photographer: Photographer): Promise<void> {
  await window.menu(window.point('Incremental'), 'Attach Point…', 'look');
  await photographer.shoot('attach-point');
  await window.page.keyboard.press('Escape');
  await window.command('Refpoint Tests: Query Changes of the Newest Image');
  await window.question('Changes of 0-disk0');
  await photographer.shoot('query-disk-changes');
  await window.page.keyboard.press('Escape');
}

async function openPlan(window: Workbench): Promise<void> {
  await window.menu(window.row('Hosts', 'sample-vm'), 'Back Up');
  await window.question('Back up sample-vm');
  await window.quickRow('Automatic').waitFor();
}
