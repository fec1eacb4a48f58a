import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { ShellService } from '../../../../src/engine/lab/shell/shell-service.ts';
import { RemoteShell } from '../../../../src/engine/net/wsman/shell/remote-shell.ts';
import {
  createShell,
  receiveOutput,
  removeShell,
  signalCommand,
  startCommand,
} from '../../../../src/engine/net/wsman/shell/shell-requests.ts';
import { SIGNAL } from '../../../../src/engine/net/wsman/shell/shell-names.ts';
import type { HttpWsmanClient } from '../../../../src/engine/net/wsman/wsman-client.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';
import { smallHost } from '../../../support/host/small-host.ts';
import { SmallRepository } from '../../../support/host/small-repository.ts';

const POSIX = process.platform !== 'win32';
const WINDOWS_ONLY_CMD = POSIX ? false : 'the commands are those of sh';

async function hostWithShells(t: TestContext): Promise<HttpWsmanClient> {
  const shells = new ShellService({ powershell: undefined, folder: await temporaryFolder(t) });
  t.after(() => shells.close());
  return (await smallHost(t, new SmallRepository(1), { shells })).client();
}

const sender =
  (client: HttpWsmanClient): Parameters<typeof RemoteShell.open>[0] =>
  (request, signal) =>
    client.send(request, signal);

test(
  'output, errors, input and exit code of commands arrive byte by byte',
  { skip: WINDOWS_ONLY_CMD },
  async (t) => {
    const shell = await RemoteShell.open(sender(await hostWithShells(t)), never);
    const both = await shell.run(
      { command: 'printf', args: [String.raw`'out \303\274'; printf err >&2; exit 300`] },
      never,
    );
    assert.equal(both.stdout.toString('utf8'), 'out ü');
    assert.equal(both.stderr.toString('utf8'), 'err');
    assert.equal(both.exitCode, 300 % 256);
    const input = Buffer.alloc(1_000_003, 'abcdefg');
    const echoed = await shell.run({ command: 'cat', input }, never);
    assert.ok(echoed.stdout.equals(input), `${echoed.stdout.length} bytes`);
    assert.equal(echoed.exitCode, 0);
    const empty = await shell.run({ command: 'cat', input: new Uint8Array(0) }, never);
    assert.deepEqual([empty.stdout.length, empty.exitCode], [0, 0]);
    await shell.close();
    await assert.rejects(shell.run({ command: 'true' }, never), {
      code: 'wsman.fault.invalidSelectors',
    });
  },
);

test(
  'PowerShell reports nothing to its maker from a lab, as the one of Windows does not',
  { skip: WINDOWS_ONLY_CMD },
  async (t) => {
    const shell = await RemoteShell.open(sender(await hostWithShells(t)), never);
    const command = 'echo $POWERSHELL_TELEMETRY_OPTOUT';
    assert.equal((await shell.run({ command }, never)).stdout.toString(), '1\n');
    await shell.close();
  },
);

test(
  'a command that writes nothing for longer than a request may take is waited for',
  {
    skip: WINDOWS_ONLY_CMD,
  },
  async (t) => {
    const shells = new ShellService({ powershell: undefined, folder: await temporaryFolder(t) });
    t.after(() => shells.close());
    const host = await smallHost(t, new SmallRepository(1), { shells });
    // The time limit of a request is one second.
    const client = host.client({ timeoutSeconds: 3 });
    let asked = 0;
    const shell = await RemoteShell.open(async (request, signal) => {
      if (request.action.endsWith('/Receive')) asked++;
      return client.send(request, signal);
    }, never);
    const { stdout } = await shell.run({ command: 'sleep 1.2; echo late' }, never);
    assert.equal(stdout.toString(), 'late\n');
    assert.ok(asked >= 2, `${asked} requests`);
    await shell.close();
  },
);

test(
  'a cancelled command ends on the host with its children',
  { skip: WINDOWS_ONLY_CMD },
  async (t) => {
    const client = await hostWithShells(t);
    const shell = await RemoteShell.open(sender(client), never);
    const controller = new AbortController();
    const seen: string[] = [];
    const pid = new Promise<number>((resolve) => {
      const follow = async (): Promise<void> => {
        const id = await client.send(createShell(), never);
        const command = await client.send(startCommand(id, 'sleep 600 & echo $!; wait', []), never);
        const { stdout } = await client.send(receiveOutput(id, command), never);
        resolve(Number(stdout.toString()));
        await client.send(signalCommand(id, command, SIGNAL.terminate), never);
        await client.send(removeShell(id), never);
        seen.push('removed');
      };
      void follow();
    });
    assert.ok((await pid) > 0);
    const run = shell.run({ command: 'sleep 600' }, controller.signal);
    controller.abort(new Error('stop'));
    await assert.rejects(run, /stop/);
    await shell.close();
    while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const child = await pid;
    const isAlive = (): boolean => {
      try {
        return process.kill(child, 0);
      } catch {
        return false;
      }
    };
    for (let i = 0; i < 400 && isAlive(); i++)
      await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(isAlive(), false);
  },
);

test('requests that Windows refuses are refused', async (t) => {
  const client = await hostWithShells(t);
  const fault = (code: string): { code: string } => ({ code: `wsman.fault.${code}` });
  const gone = '6F9619FF-8B86-4D01-B42D-000000000000';
  await assert.rejects(client.send(startCommand(gone, 'x', []), never), fault('invalidSelectors'));
  const id = await client.send(createShell(), never);
  await assert.rejects(client.send(receiveOutput(id, gone), never), fault('schema'));
  await assert.rejects(client.send(signalCommand(id, gone, 'x'), never), fault('schema'));
  await assert.rejects(client.send(startCommand(id, '', []), never), fault('schema'));
  // 30 shells of a user, and 25 commands of a shell.
  const shells = [id];
  while (shells.length < 30) shells.push(await client.send(createShell(), never));
  await assert.rejects(
    client.send({ ...createShell(), repetition: 'change' }, AbortSignal.timeout(300)),
  );
  for (const each of shells) await client.send(removeShell(each), never);
  await assert.rejects(client.send(removeShell(id), never), fault('invalidSelectors'));
});

test('a host that allows no shells knows none', async (t) => {
  const client = (await smallHost(t, new SmallRepository(1))).client();
  await assert.rejects(
    RemoteShell.open(sender(client), never),
    (error: Error & { code?: string }) => String(error.code).startsWith('wsman.fault.'),
  );
});
