import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, test, type TestContext } from 'node:test';
import * as vscode from 'vscode';
import { requests } from '../../../src/engine/api/methods.ts';
import { delay, never } from '../../../src/engine/base/abort.ts';
import { TIMING, PATIENCE_MS, type EngineTiming } from '../../../src/extension/engine/back-off.ts';
import { Engine } from '../../../src/extension/engine/engine.ts';
import { Cancelled, EngineFailure } from '../../../src/extension/engine/engine-error.ts';
import { Output } from '../../../src/extension/output/output.ts';
import { afterwards } from '../../support/checks/afterwards.ts';
import { startBackupLab } from '../../support/backup/backup-lab.ts';
import { hasEnded, untilEnded } from '../../support/process/engine-process.ts';
import { holdingProxy } from '../../support/host/holding-proxy.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import { workbench } from '../../support/vscode/workbench.ts';
import { assertInTime } from '../../support/process/in-time.ts';

beforeEach(() => workbench.reset());

interface Started {
  readonly engine: Engine;
  readonly output: Output;
  /** Every line of every output. */
  readonly text: () => string;
}

async function start(
  t: TestContext,
  folder = process.cwd(),
  timing: Partial<EngineTiming> = {},
): Promise<Started> {
  const output = new Output();
  const home = await temporaryFolder(t);
  const engine = new Engine(output, folder, { REFPOINT_HOME: home }, timing);
  afterwards(t, () => engine.stop());
  return {
    engine,
    output,
    text: () => [...workbench.outputs.values()].flat().join('\n'),
  };
}

const failsAs =
  (code: string) =>
  (error: unknown): true => {
    assert.ok(error instanceof EngineFailure, String(error));
    assert.equal(error.info.code, code);
    assert.doesNotMatch(error.message, /\n|RPC|connection got/i);
    return true;
  };

/** Nothing came up by itself: no message, no output that was shown. */
function assertQuiet(): void {
  assert.deepEqual(workbench.asked, []);
  assert.deepEqual(
    workbench.ran.filter(({ id }) => id.startsWith('output.show')),
    [],
  );
}

test('it is started by its first request, and is gone after stop', async (t) => {
  const { engine, text } = await start(t);
  assert.equal(text(), '');
  const { pid, version } = await engine.request(requests.environment, {});
  assert.match(version, /^\d/);
  assert.match(text(), /Engine ready after \d+ ms/);
  assert.equal((await engine.request(requests.environment, {})).pid, pid, 'the same one answers');
  const begun = performance.now();
  await engine.stop();
  const took = performance.now() - begun;
  assert.ok(hasEnded(pid));
  assertInTime(took, 1000);
  await assert.rejects(engine.request(requests.environment, {}), failsAs('engine.stopped'));
  assert.doesNotMatch(text(), /unexpectedly/);
  assertQuiet();
});

test('killed at work, it is started again: what only looks is asked once more, what changes something fails', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 2 ** 22 }] });
  const { engine, text } = await start(t);
  const wire = await holdingProxy(t, lab.target.url);
  const target = { ...lab.target, url: wire.url };
  let restarted = 0;
  engine.onRestarted(() => restarted++);
  const { pid } = await engine.request(requests.environment, {});
  const held = wire.hold();
  const params = { target, vm: 'vm', consistency: 'crash', progressToken: 'p' } as const;
  const looks = engine.request(requests.listVms, { target });
  const failed = assert.rejects(
    engine.request(requests.createReferencePoint, params),
    failsAs('engine.lost'),
  );
  await held;
  process.kill(pid, 'SIGKILL');
  await failed;
  wire.release();
  assert.deepEqual(
    (await looks).map(({ name }) => name),
    ['vm'],
  );
  const now = await engine.request(requests.environment, {});
  assert.notEqual(now.pid, pid);
  assert.equal(restarted, 1);
  // Windows knows no signals: what is killed there ends with a code.
  assert.match(
    text(),
    process.platform === 'win32' ? /ended with \d+|ended by SIGKILL/ : /ended by SIGKILL/,
  );
  assertQuiet();
});

