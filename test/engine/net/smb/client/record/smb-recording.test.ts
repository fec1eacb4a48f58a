import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { TraceInfo, TraceRow } from '../../../../../../src/engine/api/trace.ts';
import { never } from '../../../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../../../src/engine/base/errors.ts';
import type { Exchange } from '../../../../../../src/engine/base/exchange.ts';
import { Secret } from '../../../../../../src/engine/net/auth/contract/secret.ts';
import { SmbFile } from '../../../../../../src/engine/net/smb/client/link/smb-file.ts';
import { SmbLink } from '../../../../../../src/engine/net/smb/client/link/smb-link.ts';
import { READ } from '../../../../../../src/engine/net/smb/codec/files/read.ts';
import { COMMAND, FLAG } from '../../../../../../src/engine/net/smb/codec/protocol/constants.ts';
import { encodeMessage } from '../../../../../../src/engine/net/smb/codec/protocol/header.ts';
import { SmbRecording } from '../../../../../../src/engine/net/smb/client/record/smb-recording.ts';
import { TraceWriter } from '../../../../../../src/engine/trace/write/trace-writer.ts';
import { temporaryFolder } from '../../../../../support/files/temporary-folder.ts';
import { runCli, runCliJson } from '../../../../../support/process/cli-io.ts';
import { ScriptedServer } from '../../../../../support/smb/scripted-server.ts';
import { servedFiles, type ServedFiles } from '../../../../../support/smb/served-files.ts';

const MARKER = 'MARKER-OF-THE-GUEST';

const HEADER = {
  ...{ creditCharge: 1, status: 0, credits: 1, flags: 0, nextCommand: 0 },
  ...{ messageId: 5n, treeId: 1, sessionId: 9n },
} as const;

type Shown = Omit<TraceInfo, 'traceId'> & { readonly rows: readonly TraceRow[] };

/** Records what `work` does with a link, and returns the file. */
async function recorded(
  t: TestContext,
  { port, credential }: { port: number; credential: { user: string; password: Secret } },
  work: (link: SmbLink) => Promise<void>,
): Promise<string> {
  const path = join(await temporaryFolder(t), 'link.rptrace');
  const writer = await TraceWriter.open(path, {
    time: new Date().toISOString(),
    engine: 'test',
    command: null,
  });
  const link = new SmbLink({
    host: '127.0.0.1',
    port,
    deadline: 20_000,
    patience: 100,
    account: { credential, authentication: 'ntlm' },
    encryption: 'wanted',
    recorder: writer,
  });
  try {
    await work(link);
  } finally {
    await link.close();
    await writer.close();
  }
  return path;
}

const served = ({ port, user, password }: ServedFiles) => ({
  port,
  credential: { user, password: new Secret(password) },
});

const show = async (path: string, ...args: readonly string[]): Promise<string> =>
  (await runCli(['trace', 'show', path, ...args])).out;

/** The whole text of one exchange of a list, by the beginning of its call. */
async function exchangeOf(path: string, call: RegExp): Promise<string> {
  const { rows } = await runCliJson<Shown>(['trace', 'show', path]);
  const row = rows.find(({ about }) => call.test(about));
  assert.ok(row !== undefined, rows.map(({ about }) => about).join('\n'));
  return show(path, '--exchange', String(row.sequence));
}

test('reading a file is recorded message by message in words, without its data, tokens and keys', async (t) => {
  const files = await servedFiles(t);
  const bytes = Buffer.concat([Buffer.from(MARKER.repeat(100)), randomBytes(2 ** 20)]);
  writeFileSync(join(files.root, 'VMs', 'disk.vhdx'), bytes);
  files.lab.faults.set('smb.pending', '1', 1, 7);
  const path = await recorded(t, served(files), async (link) => {
    const file = await SmbFile.open(link, 'VMs', 'disk.vhdx', never);
    const into = Buffer.alloc(file.size);
    await file.read(0, into, never);
    assert.ok(into.equals(bytes));
    await file.close();
    await link.list('VMs', '', never);
    await assert.rejects(link.stat('VMs', 'missing.vhdx', never));
  });
  const { rows } = await runCliJson<Shown>(['trace', 'show', path]);
  const calls = rows.map(({ about, outcome, changes }) => `${about}|${outcome}|${changes}`);
  for (const expected of [
    /^NEGOTIATE\|ok\|false$/,
    /^SESSION_SETUP NTLM negotiate\|ok\|false$/,
    /^SESSION_SETUP NTLM authenticate\|ok\|false$/,
    /^TREE_CONNECT \\\\127\.0\.0\.1\\VMs\|ok\|false$/,
    /^CREATE disk\.vhdx\|ok\|false$/,
    /^READ disk\.vhdx: 1048576 bytes at 0\|ok\|false$/,
    /^READ disk\.vhdx: 1900 bytes at 1048576\|ok\|false$/,
    /^CLOSE disk\.vhdx\|ok\|false$/,
    /^QUERY_DIRECTORY \(root of the share\): \*\|ok\|false$/,
    /^CREATE missing\.vhdx\|smb\.notFound\|false$/,
    /^LOGOFF\|ok\|false$/,
  ]) {
    assert.ok(
      calls.some((call) => expected.test(call)),
      `${String(expected)} in\n${calls.join('\n')}`,
    );
  }
  assert.ok(rows.every(({ protocol, status }) => protocol === 'smb' && status === 0));
  const text = readFileSync(path, 'utf8');
  for (const secret of [MARKER, files.password, 'NTLMSSP', bytes.toString('base64', 0, 60)]) {
    assert.equal(text.includes(secret), false, secret);
  }
  // Tokens, keys and salts would be long runs of digits; session IDs have 16 at most.
  assert.doesNotMatch(text, /[0-9a-f]{20}/i);
  assert.doesNotMatch(text, /[A-Za-z0-9+/]{40}/);

  const negotiated = await exchangeOf(path, /^NEGOTIATE/);
  assert.match(negotiated, /dialects: 3\.0, 3\.0\.2, 3\.1\.1\n/);
  assert.match(negotiated, /answer:\nNEGOTIATE\n +status: success\n +dialect: 3\.1\.1\n/);
  assert.match(negotiated, /ciphers: AES-128-GCM\n/);
  const login = await exchangeOf(path, /authenticate/);
  assert.match(login, /token: NTLM authenticate, \d+ bytes \(removed\)/);
  const read = await exchangeOf(path, /^READ .* at 0$/);
  assert.match(read, /share: \\\\127\.0\.0\.1\\VMs\n +file: disk\.vhdx\n +offset: 0\n/);
  assert.match(read, /credits: costs 16, requests \d+\n +protection: encrypted\n/);
  assert.match(read, /data: 1048576 bytes \(removed\)\n +credits: grants \d+\n/);
  const failed = await exchangeOf(path, /missing/);
  assert.match(
    failed,
    /status: no file has this name \(STATUS_OBJECT_NAME_NOT_FOUND, 0xc0000034\)/,
  );
  const all = await Promise.all(rows.map((row) => show(path, '--exchange', String(row.sequence))));
  assert.match(all.join('\n'), /asynchronous: announced 1 times, ID 0x/);
  for (const line of [...all.join('\n').split('\n'), ...(await show(path)).split('\n')]) {
    assert.ok(line.length <= 80, line);
  }
});

