import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Exchange } from '../../../../src/engine/base/exchange.ts';
import { noLog } from '../../../../src/engine/base/log.ts';
import { POWERSHELL } from '../../../../src/engine/hosts/transports/powershell.ts';
import { Secret } from '../../../../src/engine/net/auth/contract/secret.ts';
import { exchangeBody } from '../../../../src/engine/trace/read/exchange-body.ts';
import { afterwards } from '../../../support/checks/afterwards.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import { HardenedShell } from '../../../../src/engine/powershell/shell/hardened-shell.ts';
import { all } from '../../../support/host/small-host.ts';
import { needsPowershell } from '../../../support/powershell/needs-powershell.ts';
import { powershellLab } from '../../../support/powershell/powershell-lab.ts';
import { assertInTime } from '../../../support/process/in-time.ts';

const VM = 'Msvm_ComputerSystem';
const ACCOUNT = { computer: 'hv02', user: String.raw`LAB\keeper`, password: 'pä$$ `w0rd\' "x"' };

const plainRun = Reflect.get<HardenedShell, 'run'>(HardenedShell.prototype, 'run');

/** Every line that goes to a shell in this process from now on. */
function linesSent(t: TestContext): string[] {
  const lines: string[] = [];
  const run = plainRun;
  t.mock.method(HardenedShell.prototype, 'run', function (this: HardenedShell, line: string) {
    lines.push(line);
    return run.call(this, line);
  });
  return lines;
}

/** Lines with the texts that are in them as Base64. */
const readable = (line: string): string =>
  line.replace(
    /[A-Za-z0-9+/]{8,}=*/g,
    (text) => `${text} ${Buffer.from(text, 'base64').toString('utf8')}`,
  );

test(
  'a session with another computer gets the password through a pipe, and no command holds it',
  needsPowershell,
  async (t) => {
    const { client, bridge } = await powershellLab(t, ACCOUNT);
    const lines = linesSent(t);
    const login = { user: ACCOUNT.user, reveal: () => ACCOUNT.password };
    const shell = client({ name: 'hv02', protocol: 'dcom', login });
    assert.equal((await all(shell.enumerate(VM, never))).length, 2);
    assert.deepEqual(bridge.sessions, [{ computer: 'hv02', protocol: 'dcom' }]);
    const sent = lines.map(readable).join('\n');
    assert.ok(sent.includes('Connect-RpHost') && sent.includes('keeper'), 'what was sent is seen');
    for (const secret of [
      ACCOUNT.password,
      Buffer.from(ACCOUNT.password, 'utf16le').toString('base64'),
    ]) {
      assert.ok(!sent.includes(secret));
    }
  },
);

test(
  'a recording has every call with its answer, and the password in none of them',
  needsPowershell,
  async (t) => {
    await powershellLab(t, ACCOUNT);
    const exchanges: Exchange[] = [];
    let begun = 0;
    const client = POWERSHELL.connect({
      url: 'hv02',
      transport: 'powershell',
      cimProtocol: 'dcom',
      credential: { user: ACCOUNT.user, password: new Secret(ACCOUNT.password) },
      authentication: 'auto',
      tls: {},
      timeoutSeconds: 20,
      log: noLog,
      recorder: { begin: () => ++begun, record: (each) => exchanges.push(each) },
    });
    afterwards(t, () => client.close());
    const query = `SELECT * FROM ${VM} WHERE ElementName = 'no such VM'`;
    assert.deepEqual(await all(client.query(query, never)), []);
    const [vm] = await all(client.enumerateWithReferences(VM, never));
    assert.ok(vm !== undefined);
    const missing = { ...vm.reference, keys: { ...vm.reference.keys, Name: ACCOUNT.password } };
    await assert.rejects(client.get(missing, never));
    const start = {
      target: vm.reference,
      method: 'RequestStateChange',
      args: { RequestedState: 99 },
    };
    await client.invoke({ ...start, repeatable: false }, never).catch(() => undefined);
    assert.deepEqual(
      exchanges.map(({ action, resource, changes, outcome }) => [
        action,
        resource,
        changes,
        outcome,
      ]),
      [
        ['Connect-RpHost', '', false, 'ok'],
        ['Read-RpRows', '', false, 'ok'],
        ['Read-RpRows', VM, false, 'ok'],
        ['Read-RpInstance', VM, false, 'powershell.fault.notFound'],
        ['Invoke-RpMethod', VM, true, 'ok'],
      ],
    );
    assert.match(exchanges[2]?.answer ?? '', /"ElementName":/);
    const { tree } = exchangeBody(exchanges[4]?.request ?? '', 0, 'powershell');
    assert.ok(
      tree?.children.some(({ name, value }) => name === 'method' && value === start.method),
    );
    const text = JSON.stringify(exchanges);
    assert.match(text, /keeper/);
    assert.doesNotMatch(text, /w0rd|refpoint-[0-9a-f]{32}/);
    assert.ok(
      exchanges.every(({ protocol, request }) => protocol === 'powershell' && request !== ''),
    );
  },
);

test(
  'a wrong password is refused with the name of the computer, and is not in the message',
  needsPowershell,
  async (t) => {
    const { client } = await powershellLab(t, ACCOUNT);
    const login = { user: ACCOUNT.user, reveal: () => 'wr0ng' };
    const shell = client({ name: 'hv02', protocol: 'wsman', login });
    await assert.rejects(all(shell.enumerate(VM, never)), (error: Error) => {
      assert.ok(isEngineError(error, 'powershell.connect'), String(error));
      assert.match(error.message, /hv02.*access is denied/s);
      assert.ok(!JSON.stringify([error.message, error.data]).includes('wr0ng'));
      return true;
    });
  },
);

test(
  'a call that is cancelled ends at once; the next one gets a new shell',
  needsPowershell,
  async (t) => {
    const { client, bridge } = await powershellLab(t);
    const shell = client();
    await all(shell.enumerate(VM, never));
    const stop = new AbortController();
    const began = performance.now();
    const release = bridge.hold();
    setTimeout(() => {
      stop.abort(new Error('stopped'));
    }, 50);
    await assert.rejects(all(shell.enumerate(VM, stop.signal)), /stopped/);
    assertInTime(performance.now() - began, 2000);
    release();
    assert.equal((await all(shell.enumerate(VM, never))).length, 2);
  },
);

test(
  'calls at the same time have shells of their own, and more of them wait for their turn',
  needsPowershell,
  async (t) => {
    const { client } = await powershellLab(t);
    const shell = client();
    const rows = await Promise.all(
      Array.from({ length: 7 }, () => all(shell.enumerate(VM, never))),
    );
    assert.deepEqual(
      rows.map(({ length }) => length),
      Array<number>(7).fill(2),
    );
    // Rows that are left lying do not keep the calls that are made for each of them waiting.
    for await (const { properties } of shell.enumerate(VM, never)) {
      assert.ok(properties.get('Name') !== undefined);
      await Promise.all(Array.from({ length: 4 }, () => all(shell.enumerate(VM, never))));
    }
  },
);

test(
  'a shell that is killed from outside fails its call, and is replaced',
  needsPowershell,
  async (t) => {
    const { client } = await powershellLab(t);
    const shells: HardenedShell[] = [];
    const run = plainRun;
    t.mock.method(HardenedShell.prototype, 'run', function (this: HardenedShell, line: string) {
      shells.push(this);
      return run.call(this, line);
    });
    const shell = client();
    await all(shell.enumerate(VM, never));
    shells[0]?.kill();
    await shells[0]?.ended;
    assert.equal((await all(shell.enumerate(VM, never))).length, 2);
  },
);
