import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLab } from './support/machine/lab.ts';
import { Keyboard } from './support/workbench/keyboard.ts';
import { SHOTS } from './support/workbench/pictures.ts';
import { story } from './support/workbench/story.ts';
import { until } from './support/workbench/workbench.ts';

const PASSWORD = 'correct horse 0815';
const HOST = 'files-of-lab';

story(
  'access to the files of a host is tested, an unknown server after a question',
  async (story) => {
    const work = await mkdtemp(join(tmpdir(), 'rp-files-'));
    story.finally(() => rm(work, { recursive: true, force: true }));
    await mkdir(SHOTS, { recursive: true });
    const lab = await startLab(join(work, 'lab'), PASSWORD, '--smb-port', '0');
    story.finally(() => lab.stop());
    const server = await story.server();
    const settings = JSON.parse(await readFile(server.settingsFile, 'utf8')) as object;
    const host = { name: HOST, url: lab.url, user: lab.user, smbPort: lab.smbPort };
    await writeFile(server.settingsFile, JSON.stringify({ ...settings, 'refpoint.hosts': [host] }));
    const window = await story.window(server);
    const { page, webview } = window;
    const keys = new Keyboard(window);
    const question = `Test File Access of ${HOST}`;
    const shows = async (...texts: readonly RegExp[]): Promise<void> => {
      for (const text of texts) await webview.getByText(text).first().waitFor();
    };

    await story.step('the host itself: a page with the protection, and its tooltip', async () => {
      await window.showViews();
      await window.menu(window.row('Hosts', HOST), 'Test File Access…');
      await window.choose(question, 'the host itself');
      await window.answer(`Password of ${lab.user} on ${HOST}`, PASSWORD);
      await shows(/Files can be read/, /SMB 3\.1\.1/, /encrypted with AES-128-GCM/);
      assert.equal(await window.dialog.isVisible(), false, 'the host itself needs no question');
      await until('the tooltip has the protection', async () => {
        await page.mouse.move(700, 300);
        await window.row('Hosts', HOST).hover();
        await page.waitForTimeout(1200);
        const texts = await page.locator('.workbench-hover').allTextContents();
        return /127\.0\.0\.1: SMB 3\.1\.1, encrypted/.test(
          texts.join(' ').replaceAll('\u00A0', ' '),
        );
      });
      await page.screenshot({ path: join(SHOTS, 'file-access-tooltip.png') });
    });

    await story.step('another server is contacted after one question, and remembered', async () => {
      const ask = async (share: string): Promise<void> => {
        await window.commandAsks('Refpoint: Test File Access…', question);
        await window.choose(question, 'Another Share…');
        await window.answer(question, share);
      };
      await ask('\\\\localhost\\Sealed');
      await window.dialog.waitFor();
      const text = await window.dialog.innerText();
      assert.match(text, /Contact the file server localhost\?/);
      assert.match(text, /You test access to \\\\localhost\\Sealed/);
      assert.match(text, /a proof of the password/);
      await page.screenshot({ path: join(SHOTS, 'file-access-question.png') });
      await window.answerDialog('Contact This Server');
      await shows(/\\\\localhost\\Sealed/, /Sealed · requires encryption/);
      await keys.inWebview();
      await ask('\\\\localhost\\Missing');
      await shows(/Files cannot be read/, /The file server has no such share/, /smb\.share/);
      assert.equal(await window.dialog.isVisible(), false, 'it was approved');
      await page.screenshot({ path: join(SHOTS, 'file-access-failed.png') });
      const saved = await readFile(server.settingsFile, 'utf8');
      assert.match(saved, /"fileServers":\s*\[\s*"localhost"\s*\]/);
      assert.equal(saved.includes(PASSWORD), false);
    });
  },
);
