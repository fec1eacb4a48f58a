import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './support/machine/places.ts';
import { story } from './support/workbench/story.ts';
import { until, Workbench } from './support/workbench/workbench.ts';

story(
  'npm run workbench: the packaged extension and a lab host, from one command',
  async (story) => {
    const work = await mkdtemp(join(tmpdir(), 'rp-manifest-'));
    story.finally(() => rm(work, { recursive: true, force: true }));
    const child = spawn(process.execPath, [join(ROOT, 'scripts', 'workbench.mjs')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    story.finally(async () => {
      if (child.exitCode === null) child.kill('SIGINT');
      if (child.exitCode === null) await once(child, 'exit');
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    const window = await Workbench.prepare(await story.browser());
    let address = '';

    await story.step('it prints an address and two passwords', async () => {
      await until('the address', () => child.exitCode !== null || said.includes('Ctrl-C'), 120_000);
      address = /Workbench +(http:\/\/127\.0\.0\.1:\d+\/)/.exec(said)?.[1] ?? '';
      assert.notEqual(address, '', said);
    });

    await story.step('nobody gets in without the password', async () => {
      const answer = await fetch(address, { redirect: 'manual' });
      assert.match(answer.headers.get('location') ?? '', /login/);
    });

    const [login = '', lab = ''] = Array.from(
      said.matchAll(/password +(\S+)/g),
      (match) => match[1] ?? '',
    );
    await story.step('with it, the tree has the lab host and its VM', async () => {
      await window.page.goto(`${address}?ew=true`);
      await window.page.locator('input[type=password]').fill(login);
      await window.page.keyboard.press('Enter');
      await window.ready();
      await window.showViews();
      await window.expand(window.row('Hosts', 'Lab host'));
      await window.question(/^Password of/);
      await window.page.locator('.quick-input-widget input[type=password]').fill(lab);
      await window.page.keyboard.press('Enter');
      await window.row('Hosts', 'sample-vm').waitFor();
    });

    await story.step('koffi loads from the installed package', async () => {
      await window.command('Refpoint: Show Environment');
      await window.editorShows(/"koffi": \{\s*"loaded": true/);
    });

    await story.step('a manifest is checked by its schema as it is opened', async () => {
      const file = join(work, 'point.chain.json');
      await writeFile(file, '{ "version": 2 }\n');
      const remote = `vscode-remote://${new URL(address).host}${file}`;
      const payload = encodeURIComponent(JSON.stringify([['openFile', remote]]));
      await window.page.goto(`${address}?ew=true&payload=${payload}`);
      await window.tab('point.chain.json').waitFor();
      await window.page.locator('.squiggly-warning').first().waitFor();
      await window.command('View: Toggle Problems');
      const problems = window.page.locator('.markers-panel');
      await problems.getByText(/Missing property "storeId"/).waitFor();
    });

    await story.step('Ctrl-C ends it, and nothing of it is left', async () => {
      await window.close();
      child.kill('SIGINT');
      const [status] = (await once(child, 'exit')) as [number | null];
      assert.equal(status, 0, said);
      await assert.rejects(fetch(address));
    });
  },
);
