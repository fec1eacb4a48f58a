import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { sampleVm, type Surroundings } from './surroundings.ts';

/** Jobs as a person begins them: questions answered in the real picks, and what is said in the end. */
export function jobTests({ suite, services, window }: Surroundings): void {
  const { jobs, trees } = services;

  suite.test(
    'Back Up tells what each kind would do, does the one chosen, and says so once',
    async () => {
      const before = new Set(jobs.jobs.map(({ id }) => id));
      window.take();
      const asked = window.choose(/^Back Up sample-vm$/i, /^Full$/);
      await vscode.commands.executeCommand('refpoint.backup', sampleVm(services));
      const rows = (await asked).map(({ label, detail }) => `${label}: ${detail}`);
      // The three kinds, the method with its reason, and the options.
      assert.equal(rows.length, 5, rows.join('\n'));
      assert.match(rows.join('\n'), /^Method: file/m);
      assert.match(rows.at(-1) ?? '', /^Options…/);
      // There is a point: by itself it would be an incremental one.
      assert.match(rows.join('\n'), /Automatic: .+\n/);
      const job = (await jobs.look()).find(({ id }) => !before.has(id));
      assert.deepEqual([job?.spec.kind, job?.state], ['backup', 'done']);
      assert.match(job?.result?.point ?? '', /-full$/);
      const said = window.take().map(({ level, text }) => `${level}: ${text}`);
      assert.equal(said.length, 1, said.join('\n'));
      assert.match(said[0] ?? '', /^information: Back up sample-vm: full backup/);
    },
  );

  suite.test('Verify asks how, and finds every point as it was recorded', async () => {
    const [store] = await trees.stores.getChildren();
    const [vm] = await trees.stores.getChildren(store);
    const asked = window.choose(/^Verify/, /^Quick$/);
    await vscode.commands.executeCommand('refpoint.verify', vm);
    assert.ok((await asked).some(({ label }) => label === 'Every hash'));
    const job = (await jobs.look()).find(({ spec }) => spec.kind === 'verify');
    assert.equal(job?.state, 'done');
    assert.ok(job.spec.kind === 'verify' && job.spec.quick);
    assert.deepEqual(job.result?.damaged, []);
    assert.ok((job.result?.verified ?? 0) >= 2);
  });

  suite.test('the view Jobs has them, the newest first', async () => {
    const rows = trees.jobs.getChildren().map((node) => trees.jobs.getTreeItem(node));
    assert.equal(rows[0]?.label, 'Verify sample-vm');
    for (const { description } of rows) assert.match(String(description), /^done/);
  });
}
