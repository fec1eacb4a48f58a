import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLab } from './support/machine/lab.ts';
import { Keyboard } from './support/workbench/keyboard.ts';
import { SHOTS } from './support/workbench/pictures.ts';
import { story } from './support/workbench/story.ts';
import { until } from './support/workbench/workbench.ts';

const RIGHT = 'correct horse 0815';
const WRONG = 'battery staple 4711';
/** A port on which nothing listens. */
const NOWHERE = '127.0.0.1:9';

story('a host is added by its address, its login and its certificate', async (story) => {
  const work = await mkdtemp(join(tmpdir(), 'rp-story-'));
  story.finally(() => rm(work, { recursive: true, force: true }));
  await mkdir(SHOTS, { recursive: true });
  const lab = await startLab(join(work, 'lab'), RIGHT);
  story.finally(() => lab.stop());
  const server = await story.server();
  const window = await story.window(server);
  const keys = new Keyboard(window);
  const { page, webview } = window;
  const [tls, plain] = [lab.https, lab.url].map((url) => new URL(url).host) as [string, string];

  const addHost = async (address: string): Promise<void> => {
    await window.command('Refpoint: Add Host…');
    await keys.answer('Add Host', address);
    await keys.choose('Add Host', 'User and Password');
    await keys.answer('Add Host', lab.user);
  };
  const shown = async (host: string): Promise<string> => {
    const row = window.row('Hosts', host);
    await until(`${host} is connected`, async () => (await row.innerText()).includes('1 VM'));
    return tooltip(host);
  };
  // How it logged in is known a moment after its VMs: a tooltip that is open does not change.
  const tooltip = (host: string): Promise<string> =>
    until(`the tooltip of ${host} names its login`, async () => {
      await page.mouse.move(700, 300);
      await window.row('Hosts', host).hover();
      await page.waitForTimeout(1500);
      const texts = await page.locator('.workbench-hover').allTextContents();
      const text = texts.join('\n').replaceAll('\u00A0', ' ');
      return text.includes('Login') && text.includes(host) && text;
    });

  await story.step('an address that is none is said while it is typed', async () => {
    await window.showViews();
    await window.view('Hosts').getByRole('button', { name: 'Add Host', exact: true }).click();
    await window.answer('Add Host', 'ftp://hv01');
    await page.getByText('http or https was expected, not ftp').first().waitFor();
    await page.keyboard.press('Escape');
  });

  await story.step('a host that is not there leads to the entry of its error', async () => {
    await addHost(`http://${NOWHERE}`);
    await window.press(window.notification('cannot be reached'), 'Prepare the Host…');
    await window.tab('prepare-a-host.md').waitFor();
    const entry = webview.getByRole('heading', { name: 'http.unreachable', exact: true });
    await until('the entry is in view', async () => {
      const box = await entry.boundingBox();
      return box !== null && box.y > 0 && box.y < 700;
    });
    await page.screenshot({ path: join(SHOTS, 'prepare-a-host.png') });
    await window.command('View: Close All Editors');
    await window.menu(window.row('Hosts', NOWHERE), 'Remove Host');
    await window.answerDialog('Remove');
    await window.row('Hosts', NOWHERE).waitFor({ state: 'hidden' });
    await window.dismissNotifications();
  });

  await story.step('a certificate that nobody knows is shown before a password', async () => {
    await addHost(lab.https);
    await window.dialog.waitFor();
    const text = await window.dialog.innerText();
    assert.match(text, new RegExp(`The certificate of ${tls} is not known to this machine`));
    assert.match(text, /SHA-256 fingerprint: (?:[0-9a-f]{4} ){15}[0-9a-f]{4}/);
    assert.match(text, /Nothing has been sent yet/);
    await window.answerDialog('Trust This Certificate');
  });

  await story.step('a wrong password is asked for again, the right one connects', async () => {
    const asked = `Password of ${lab.user} on ${tls}`;
    await keys.answer(asked, WRONG);
    await page.getByText('The host refused user or password. Try again.').first().waitFor();
    await keys.answer(asked, RIGHT);
    assert.match(await shown(tls), /NTLM, over TLS/);
  });

  await story.step('over plain HTTP its messages are sealed', async () => {
    await addHost(lab.url);
    await keys.answer(`Password of ${lab.user} on ${plain}`, RIGHT);
    assert.match(await shown(plain), /NTLM, messages sealed/);
  });

  await story.step('after a reload both are connected without a question', async () => {
    await window.dismissNotifications();
    await window.reload();
    await window.showViews();
    for (const host of [tls, plain]) {
      await window.expand(window.row('Hosts', host));
      await shown(host);
    }
    assert.equal(await window.dialog.isVisible(), false);
    assert.equal(await window.quickInput.isVisible(), false);
  });

  await story.step(
    'the settings hold the hosts, and no file of the server a password',
    async () => {
      const settings = JSON.parse(await readFile(server.settingsFile, 'utf8')) as {
        readonly 'refpoint.hosts': readonly Readonly<Record<string, unknown>>[];
      };
      const hosts = settings['refpoint.hosts'];
      assert.deepEqual(
        hosts.map(({ url }) => url),
        [`https://${tls}`, `http://${plain}`],
      );
      assert.match(String(hosts[0]?.['fingerprint']), /^[0-9a-f]{64}$/);
      for (const host of hosts) {
        const known = ['url', 'user', 'fingerprint'];
        assert.deepEqual(
          Object.keys(host).filter((key) => !known.includes(key)),
          [],
        );
      }
      await assertNowhere(server.home, [RIGHT, WRONG]);
    },
  );
});

/** Looks for secrets in all files below a folder. */
async function assertNowhere(folder: string, secrets: readonly string[]): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  assert.ok(files.length > 5, 'there are files to look into');
  for (const { parentPath, name } of files) {
    const text = await readFile(join(parentPath, name), 'latin1').catch(() => '');
    for (const secret of secrets) assert.ok(!text.includes(secret), `${name} holds a password`);
  }
}