/** An extension's folder whose engine is this script; its starts are counted. */
async function folderWith(
  t: TestContext,
  script: string,
): Promise<{ readonly folder: string; readonly pids: () => number[] }> {
  const folder = await temporaryFolder(t);
  const starts = join(folder, 'starts');
  mkdirSync(join(folder, 'dist'));
  copyFileSync(join('dist', 'client.cjs'), join(folder, 'dist', 'client.cjs'));
  const count = `require('node:fs').appendFileSync(${JSON.stringify(starts)}, process.pid + '\\n');`;
  writeFileSync(join(folder, 'dist', 'engine.cjs'), `${count}\n${script}`);
  writeFileSync(starts, '');
  return {
    folder,
    pids: () => readFileSync(starts, 'utf8').split('\n').filter(Boolean).map(Number),
  };
}

test('one that dies at once is started with growing pauses, and nobody waits for long', async (t) => {
  const { folder, pids } = await folderWith(t, 'process.exit(7)');
  const pauses = [0, 0, 60, 60, 60_000];
  const { engine, text } = await start(t, folder, {
    backOff: (crashes) => pauses[crashes] ?? 60_000,
  });
  const begun = performance.now();
  for (let i = 0; i < 4; i++) {
    await assert.rejects(engine.request(requests.environment, {}), failsAs('engine.start'));
  }
  const waited = performance.now() - begun;
  assert.ok(waited >= 120, `${waited} ms: the pauses were waited for`);
  for (let i = 0; i < 3; i++) {
    await assert.rejects(engine.request(requests.environment, {}), failsAs('engine.crashing'));
  }
  assert.equal(pids().length, 4, 'no start during the long pause');
  assert.match(text(), /ended with 7/);
  assertQuiet();
});

test('the pauses grow to a minute, and no request waits for one that is longer than some seconds', () => {
  const pauses = Array.from({ length: 12 }, (_, crashes) => TIMING.backOff(crashes));
  assert.deepEqual(pauses.slice(0, 8), [0, 0, 1000, 2000, 4000, 8000, 60_000, 60_000]);
  assert.ok(pauses.slice(8).every((pause) => pause === 60_000));
  assert.ok(PATIENCE_MS <= 10_000);
});

test('one that never answers is given up and ended, and the next request tries another', async (t) => {
  const { folder, pids } = await folderWith(t, 'setInterval(() => {}, 1000)');
  // In this time a process starts on a busy computer, too.
  const { engine } = await start(t, folder, { backOff: () => 0, startMs: 2900 });
  for (const nth of [1, 2]) {
    await assert.rejects(engine.request(requests.environment, {}), (error) => {
      assert.match(String(error), /did not answer within 3 s/);
      return failsAs('engine.start')(error);
    });
    // Under Wine one may be given up before its script runs.
    if (process.platform !== 'win32') assert.equal(pids().length, nth);
    for (const pid of pids()) await untilEnded(pid);
  }
  assertQuiet();
});

test('closing while it starts ends it, and whoever waits is told', async (t) => {
  const { folder, pids } = await folderWith(t, 'setInterval(() => {}, 1000)');
  const { engine } = await start(t, folder);
  const asked = assert.rejects(engine.request(requests.environment, {}), failsAs('engine.stopped'));
  while (pids().length === 0) await delay(10, never);
  const begun = performance.now();
  await engine.stop();
  await asked;
  assertInTime(performance.now() - begun, 1000);
  await untilEnded(pids()[0] ?? 0);
  assertQuiet();
});

test('closing during a pause waits for nothing', async (t) => {
  const { folder } = await folderWith(t, 'process.exit(1)');
  const { engine } = await start(t, folder, { backOff: () => 9000 });
  await assert.rejects(engine.request(requests.environment, {}), failsAs('engine.start'));
  const waiting = assert.rejects(
    engine.request(requests.environment, {}),
    failsAs('engine.stopped'),
  );
  const begun = performance.now();
  await engine.stop();
  await waiting;
  assertInTime(performance.now() - begun, 1000);
});

