import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as vscode from 'vscode';
import { requests } from '../../../src/engine/api/methods.ts';
import type { Exported } from '../../../src/extension/extension.ts';
import type { Surroundings } from './surroundings.ts';

interface ExtensionModule {
  activate(context: vscode.ExtensionContext): Exported;
  deactivate(): Promise<void>;
}

const TIMES = 10;
const ACTIVATION_MS = 50;
const READY_MS = 500;

/** Loads and activates the extension anew, in the host that it runs in. The one that was active before is gone afterwards. */
export function activationTests({ suite, services, extension }: Surroundings): void {
  const { context } = services;
  const module = join(extension.extensionPath, 'dist', 'extension.cjs');
  const load = createRequire(module);

  suite.test('activation takes under 50 ms, the engine’s start under 500 ms', async () => {
    dispose(context.subscriptions);
    const activations: number[] = [];
    const starts: number[] = [];
    for (let i = 0; i < TIMES; i++) {
      for (const path of Object.keys(load.cache)) {
        if (path.startsWith(join(extension.extensionPath, 'dist'))) delete load.cache[path];
      }
      const subscriptions: vscode.Disposable[] = [];
      const fresh = Object.create(context, { subscriptions: { value: subscriptions } });
      const began = performance.now();
      const entry = load(module) as ExtensionModule;
      const { services } = entry.activate(fresh as vscode.ExtensionContext);
      activations.push(performance.now() - began);
      await services.engine.request(requests.environment, {});
      starts.push(services.engine.readyAfterMs);
      await entry.deactivate();
      dispose(subscriptions);
    }
    suite.figure(describe('activation', activations, ACTIVATION_MS));
    suite.figure(describe('engine: spawn to initialize', starts, READY_MS));
    assert.ok(median(activations) < ACTIVATION_MS, describe('activation', activations, 50));
    assert.ok(median(starts) < READY_MS, describe('start', starts, READY_MS));
  });
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

function describe(what: string, values: readonly number[], limit: number): string {
  const all = values.map((value) => value.toFixed(0)).join(' ');
  return `${what}: median ${median(values).toFixed(0)} ms of ${values.length} (limit ${limit}): ${all}`;
}

function dispose(subscriptions: readonly { dispose(): unknown }[]): void {
  for (const each of subscriptions.toReversed()) each.dispose();
}
