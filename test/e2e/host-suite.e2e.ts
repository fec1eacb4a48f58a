import assert from 'node:assert/strict';
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runHostSuite } from './support/machine/host-suite.ts';
import { story } from './support/workbench/story.ts';

/** A suite that ends sooner was not run. */
const LEAST = 30;

story('commands, trees and the engine, inside of the extension host', async (story) => {
  const work = await mkdtemp(join(tmpdir(), 'rp-suite-'));
  story.finally(() => rm(work, { recursive: true, force: true }));
  await mkdir(join(work, 'folder', '.vscode'), { recursive: true });
  const server = await story.server({
    driver: true,
    settings: { 'refpoint.trace.server': 'verbose' },
  });
  const { report, code } = await runHostSuite(story, server, join(work, 'folder'), {
    REFPOINT_E2E_STORE: join(work, 'store'),
  });
  for (const { name, error } of report.results) {
    await story.alone(name, async () => assert.equal(error, null));
  }
  for (const figure of report.figures) await story.figure(figure);
  await story.alone('the suite was run to its end', async () => {
    assert.ok(report.complete, 'the extension host ended before');
    assert.ok(report.results.length >= LEAST, `${report.results.length} tests`);
    assert.equal(code, 0);
  });
});
