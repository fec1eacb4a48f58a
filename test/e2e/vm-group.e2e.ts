import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALL_CASES } from '../support/process/all-cases.ts';
import { startLab } from './support/machine/lab.ts';
import { runRefpoint } from './support/machine/refpoint.ts';
import { MapView } from './support/workbench/map-view.ts';
import { Photographer } from './support/workbench/pictures.ts';
import { RecordingView } from './support/workbench/recording-view.ts';
import { story } from './support/workbench/story.ts';
import { THEME_NAMES } from './support/workbench/themes.ts';

const PASSWORD = 'correct horse 0815';
const HOST = 'cluster-host';
/** Whether the lab can run diskshadow's script, which PowerShell does. */
const SHELL = (process.env['REFPOINT_PWSH'] ?? '') !== '';

story('a group of VMs with a shared disk: tree, plan, point, change map, report', async (story) => {
  const work = await mkdtemp(join(tmpdir(), 'rp-group-'));
  story.finally(() => rm(work, { recursive: true, force: true }));
  const shell = SHELL ? ['--shell'] : [];
  const lab = await startLab(join(work, 'lab'), PASSWORD, '--smb-port', '0', ...shell);
  story.finally(() => lab.stop());
  const at = ['--dir', lab.folder];
  for (const name of ['sql1', 'sql2']) {
    await runRefpoint(['lab', 'add-vm', ...at, '--name', name, '--size', '8M']);
  }
  const both = ['--vm', 'sql1', '--vm', 'sql2'];
  await runRefpoint(['lab', 'add-shared-disk', ...at, '--name', 'quorum', '--size', '8M', ...both]);
  await runRefpoint(['lab', 'add-vm', ...at, '--name', 'beside', '--size', '8M']);
  await runRefpoint(['lab', 'group', ...at, '--create', 'sql-cluster', ...both]);
  const settings = { 'refpoint.trace.exchanges': true };
  const server = await story.server({ settings });
  const folders = Object.entries(lab.pathMap).filter(([from]) => from.includes('ProgramData'));
  const pathMap = Object.fromEntries(folders);
  const host = { name: HOST, url: lab.url, user: lab.user, smbPort: lab.smbPort, pathMap };
  const saved = JSON.parse(await readFile(server.settingsFile, 'utf8')) as object;
  await writeFile(server.settingsFile, JSON.stringify({ ...saved, 'refpoint.hosts': [host] }));
  const window = await story.window(server);
  const photographer = new Photographer(window);
  const group = window.row('Hosts', 'sql-cluster');

  await story.step(
    'the tree: a group with its members, and the shared disk with its holders',
    async () => {
      await window.showViews();
      await window.expand(window.row('Hosts', HOST));
      await window.answer(`Password of ${lab.user} on ${HOST}`, PASSWORD);
      await group.waitFor();
      await window.expand(group);
      await window.row('Hosts', /quorum\.vhds.*sql1, sql2/).waitFor();
      await photographer.shoot('group-tree');
    },
  );

  await story.step('a backup of the group from its row: the plan first, then one job', async () => {
    await window.menu(group, 'Back Up');
    await window.answer('Add Store', join(work, 'backups'));
    await window.question('Back up sql-cluster');
    await window.quickRow(/Full.*full by smb/).waitFor();
    await photographer.shoot('group-plan');
    await window.quickRow('Full').click();
    await window.notification(/full backup .* read/).waitFor();
    await window.dismissNotifications();
  });

  await story.step('an increment from the palette, of what the shared disk was given', async () => {
    await runRefpoint(['lab', 'write', ...at, '--vm', 'sql2', '--disk', '1', '--random', '8']);
    await window.command('Refpoint: Back Up…');
    await window.choose('Virtual machine or VM group', 'sql-cluster');
    await window.question('Back up sql-cluster');
    await window.quickRow('incremental by').click();
    await window.notification(/incremental backup .* read/).waitFor();
    await window.dismissNotifications();
  });

  await story.step(
    'the store: the point has the shared disk once; change map, report, trace',
    async () => {
      await window.expand(window.row('Stores', 'backups'));
      await window.expand(window.row('Stores', /sql-cluster.*group of 2 VMs/));
      const point = window.point('Incremental');
      await window.expand(point);
      const disk = window.row('Stores', /quorum.*sql1, sql2/);
      await disk.waitFor();
      await disk.hover();
      await disk.getByRole('button', { name: 'Open Change Map' }).click();
      const title = await new MapView(window).drawn();
      assert.match(title, /quorum.* · shared by sql1, sql2$/);
      await photographer.shoot('group-map');
      await window.menu(point, 'Show Report');
      await window.webview.getByText('Shared by').first().waitFor();
      await photographer.shootView('group-report');
      await window.menu(window.row('Jobs', 'Back up sql-cluster'), 'Open Trace');
      const recording = new RecordingView(window);
      await recording.read();
      await window.webview.locator('input[type=search]').fill('QUERY_VIRTUAL');
      await recording.list('the change query', (rows) => rows.length > 0 && rows.length < 20);
      await recording.rows.first().click();
      await recording.exchange.getByText('QUERY_VIRTUAL_DISK_CHANGES').first().waitFor();
      await photographer.shoot('group-trace');
    },
  );

  await story.step('the point verifies, and its disks are restored as files', async () => {
    const point = window.point('Incremental');
    await window.menu(point, 'Verify');
    await window.choose('Verify', 'Every hash');
    await window.notification(/Verify sql-cluster/).waitFor();
    await window.dismissNotifications();
    await window.menu(point, 'Restore');
    await window.question('Restore which disks');
    await photographer.shoot('group-restore');
    await window.page.keyboard.press('Enter');
    await window.choose('Restore as', 'VHDX');
    await window.answer('Restore to', join(work, 'restored'));
    await window.notification(/Restore sql-cluster: .* read back/).waitFor();
    assert.equal((await readdir(join(work, 'restored'))).length, 3);
  });

  await story.step('the ledger of the group is damaged, and repaired from its row', async () => {
    const store = join(work, 'backups');
    const names = await readdir(store);
    const id = names.find((name) => /^[0-9a-f-]{36}$/.test(name)) ?? '';
    const file = join(store, id, 'ledger.json');
    await writeFile(file, (await readFile(file, 'utf8')).slice(0, 50));
    await window.dismissNotifications();
    await window.command('Refpoint: Refresh');
    const row = window.row('Stores', /sql-cluster.*ledger damaged/);
    await row.waitFor();
    await window.menu(row, 'Repair Ledger…');
    await window.dialog.waitFor();
    assert.match(await window.dialog.innerText(), /Rebuild the ledger of sql-cluster\?/);
    await window.answerDialog('Rebuild');
    await window.notification(/sql-cluster: the ledger was rebuilt/).waitFor();
    await window.row('Stores', /sql-cluster.*ledger damaged/).waitFor({ state: 'hidden' });
  });

  await story.step('VMs by VSS: the plan before anything is made, then one job', async () => {
    const row = window.row('Hosts', HOST);
    await window.menu(row, 'Back Up All VMs by VSS');
    await window.question(`VMs of ${HOST} to back up at one instant`);
    // All but one, which would be frozen nevertheless, as those with a shared disk.
    await window.quickRow('beside').click();
    await window.page.keyboard.press('Enter');
    await window.quickRow('Allow Freezing').waitFor();
    await photographer.shoot('vss-problems');
    await window.quickRow('Allow Freezing').click();
    await window.answerDialog('Allow');
    await window.quickRow(/Back Up Now.*1 of 3 VMs/).waitFor();
    await window.quickRow(/beside.*frozen for a moment/).waitFor();
    await photographer.shoot('vss-plan');
    if (!SHELL) {
      await window.page.keyboard.press('Escape');
      return;
    }
    await window.quickRow('Back Up Now').click();
    await window.notification(/Back up sample-vm: full backup .* read/).waitFor();
    await window.dismissNotifications();
  });

  await story.step('the shadow copies of the host: none of ours is left', async () => {
    await runRefpoint(['lab', 'shadow', ...at, '--create']);
    await window.menu(window.row('Hosts', HOST), 'Show Shadow Copies');
    await window.webview.getByRole('heading', { name: `Shadow Copies of ${HOST}` }).waitFor();
    await window.webview.getByText('Refpoint has no shadow copies on this host.').waitFor();
    await window.webview.getByRole('heading', { name: /^C:\\ · / }).waitFor();
    await photographer.shootView('shadow-copies');
  });

  await story.step('no picture is missing', async () => {
    assert.equal(photographer.taken, ALL_CASES ? 8 + 2 * THEME_NAMES.length : 7 + 2 * 2);
  });
});