test('smb test records its exchanges, also of a login that fails', async (t) => {
  const files = await servedFiles(t);
  const path = join(await temporaryFolder(t), 'test.rptrace');
  const run = (password: string): ReturnType<typeof runCli> =>
    runCli(
      [
        ...['smb', 'test', '\\\\127.0.0.1\\Shared', '--smb-port', String(files.port)],
        ...['--user', files.user, '--auth', 'ntlm', '--trace', path],
      ],
      { env: { REFPOINT_PASSWORD: password } },
    );
  assert.equal((await run(files.password)).status, 0);
  const list = await show(path);
  assert.match(list, /recorded +\S+, smb test\nhosts +127\.0\.0\.1:\d+\n/);
  assert.match(list, /IOCTL query shared virtual disk support +(?:ok|smb\.failed)\n/);
  assert.doesNotMatch(readFileSync(path, 'utf8'), new RegExp(files.password, 'i'));
  assert.notEqual((await run('wrong password')).status, 0);
  assert.match(await show(path, '--errors'), /SESSION_SETUP NTLM authenticate +http\.auth\.failed/);
  assert.doesNotMatch(readFileSync(path, 'utf8'), /wrong password/);
});

test('requests without an answer say so: a cancelled one, and one whose connection ended', async (t) => {
  const server = await ScriptedServer.start({
    frame: (content, { command }) => (command === 8 ? [] : [content]),
  });
  t.after(() => server.close());
  const path = await recorded(t, server, async (link) => {
    const file = await SmbFile.open(link, 'vms', 'disk.vhdx', never);
    const stop = AbortSignal.timeout(50);
    await assert.rejects(file.read(0, Buffer.alloc(100), stop));
    const lost = file.read(100, Buffer.alloc(100), never);
    setTimeout(() => server.drop(), 50);
    await assert.rejects(lost, (error) => isEngineError(error, 'smb.lost', 'smb.unreachable'));
  });
  const cancelled = await exchangeOf(path, /^READ disk\.vhdx: 100 bytes at 0$/);
  assert.match(cancelled, /result +cancelled\n/);
  assert.match(cancelled, /cancelled: CANCEL was sent/);
  const lost = await exchangeOf(path, /^READ disk\.vhdx: 100 bytes at 100$/);
  assert.match(lost, /result +smb\.lost\n[\s\S]*answer:\n\(empty\)/);
});

test('an answer that is part of a compound says so, and one that is not valid is kept with its status', () => {
  const seen: Exchange[] = [];
  let next = 0;
  const recording = new SmbRecording(
    { begin: () => ++next, record: (exchange) => void seen.push(exchange) },
    'hv01:445',
  );
  const header = { ...HEADER, command: COMMAND.read };
  const fileId = { persistent: 1n, volatile: 0xabcn };
  const request = { flags: 0, length: 10, offset: 4096n, fileId, minimum: 1 };
  const message = encodeMessage(header, READ.encodeRequest(request));
  const body = READ.encodeResponse({ data: Buffer.from(MARKER) });
  const answer = { ...header, flags: FLAG.response | FLAG.signed };
  recording
    .begin(header, message, 'signed', performance.now())
    .answered(answer, [encodeMessage(answer, body)], { encrypted: false, part: 2, parts: 3 });
  recording
    .begin(header, message, 'signed', performance.now())
    .answered(answer, [encodeMessage(answer)], { encrypted: false, part: 1, parts: 1 });
  assert.deepEqual(
    seen.map(({ about }) => about),
    ['READ 0xabc: 10 bytes at 4096', 'READ 0xabc: 10 bytes at 4096'],
  );
  assert.match(seen[0]?.answer ?? '', /data: 19 bytes \(removed\)\n.*\n +protection: signed\n/);
  assert.match(seen[0]?.answer ?? '', /compound: message 2 of 3$/);
  assert.match(seen[1]?.answer ?? '', /status: success\n +problem: the answer is not valid\n/);
  assert.doesNotMatch(JSON.stringify(seen), new RegExp(MARKER));
});
