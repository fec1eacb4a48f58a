import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { diskHash, joined, labDisk, ownRanges, pointImage } from './support/machine/lab-disk.ts';
import { runRefpoint } from './support/machine/refpoint.ts';
import { MapView } from './support/workbench/map-view.ts';
import { story } from './support/workbench/story.ts';
import { until, type Workbench } from './support/workbench/workbench.ts';

story('the whole story by mouse, from the development folder', async (story) => {
  const work = await mkdtemp(join(tmpdir(), 'rp-story-'));
  story.finally(() => rm(work, { recursive: true, force: true }));
  const server = await story.server();
  const window = await story.window(server);
  const store = join(work, 'store');
  const restored = join(work, 'restored');
  let before = '';
  let filed = '';
  const inLab = (word: string, ...words: readonly string[]): Promise<unknown> =>
    runRefpoint(['lab', word, '--dir', server.labFolder, ...words]);

  await story.step('views that are empty say what to do first', async () => {
    await window.showViews();
    const hosts = window.view('Hosts');
    await hosts.locator('.welcome-view').getByRole('button', { name: 'Add Host' }).waitFor();
    await hosts.getByRole('button', { name: 'Start Lab Host' }).waitFor();
    const stores = window.view('Stores').locator('.welcome-view');
    await stores.getByRole('button', { name: 'Add Store' }).waitFor();
    await window.view('Jobs').getByText('Add a host to begin').waitFor();
  });

  await story.step('the lab host starts, and its sample VM is seen', async () => {
    await window.view('Hosts').getByRole('button', { name: 'Start Lab Host' }).click();
    await window.row('Hosts', 'sample-vm').waitFor();
    assert.match(await window.row('Hosts', 'Lab host').innerText(), /lab · 1 VM/);
    assert.match(await window.row('Hosts', 'sample-vm').innerText(), /running/);
  });

  await story.step('a full backup shows its plan first, and says what it did', async () => {
    await window.view('Jobs').getByRole('button', { name: 'Back Up a VM' }).click();
    await window.answer('Add Store', 'backups');
    await window.page.getByText('The whole path of a folder is needed').first().waitFor();
    await window.answer('Add Store', store);
    await window.question('Back up sample-vm');
    await window.quickRow('Automatic').waitFor();
    assert.match(await window.quickRow('Automatic').innerText(), /no point of this VM/);
    assert.match(await window.quickRow('Incremental').innerText(), /not possible/);
    await window.quickRow('Full').click();
    await window.notification(/Back up sample-vm: full backup .* MiB read/).waitFor();
    assert.match(await window.row('Jobs', 'Back up sample-vm').innerText(), /done/);
  });

  await story.step('its report can be read', async () => {
    await window.press(window.notification('full backup'), 'Show Report');
    await window.tab('sample-vm').waitFor();
    await window.webview.getByRole('heading', { name: 'Full backup: sample-vm' }).waitFor();
    await window.webview
      .getByText(/^[0-9a-f]{64}$/)
      .first()
      .waitFor();
  });

  await story.step('a link of the report opens the map of its disk', async () => {
    await window.webview.getByRole('button', { name: 'Open Change Map' }).click();
    await window.tab(/Change Map|disk0/).waitFor();
  });

  await story.step('what the guest writes is backed up incrementally', async () => {
    before = await diskHash(await labDisk(server.labFolder));
    await window.command('Write Changes in Lab Guest');
    await window.notification('the guest wrote').waitFor();
    const vm = window.row('Hosts', 'sample-vm');
    await vm.hover();
    await vm.getByRole('button', { name: 'Back Up' }).click();
    await window.question('Back up sample-vm');
    await window.quickRow('incremental by file').click();
    await window.notification(/incremental backup .* MiB read/).waitFor();
  });

  await story.step('the store shows both points, and the host its reference point', async () => {
    await window.expand(window.row('Stores', 'store'));
    await window.expand(window.row('Stores', 'sample-vm'));
    await window.point('Incremental').waitFor();
    await window.point('Full').waitFor();
    await window.expand(window.row('Hosts', 'sample-vm'));
    const reference = window.view('Hosts').locator('[aria-label^="Reference point"]').first();
    assert.match((await reference.getAttribute('aria-label')) ?? '', /\(incremental\), ours/);
  });

  await story.step('the change map shows what changed, as colours and as a table', async () => {
    await window.dismissNotifications();
    const point = window.point('Incremental');
    await point.hover();
    await point.getByRole('button', { name: 'Open Change Map' }).click();
    const map = new MapView(window);
    assert.match(await map.drawn(), /sample-vm · disk0 · .*incremental/);
    const changed = await ownRanges(await pointImage(store, '-incr'));
    const legend = await map.legend();
    const total = changed.reduce((sum, { length }) => sum + length, 0);
    const counted = legend.get('Changed') ?? '';
    assert.ok(close(counted, total), `${counted} are the ${total} bytes of the image`);
    const { start, end } = await map.hover('changed', 'Changed');
    assert.ok(changed.some((range) => range.start === start && range.start + range.length === end));
    const empty = await map.hover('empty', 'Not allocated');
    assert.ok(
      changed.every(
        (range) => range.start >= empty.end || range.start + range.length <= empty.start,
      ),
    );

    await map.button('Table').click();
    const rows = await map.rows();
    // Rows end where partitions do; the last one in view may go on below.
    const seen = joined(rows.filter(({ state }) => state === 'Changed')).slice(0, -1);
    assert.ok(seen.length > 0);
    assert.deepEqual(seen, changed.slice(0, seen.length));
    assert.ok((await map.rowCount()) >= changed.length);
  });

  await story.step('its disk opens as an anatomy', async () => {
    const point = window.point('Incremental');
    await window.expand(point);
    const disk = window.row('Stores', /disk0.*incremental/);
    await disk.hover();
    await disk.getByRole('button', { name: 'Open Disk' }).click();
    await window.tab('0-disk0.avhdx').waitFor();
    await window.webview.getByText('Region Table').first().waitFor();
  });

  await story.step('every hash is verified', async () => {
    await window.menu(window.row('Stores', 'sample-vm'), 'Verify');
    await window.choose('Verify', 'Every hash');
    await window.notification(/Verify sample-vm: .*2 points/).waitFor();
    await window.point('Incremental', 'verified').waitFor();
  });

  await story.step(
    'the newest point is restored to files, byte for byte what the lab had',
    async () => {
      const now = await diskHash(await labDisk(server.labFolder));
      assert.notEqual(now, before);
      await window.dismissNotifications();
      await pressRestore(window, 'Incremental');
      await window.choose('Restore sample-vm', 'Files');
      await window.choose('Restore as', 'Raw');
      await window.answer('Restore to', restored);
      await window.notification(/Restore sample-vm: .* was read back and is as recorded/).waitFor();
      const [file = ''] = await readdir(restored);
      const digest = createHash('sha256');
      await pipeline(createReadStream(join(restored, file)), digest);
      assert.equal(digest.digest('hex'), now);
    },
  );

  await story.step(
    'the older point becomes a new VM; its plan is shown and changed first',
    async () => {
      await window.dismissNotifications();
      await pressRestore(window, 'Full');
      await window.choose('Restore sample-vm', 'New VM');
      await window.answer('Folder on Lab host', 'E:\\Elsewhere\\$(trash) [x](y)');
      await window.question('as a new VM');
      await window.quickRow('Map a Folder of the Host…').waitFor();
      await window.quickRow('Choose Another Folder…').click();
      await window.answer('Folder on Lab host', 'C:\\Lab\\New');
      await window.choose('as a new VM', /Name.*sample-vm \(restored/);
      await window.answer('Name of the new VM', 'sample-vm');
      await window.choose('as a new VM', 'Choose Another Name…');
      await window.answer('Name of the new VM', NEW_VM);
      await window.choose('as a new VM', /Network.*disconnected/);
      await window.choose('Switch of the host', 'the same name');
      await window.question('as a new VM');
      await window.quickRow(/Network.*connected to/).waitFor();
      await window.quickRow(/^Restore/).click();
      const done = window.notification(/restored as the VM “\$ \(trash\) \[new\] \(command:x\)”/);
      await window.press(done, 'Show VM');
      const row = window.view('Hosts').locator('.monaco-list-row.selected', { hasText: SHOWN });
      await row.waitFor();
      assert.match(await row.innerText(), /off/);
      await window.row('Stores', SHOWN).waitFor();
      assert.equal(await diskHash(await labDisk(server.labFolder, NEW_VM)), before);
    },
  );

  await story.step('the plan of its first backup says that the VM is new', async () => {
    await window.menu(window.row('Hosts', SHOWN), 'Back Up');
    await window.quickRow('Automatic').waitFor();
    const plan = await window.quickRow('Automatic').innerText();
    assert.match(plan, /full by file/);
    assert.match(plan, /restored from/);
    await window.page.keyboard.press('Escape');
  });

  await story.step('files of a point are browsed folder by folder, and one is copied', async () => {
    const { image, notes } = await fatImage(work);
    await inLab('add-vm', '--name', 'files', '--image', image);
    await window.dismissNotifications();
    await window.command('Refpoint: Refresh');
    await window.menu(window.row('Hosts', /^files/), 'Back Up');
    await window.quickRow('Full').click();
    await window.row('Jobs', /Back up files.*done/).waitFor();
    filed = await diskHash(await labDisk(server.labFolder, 'files'));
    // Its point is the only one in sight.
    await window.row('Stores', 'sample-vm').locator('.monaco-tl-twistie').click();
    await window.expand(window.row('Stores', /^files/));
    await window.menu(window.point('Full'), 'Browse Files…');
    await window.choose('files, ', 'docs');
    await window.choose('files, ', 'notes.txt');
    await window.page
      .locator('.quick-input-widget', { hasText: 'Copy /docs/notes.txt To' })
      .waitFor();
    // The dialog writes its own folder when it has listed it.
    await until('the folder stays', async () => {
      if ((await window.quickInput.inputValue()) === `${work}/`) return true;
      await window.quickInput.fill(`${work}/`);
      await sleep(500);
      return false;
    });
    await window.page.getByRole('button', { name: 'Copy', exact: true }).click();
    await until('the file is copied', async () => existsSync(join(work, 'notes.txt')));
    assert.deepEqual(await readFile(join(work, 'notes.txt')), notes);
  });

  await story.step(
    'a restore over a VM shows its plan, asks by its name, and is undone',
    async () => {
      await inLab('write', '--vm', 'files', '--disk', '0', '--random', '3', '--seed', '7');
      await window.dismissNotifications();
      await window.menu(window.point('Full'), 'Restore…');
      await window.choose('Restore files', 'Over the Old VM');
      await window.question('over the disks of files');
      const again = window.quickRow('Look Again After “files” Was Shut Down');
      await again.waitFor();
      await inLab('state', '--vm', 'files', '--to', 'off');
      const written = await diskHash(await labDisk(server.labFolder, 'files'));
      await again.click();
      await window.quickRow(/Written.*saved, since only cells that differ/).waitFor();
      await window.quickRow(/^Restore Over…/).click();
      await window.dialog.waitFor();
      assert.match(await window.dialog.innerText(), /VM: files \([0-9a-f-]{36}\)/);
      await window.answerDialog('Restore Over');
      await window.row('Jobs', /Restore over files.*done/).waitFor();
      const restored = await diskHash(await labDisk(server.labFolder, 'files'));
      assert.deepEqual([restored === filed, written === filed], [true, false]);
      const row = window.row('Stores', /^files.*restore not accepted/);
      await window.menu(row, 'Accept Restore…');
      await window.dialog.waitFor();
      assert.match(await window.dialog.innerText(), /what differs is merged into/);
      await window.page.keyboard.press('Escape');
      await window.dialog.waitFor({ state: 'hidden' });
      await window.menu(row, 'Undo Restore…');
      await window.dialog.waitFor();
      assert.match(await window.dialog.innerText(), /comes back/);
      await window.answerDialog('Undo Restore');
      await window.row('Jobs', /Undo restore over files.*done/).waitFor();
      assert.equal(await diskHash(await labDisk(server.labFolder, 'files')), written);
    },
  );
});

/** An image with a FAT file system, and the contents of `/docs/notes.txt` in it. */
async function fatImage(
  folder: string,
): Promise<{ readonly image: string; readonly notes: Buffer }> {
  const image = join(folder, 'files.img');
  const run = promisify(execFile);
  await writeFile(image, '');
  await truncate(image, 24 * 2 ** 20);
  await run('mkfs.vfat', ['-F', '16', image], {
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
  });
  const notes = randomBytes(70_000);
  await writeFile(join(folder, 'notes'), notes);
  await writeFile(join(folder, 'large'), randomBytes(6 * 2 ** 20));
  await run('mmd', ['-i', image, '::/docs']);
  await run('mcopy', ['-i', image, join(folder, 'notes'), '::/docs/notes.txt']);
  await run('mcopy', ['-i', image, join(folder, 'large'), '::/docs/large.bin']);
  return { image, notes };
}

/** A name that the editor must not take for an icon or a link. */
const NEW_VM = '$(trash) [new](command:x)';
const SHOWN = '$ (trash) [new] (command:x)';

async function pressRestore(window: Workbench, kind: 'Full' | 'Incremental'): Promise<void> {
  const point = window.point(kind);
  await point.hover();
  await point.getByRole('button', { name: 'Restore' }).click();
}

/** Whether a size as people read it, `34.94 MiB` and more, is this many bytes. */
function close(text: string, bytes: number): boolean {
  const [number = '', unit = 'B'] = text.split(' ');
  const scale = 1024 ** ['B', 'KiB', 'MiB', 'GiB'].indexOf(unit);
  return Math.abs(Number(number) * scale - bytes) <= scale * 0.06;
}
