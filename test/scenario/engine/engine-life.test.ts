import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import readline from 'node:readline';
import { test, type TestContext } from 'node:test';
import { requests } from '../../../src/engine/api/methods.ts';
import { afterwards } from '../../support/checks/afterwards.ts';
import { startBackupLab } from '../../support/backup/backup-lab.ts';
import {
  ENGINE,
  startEngine,
  startScript,
  untilEnded,
} from '../../support/process/engine-process.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import { assertInTime } from '../../support/process/in-time.ts';

const windows = process.platform === 'win32';

async function firstLine(t: TestContext, child: ReturnType<typeof startScript>): Promise<string> {
  assert.ok(child.stdout);
  const lines = readline.createInterface({ input: child.stdout });
  afterwards(t, () => lines.close());
  const [line] = (await once(lines, 'line')) as [string];
  return line;
}

test('it answers soon after it was started, and is gone soon after it was told to', async (t) => {
  const home = await temporaryFolder(t);
  const plain: number[] = [];
  const ready: number[] = [];
  const gone: number[] = [];
  for (let i = 0; i < 5; i++) {
    const begun = performance.now();
    execFileSync(process.execPath, ['-e', '0']);
    plain.push(performance.now() - begun);
    const engine = await startEngine(t, { home });
    ready.push(engine.readyAfter);
    const { version, pid } = await engine.request(requests.environment, {});
    assert.match(version, /^\d+\.\d+\.\d+/);
    assert.equal(pid, engine.process.pid);
    gone.push(await engine.stop());
    assert.equal(engine.process.exitCode, 0);
  }
  const middle = (values: number[]): number => values.sort((a, b) => a - b)[2] ?? 0;
  const alone = middle(plain);
  t.diagnostic(
    `Node alone ${alone.toFixed(0)} ms, spawn to initialize ${middle(ready).toFixed(0)} ms`,
  );
  t.diagnostic(`shutdown ${middle(gone).toFixed(0)} ms`);
  // Beside a start of Node on the same machine at the same time: a busy machine slows both.
  assert.ok(middle(ready) < 15 * alone, `ready after ${ready.join(', ')} ms, Node ${alone} ms`);
  assert.ok(middle(gone) < 15 * alone, `gone after ${gone.join(', ')} ms, Node ${alone} ms`);
});

test('what is under way does not hold it back: shut down, or let go', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 2 ** 22 }] });
  await lab.fault('job.slow', 60_000);
  const { target } = lab;
  for (const end of ['shutdown', 'disconnect'] as const) {
    const engine = await startEngine(t, { home: join(lab.folder, 'home') });
    const params = { target, vm: 'vm', consistency: 'crash', progressToken: 'p' } as const;
    const asked = engine.request(requests.createReferencePoint, params);
    asked.catch(() => undefined);
    while (!engine.exchanges.some(({ action }) => action.includes('CreateReferencePoint'))) {
      await once(engine.process, 'message');
    }
    const begun = performance.now();
    if (end === 'shutdown') await engine.stop();
    else {
      engine.process.disconnect();
      await once(engine.process, 'exit');
    }
    const took = performance.now() - begun;
    t.diagnostic(`${end} with a request under way ${took.toFixed(0)} ms`);
    assertInTime(took, 1000, end);
  }
});

test('it ends within 5 s when whoever started it is killed, whatever the transport', async (t) => {
  const env = { ENGINE, REFPOINT_HOME: await temporaryFolder(t) };
  const starts = {
    'over ipc': `
      const child = require('node:child_process').fork(process.env.ENGINE, ['--node-ipc', '--clientProcessId=' + process.pid], { silent: true });
      console.log(child.pid); setInterval(() => {}, 1000);`,
    'over stdio': `
      const child = require('node:child_process').spawn(process.execPath, [process.env.ENGINE, '--stdio', '--clientProcessId=' + process.pid], { stdio: ['pipe', 'pipe', 'ignore'] });
      console.log(child.pid); setInterval(() => {}, 1000);`,
    // The ends of its streams are held by this test, which lives: only its parent is gone.
    'over stdio that stays open': `
      const child = require('node:child_process').spawn(process.execPath, [process.env.ENGINE, '--stdio', '--clientProcessId=' + process.pid], { stdio: [3, 4, 'ignore'] });
      console.log(child.pid); setInterval(() => {}, 1000);`,
  };
  for (const [how, script] of Object.entries(starts)) {
    if (windows && how.includes('open')) continue;
    const parent = startScript(t, script, ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'], env);
    const pid = Number(await firstLine(t, parent));
    assert.ok(pid > 0);
    process.kill(pid, 0);
    parent.kill('SIGKILL');
    const took = await untilEnded(pid);
    t.diagnostic(`${how}: ended ${took.toFixed(0)} ms after its parent was killed (under 5000)`);
    assertInTime(took, 5000, how);
  }
});

test('a file system that does not answer does not keep it alive', { skip: windows }, async (t) => {
  const home = await temporaryFolder(t);
  const pipe = join(home, 'pipe');
  execFileSync('mkfifo', [pipe]);
  // Opening a pipe that nobody writes waits in one of Node's threads, as a mount does whose server is gone.
  const hang = join(home, 'hang.cjs');
  writeFileSync(hang, `require('node:fs').open(${JSON.stringify(pipe)}, 'r', () => {});`);
  const engine = await startEngine(t, { home, env: { NODE_OPTIONS: `--require ${hang}` } });
  const took = await engine.stop();
  assertInTime(took, 1000);
});

test('what is no message, and what nobody knows, is refused and nothing else happens', async (t) => {
  const home = await temporaryFolder(t);
  const engine = await startEngine(t, { home });
  for (const garbage of [
    'garbage',
    '',
    3,
    null,
    true,
    [],
    {},
    { jsonrpc: '1.0' },
    { jsonrpc: '2.0', method: 3, id: 'x' },
    { jsonrpc: '2.0', id: 7, result: 'an answer to nothing' },
    { jsonrpc: '2.0', id: { a: 1 }, method: 'refpoint/environment' },
    { jsonrpc: '2.0', method: '$/cancelRequest', params: { id: 999_999 } },
    { jsonrpc: '2.0', method: 'refpoint/progress', params: null },
  ]) {
    engine.process.send(garbage as object);
  }
  const unknown = engine.connection.sendRequest('refpoint/format-disk', { disk: 0 });
  await assert.rejects(unknown, { code: -32_601 });
  for (const params of [[], [1, 2], 'text', 17, null, undefined, {}, { path: 3 }, { path: {} }]) {
    const asked = engine.connection.sendRequest('refpoint/store/vms', params);
    await assert.rejects(asked, (error: { readonly message: string }) => {
      assert.doesNotMatch(error.message, /\n|\bat \S+:\d+/, 'a sentence, no stack');
      return true;
    });
  }
  const { pid } = await engine.request(requests.environment, {});
  assert.equal(pid, engine.process.pid, 'the same process answers');
});

test(
  'what it is started with holds nothing that is asked later',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const lab = await startBackupLab(t);
    const engine = await startEngine(t, { home: join(lab.folder, 'home') });
    const { target } = lab;
    assert.equal((await engine.request(requests.testHost, { target })).lab, true);
    for (const file of ['cmdline', 'environ']) {
      const text = readFileSync(`/proc/${engine.process.pid}/${file}`, 'latin1');
      assert.ok(text.length > 0);
      assert.ok(!text.includes(target.password), `${file} holds the password`);
    }
  },
);
