import * as vscode from 'vscode';
import type { Exported } from '../../../src/extension/extension.ts';
import { activationTests } from './activation-tests.ts';
import { commandTests } from './command-tests.ts';
import { documentTests } from './document-tests.ts';
import { engineTests } from './engine-tests.ts';
import { jobTests } from './job-tests.ts';
import { passwordTests } from './password-tests.ts';
import { ProcessWatch } from './process-watch.ts';
import { Suite } from './suite.ts';
import { treeTests } from './tree-tests.ts';
import { wakingTests } from './waking-tests.ts';
import { WindowWatch } from './window-watch.ts';

/** What VS Code calls, in the extension host of a window that has the extension. */
export async function run(): Promise<void> {
  const file = process.env['REFPOINT_E2E_RESULTS'];
  const store = process.env['REFPOINT_E2E_STORE'];
  if (file === undefined || store === undefined) throw new Error('run by npm run test:e2e');
  const suite = new Suite(file);
  const extension = vscode.extensions.getExtension<Exported>('refpoint.refpoint');
  if (extension === undefined) throw new Error('the extension is not there');
  const window = new WindowWatch();
  const processes = new ProcessWatch();
  const { services } = await wakingTests(suite, extension, processes);
  const surroundings = { suite, services, extension, store, window, processes };
  commandTests(surroundings);
  treeTests(surroundings);
  jobTests(surroundings);
  documentTests(surroundings);
  engineTests(surroundings);
  passwordTests(surroundings);
  activationTests(surroundings);
  await suite.run();
}
