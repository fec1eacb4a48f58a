import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { redactorOf } from '../../../../src/engine/net/auth/redact.ts';
import { Secret } from '../../../../src/engine/net/auth/contract/secret.ts';
import { startBackupLab } from '../../../support/backup/backup-lab.ts';
import { refpoint } from '../../../support/process/command.ts';
import { PASSWORD, smallHost, USER } from '../../../support/host/small-host.ts';
import { SmallRepository } from '../../../support/host/small-repository.ts';

test('every spelling of a password goes, and so does a header with a login', () => {
  const password = 'p&ss "w<rd" ü';
  const user = 'LAB\\admin';
  const clean = redactorOf({ user, password: new Secret(password) });
  const base64 = Buffer.from(`${user}:${password}`).toString('base64');
  for (const secret of [
    password,
    'p&amp;ss',
    encodeURIComponent(password),
    JSON.stringify(password),
    base64,
    Buffer.from(password).toString('base64'),
    Buffer.from(password, 'utf16le').toString('base64'),
  ]) {
    const shown = clean(`before ${secret} after`);
    if (secret !== 'p&amp;ss') assert.ok(!shown.includes(secret), shown);
    assert.match(shown, /^before .* after$/);
  }
  const quoted = clean('Authorization: Negotiate YIIabc==\r\nHost: x');
  assert.equal(quoted, 'Authorization: (secret)\r\nHost: x');
  assert.equal(redactorOf(undefined)('"authorization": "Basic eDp5"'), '"authorization": (secret)');
});

test('traced envelopes hold what was sent and answered, and never the login, even if the host quotes it', async (t) => {
  const records: string[] = [];
  const host = await smallHost(t, new SmallRepository());
  const client = host.client({
    log: ({ level, message, data }) => {
      if (level === 'trace') records.push(`${message} ${String(data?.['envelope'])}`);
    },
  });
  const login = Buffer.from(`${USER}:${PASSWORD}`).toString('base64');
  const echo = { Name: `${PASSWORD} Basic ${login}`, CreationClassName: 'Msvm_ComputerSystem' };
  await assert.rejects(client.get({ className: 'Msvm_ComputerSystem', keys: echo }, never));
  const all = records.join('\n');
  assert.match(all, /request .*transfer\/Get/s);
  assert.match(all, /answer 500 .*DestinationUnreachable/s);
  assert.ok(!all.includes(PASSWORD) && !all.includes(login));
});

test('--log-level trace prints the envelopes', async (t) => {
  const lab = await startBackupLab(t);
  const { options, env } = lab.command;
  const target = options.slice(0, 4);
  const { stderr } = await refpoint(['vm', 'list', '--log-level', 'trace', ...target], { env });
  assert.match(stderr, /<s:Envelope.*Enumerate/s);
  assert.match(stderr, /EnumerateResponse/);
  const password = env['REFPOINT_PASSWORD'] ?? '?';
  assert.ok(!stderr.includes(password));
  assert.ok(!stderr.includes(Buffer.from(`Administrator:${password}`).toString('base64')));
});
