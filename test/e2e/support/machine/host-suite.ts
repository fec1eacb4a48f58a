import { rm, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SuiteReport } from '../../host/suite.ts';
import { bundleSuite } from './bundle-suite.ts';
import { OUT, ROOT } from './places.ts';
import type { Server } from '../workbench/server.ts';
import type { Story } from '../workbench/story.ts';
import { until, Workbench } from '../workbench/workbench.ts';

const LIMIT_MS = 150_000;

export interface SuiteRun {
  readonly report: SuiteReport;
  /** What the workbench says came of it: not to be trusted alone, since a host that was killed counts as 0. */
  readonly code: number;
}

/** Runs the suite in the extension host of a new window. Rejects where it left no report. */
export async function runHostSuite(
  story: Story,
  server: Server,
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<SuiteRun> {
  const suite = await bundleSuite(join(OUT, 'host-suite.cjs'));
  const results = join(OUT, 'host-suite.json');
  await rm(results, { force: true });
  const window = await Workbench.prepare(await story.browser());
  let code: number | undefined;
  await window.page.exposeFunction('codeAutomationExit', (exit: number) => {
    code = exit;
  });
  await window.page.exposeFunction('codeAutomationLog', () => undefined);
  const given = { ...environment, REFPOINT_E2E_RESULTS: results };
  const payload = [
    ['extensionDevelopmentPath', server.remote(ROOT)],
    ['extensionTestsPath', server.remote(suite)],
    ['extensionEnvironment', JSON.stringify(given)],
    ['skipWelcome', 'true'],
  ] as const;
  await window.page.goto(server.url(folder, payload));
  const ended = await until('the suite has ended', () => code ?? false, LIMIT_MS).catch(() => -1);
  await window.close();
  const report = JSON.parse(await readFile(results, 'utf8')) as SuiteReport;
  return { report, code: ended };
}
