import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { requests } from '../../../src/engine/api/methods.ts';
import { EngineFailure } from '../../../src/extension/engine/engine-error.ts';
import { until } from './suite.ts';
import { isAlive, labNode, sampleVm, type Surroundings } from './surroundings.ts';

/** The engine's life as the extension sees it. */
export function engineTests({ suite, services, window }: Surroundings): void {
  const { engine, connections } = services;
  const pid = async (): Promise<number> => (await engine.request(requests.environment, {})).pid;

  suite.test(
    'an engine that is killed is started again by the next request, and nobody is told',
    async () => {
      let restarted = 0;
      const listener = engine.onRestarted(() => restarted++);
      window.take();
      // The third start waits: a crash that repeats is not answered at once.
      for (let kill = 1; kill <= 3; kill++) {
        const killed = await pid();
        assert.notEqual(killed, process.pid);
        process.kill(killed, 'SIGKILL');
        await until('it is gone', () => !isAlive(killed));
        assert.notEqual(await pid(), killed);
        assert.equal(restarted, kill);
      }
      listener.dispose();
      assert.deepEqual(window.take(), []);
      await vscode.commands.executeCommand('refpoint.refresh');
      assert.equal(labNode(services).vms, 1);
    },
  );

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
}
