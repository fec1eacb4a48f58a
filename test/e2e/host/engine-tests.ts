import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { requests } from '../../../src/engine/api/methods.ts';
import { EngineFailure } from '../../../src/extension/engine/engine-error.ts';
import { labNode, sampleVm, type Surroundings } from './surroundings.ts';
import { until } from './suite.ts';

/** The engine's life as the extension sees it. */
export function engineTests({ suite, services }: Surroundings): void {
  const { engine, connections } = services;
  const pid = async (): Promise<number> => (await engine.request(requests.environment, {})).pid;

  suite.test('an engine that is killed is started again by the next request', async () => {
    const first = await pid();
    assert.notEqual(first, process.pid);
    let restarted = 0;
    const listener = engine.onRestarted(() => restarted++);
    process.kill(first, 'SIGKILL');
    await until('it is gone', () => !isAlive(first));
    assert.notEqual(await pid(), first);
    assert.equal(restarted, 1);
    listener.dispose();
  });

  suite.test('a request that the person gave up ends at once', async () => {
    const target = await connections.target(labNode(services).host, false);
    assert.ok(target !== undefined);
    const cancel = new vscode.CancellationTokenSource();
    const vm = sampleVm(services).row.id;
    const asked = engine.request(requests.showVm, { target, vm, stores: [] }, cancel.token);
    cancel.cancel();
    await assert.rejects(asked, { name: 'Cancelled' });
  });

  suite.test('an error crosses with its code', async () => {
    const asked = engine.request(requests.storeVms, { path: '/nowhere/at/all' });
    const error: unknown = await asked.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    // Another bundle has another class of this name.
    const { name, info } = error as EngineFailure;
    assert.equal(name, 'EngineFailure');
    assert.match(info.code, /^store\./);
  });

  suite.test('the engine shuts down in under a second', async () => {
    const last = await pid();
    const began = performance.now();
    await engine.stop();
    await until('it is gone', () => !isAlive(last));
    const milliseconds = Math.round(performance.now() - began);
    suite.figure(`engine shut down in ${milliseconds} ms (limit 1000)`);
    assert.ok(milliseconds < 1000, `${milliseconds} ms`);
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
