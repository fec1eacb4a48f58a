import * as vscode from 'vscode';
import type { Exported } from '../../../src/extension/extension.ts';
import { activationTests } from './activation-tests.ts';
import { commandTests } from './command-tests.ts';
import { engineTests } from './engine-tests.ts';
import { Suite } from './suite.ts';

/** What VS Code calls, in the extension host of a window that has the extension. */
export async function run(): Promise<void> {
  const file = process.env['REFPOINT_E2E_RESULTS'];
  const store = process.env['REFPOINT_E2E_STORE'];
  if (file === undefined || store === undefined) throw new Error('run by npm run test:e2e');
  const suite = new Suite(file);
  const extension = vscode.extensions.getExtension<Exported>('refpoint.refpoint');
  if (extension === undefined) throw new Error('the extension is not there');
  const { services } = await extension.activate();
  const surroundings = { suite, services, extension, store };
  commandTests(surroundings);
  engineTests(surroundings);
  activationTests(surroundings);
  await suite.run();
}