test('one that does not shut down is killed within a second', async (t) => {
  const { folder, pids } = await folderWith(
    t,
    `process.on('message', ({ id, method }) => {
       if (method === 'initialize') process.send({ jsonrpc: '2.0', id, result: { capabilities: {} } });
       if (method === 'refpoint/environment') process.send({ jsonrpc: '2.0', id, result: { pid: process.pid } });
     });
     process.on('disconnect', () => {});
     setInterval(() => {}, 1000);`,
  );
  const { engine } = await start(t, folder);
  await engine.request(requests.environment, {});
  const begun = performance.now();
  await engine.stop();
  const took = performance.now() - begun;
  assertInTime(took, 1000);
  await untilEnded(pids()[0] ?? 0);
  assertQuiet();
});

test('who cancels does not wait for a start', async (t) => {
  const { folder } = await folderWith(t, 'setInterval(() => {}, 1000)');
  const { engine } = await start(t, folder);
  const source = new vscode.CancellationTokenSource();
  const asked = engine.request(requests.environment, {}, source.token);
  source.cancel();
  await assert.rejects(asked, Cancelled);
  await assert.rejects(engine.request(requests.environment, {}, source.token), Cancelled);
});

test('what the engine refuses crosses as it is, with its flags', async (t) => {
  const lab = await startBackupLab(t);
  const { engine } = await start(t);
  const target = { ...lab.target, password: 'wrong' };
  await assert.rejects(engine.request(requests.listVms, { target }), (error: unknown) => {
    assert.ok(error instanceof EngineFailure);
    const { code, permanent, userFixable, damage, data } = error.info;
    assert.equal(code, 'http.auth.failed');
    assert.deepEqual([permanent, userFixable, damage], [true, true, false]);
    assert.ok(String(data['url']).startsWith(lab.target.url));
    return true;
  });
  assertQuiet();
});

test('the tracing of the protocol, as verbose as it gets, and every other output hold no password', async (t) => {
  workbench.logLevel = 1;
  workbench.settings.put('refpoint.trace.server', 'verbose');
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 2 ** 22 }] });
  const { engine, output, text } = await start(t);
  const awkward = 'p"a\\ss w0rd\tä&%+/=“”';
  const { target } = lab;
  for (const password of [target.password, awkward]) {
    for (const known of [false, true]) {
      if (known) output.redactor.learn(password);
      const params = { target: { ...target, password } };
      await engine.request(requests.testHost, params).catch(() => undefined);
      await engine.request(requests.listVms, params).catch(() => undefined);
    }
  }
  // What would name it by accident: a store of that name, an error that quotes it.
  const path = `/nowhere/${awkward}`;
  await assert.rejects(engine.request(requests.openStore, { path, create: false }));
  output.engine.error(new Error(`an error with ${awkward}`), { password: awkward });
  await engine.stop();
  const all = text();
  assert.match(all, /refpoint\/host\/test/, 'the trace was on');
  assert.match(all, /"timeoutSeconds": 60/, 'and verbose');
  assert.match(all, /Identify: ok, \d+ ms/, 'the exchanges are told');
  assert.match(all, /Identify: http.auth.failed/);
  assert.ok(all.length > 10_000, `${all.length} characters`);
  const forms = [target.password, awkward].flatMap((secret) => [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    Buffer.from(`${target.user}:${secret}`).toString('base64'),
  ]);
  for (const form of forms) {
    const at = all.indexOf(form);
    assert.equal(at, -1, `“${form}” in: ${all.slice(Math.max(0, at - 80), at + 80)}`);
  }
});

test(
  'its process stands in no folder of the workspace, and inherits no login of a terminal',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const before = process.env['REFPOINT_PASSWORD'];
    process.env['REFPOINT_PASSWORD'] = 'of-the-terminal';
    try {
      const { engine } = await start(t);
      const { pid } = await engine.request(requests.environment, {});
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
      assert.ok(!environment.includes('of-the-terminal'));
      assert.ok(environment.includes('REFPOINT_HOME'));
      assert.notEqual(readlinkSync(`/proc/${pid}/cwd`), process.cwd());
    } finally {
      if (before === undefined) delete process.env['REFPOINT_PASSWORD'];
      else process.env['REFPOINT_PASSWORD'] = before;
    }
  },
);
