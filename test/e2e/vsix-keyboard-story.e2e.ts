import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { diskHash, labDisk, ownRanges, pointImage } from './support/machine/lab-disk.ts';
import { Keyboard } from './support/workbench/keyboard.ts';
import { MapView } from './support/workbench/map-view.ts';
import { VSIX } from './support/machine/places.ts';
import { story } from './support/workbench/story.ts';

story('the whole story by keyboard alone, from the installed VSIX', async (story) => {
  const work = await mkdtemp(join(tmpdir(), 'rp-story-'));
  story.finally(() => rm(work, { recursive: true, force: true }));
  const server = await story.server({ vsix: VSIX });
  const window = await story.window(server);
  const keys = new Keyboard(window);
  await keys.watchPointer();
  const store = join(work, 'store');
  const restored = join(work, 'restored');

  await story.step('the lab host is started from the welcome view', async () => {
    await window.command('Refpoint: Focus on Hosts View');
    await keys.tabTo('Start Lab Host');
    await keys.press('Enter');
    await window.row('Hosts', 'sample-vm').waitFor();
  });

  await story.step('a VM is reached in its tree and backed up from its menu', async () => {
    await window.command('Refpoint: Focus on Hosts View');
    await keys.rowOf(window.view('Hosts'), 'sample-vm');
    await keys.menu('Back Up…');
    await keys.answer('Add Store', store);
    await keys.choose('Back up sample-vm', 'Full');
    await window.notification(/full backup .* MiB read/).waitFor();
  });

  await story.step('the closing message leads to the change map of the new point', async () => {
    await window.command('Notifications: Accept Notification Primary Action');
    await window.tab('sample-vm').waitFor();
    assert.match(await new MapView(window).drawn(), /full/);
    await window.command('View: Close Editor');
  });

  await story.step('the guest writes, and the palette backs up what changed', async () => {
    await window.command('Refpoint: Write Changes in Lab Guest');
    await window.notification('the guest wrote').waitFor();
    await window.commandAsks('Refpoint: Back Up…', 'Back up sample-vm');
    await keys.choose('Back up sample-vm', 'Automatic');
    await window.notification(/incremental backup .* MiB read/).waitFor();
    await window.dismissNotifications();
  });

  await story.step('a point is reached in the tree of stores, and its map opens', async () => {
    await window.command('Refpoint: Focus on Stores View');
    const tree = window.view('Stores');
    await keys.expand(await keys.rowOf(tree, 'store'));
    await window.row('Stores', 'sample-vm').waitFor();
    await keys.expand(await keys.rowOf(tree, 'sample-vm'));
    await window.point('Incremental').waitFor();
    await keys.rowOf(tree, '', '[aria-label^="Incremental point"]');
    await keys.menu('Open Change Map');
    assert.match(await new MapView(window).drawn(), /incremental/);
    await keys.inWebview();
  });

  await story.step('keys walk over the map, select, copy, and read the table', async () => {
    const map = new MapView(window);
    await keys.tabTo(/^Change map of/);
    await keys.press('Home', 'Enter');
    await window.webview.getByText(/ · Selected: /).waitFor();
    await keys.press('Control+C');
    await window.webview.getByText(/^Copied \d+-\d+/).waitFor();
    await keys.tabTo('Table', 'Shift+Tab');
    await keys.press('Enter');
    const changed = await ownRanges(await pointImage(store, '-incr'));
    const [first] = (await map.rows()).filter(({ state }) => state === 'Changed');
    assert.equal(first?.start, changed[0]?.start);
    await keys.tabTo(/^Ranges of/);
    await keys.press('End');
    await window.webview.locator('.row.active', { hasText: 'Changed' }).waitFor();
    await keys.press('Enter');
    await window.webview.getByText(/ · Selected: /).waitFor();
    assert.match(await keys.focused(), /^Change map of/);
  });

  await story.step('its disk opens as an anatomy', async () => {
    await window.commandAsks('Refpoint: Open Disk…', 'Open Disk');
    await keys.file('Open Disk', await pointImage(store, '-incr'));
    await window.tab('0-disk0.avhdx').waitFor();
    await window.webview.getByText('Region table 1').first().waitFor();
    await keys.inWebview();
  });

  await story.step('every hash is verified', async () => {
    await window.command('Refpoint: Focus on Stores View');
    await window.commandAsks('Refpoint: Verify', 'Verify');
    await keys.choose('Verify', 'Every hash');
    await window.notification(/Verify sample-vm: .*2 points/).waitFor();
    await window.dismissNotifications();
  });

  await story.step('the newest point is restored, byte for byte what the lab has', async () => {
    // Between two questions the focus goes back to where it was: a view that takes it late would take it from the second.
    await window.command('Refpoint: Focus on Stores View');
    await window.commandAsks('Refpoint: Restore…', 'Restore which point');
    await keys.choose('Restore which point', 'incremental');
    await keys.choose('Restore sample-vm', 'Files');
    await keys.choose('Restore as', 'Raw');
    await keys.answer('Restore to', restored);
    await window.notification(/Restore sample-vm: .* was read back and is as recorded/).waitFor();
    const [file = ''] = await readdir(restored);
    const digest = createHash('sha256');
    await pipeline(createReadStream(join(restored, file)), digest);
    assert.equal(digest.digest('hex'), await diskHash(await labDisk(server.labFolder)));
  });

  await story.step('nothing of it took a pointer', () => keys.assertNoPointer());
});
