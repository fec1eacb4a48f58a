import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import type { ErrorCode } from '../../../../../src/engine/api/codes.ts';
import { EngineError } from '../../../../../src/engine/base/errors.ts';
import { NO_FACTS } from '../../../../../src/engine/net/smb/codec/files/file-facts.ts';
import { READ } from '../../../../../src/engine/net/smb/codec/files/read.ts';
import { QUERY_DIRECTORY } from '../../../../../src/engine/net/smb/codec/queries/query-directory.ts';
import { encodeIds } from '../../../../../src/engine/net/smb/codec/session/negotiate-contexts.ts';
import { emptyError } from '../../../../../src/engine/net/smb/codec/protocol/error-body.ts';
import { SmbFile } from '../../../../../src/engine/net/smb/client/link/smb-file.ts';
import { SmbLink } from '../../../../../src/engine/net/smb/client/link/smb-link.ts';
import { encodeEntry } from '../../../../support/smb/encode-entry.ts';
import {
  CONTENTS,
  ScriptedServer,
  type Reply,
  type Script,
} from '../../../../support/smb/scripted-server.ts';

const GCM = 2;
const READING = 8;

/** A script, and the time that the client waits for it, in milliseconds. */
type Attack = Script & { readonly deadline?: number };

function linkTo(server: ScriptedServer, script: Attack): SmbLink {
  return new SmbLink({
    host: '127.0.0.1',
    port: server.port,
    deadline: script.deadline ?? 10_000,
    patience: 0,
    encryption: 'wanted',
    account: { credential: server.credential, authentication: 'ntlm' },
  });
}

/** Opens the file of a scripted server and reads all of it. */
async function readFrom(t: TestContext, script: Attack): Promise<Buffer> {
  const server = await ScriptedServer.start(script);
  t.after(() => server.close());
  const link = linkTo(server, script);
  t.after(() => link.close());
  const file = await SmbFile.open(link, 'vms', 'disk.vhdx', never);
  const into = Buffer.alloc(file.size);
  await file.read(0, into, never);
  return into;
}

const onRead =
  (change: (usual: Reply) => readonly Reply[]): NonNullable<Script['answer']> =>
  (usual, { command }) =>
    command === READING ? change(usual) : [usual];

const onFrame =
  (change: (content: Buffer) => readonly Buffer[], on = READING): NonNullable<Script['frame']> =>
  (content, { command }) =>
    command === on ? change(content) : [content];

const withStatus = ({ header }: Reply, status: number): Reply => ({
  header: { ...header, status },
  body: emptyError(),
});

const interim = (usual: Reply): Reply => ({
  header: { ...usual.header, status: 0x103, flags: 3, asyncId: 9n, credits: 0 },
  body: emptyError(),
});

for (const cipher of [0, GCM]) {
  test(`an honest server is read from, ${cipher === 0 ? 'signed' : 'encrypted'}`, async (t) => {
    assert.ok((await readFrom(t, { cipher })).equals(CONTENTS));
  });
}

test('answers that are shorter than requested are completed by more reads', async (t) => {
  const answer = onRead((usual) => {
    const { data } = READ.decodeResponse(Buffer.concat([Buffer.alloc(64), usual.body]));
    return [{ ...usual, body: READ.encodeResponse({ data: data.subarray(0, 70_001) }) }];
  });
  assert.ok((await readFrom(t, { answer })).equals(CONTENTS));
});

test('an interim response without a signature only announces the answer', async (t) => {
  const answer = onRead((usual) => [
    interim(usual),
    { ...usual, header: { ...usual.header, flags: 3, asyncId: 9n } },
  ]);
  assert.ok((await readFrom(t, { answer })).equals(CONTENTS));
});

/** What a hostile server, or somebody in between, does, and the code that it ends with. */
const ATTACKS: Readonly<Record<string, readonly [Attack, ...ErrorCode[]]>> = {
  'answers with dialect 2.1': [
    { negotiate: (usual) => ({ ...usual, dialect: 0x210, contexts: [] }) },
    'smb.dialect',
  ],
  'answers with a dialect that was not offered': [
    { negotiate: (usual) => ({ ...usual, dialect: 0x312 }) },
    'smb.dialect',
  ],
  'selects a cipher that was not offered': [
    {
      negotiate: (usual) => ({
        ...usual,
        contexts: usual.contexts.map((each) =>
          each.type === 2 ? { type: 2, data: encodeIds([77]) } : each,
        ),
      }),
    },
    'smb.answer',
  ],
  'sends no preauthentication context': [
    {
      negotiate: (usual) => ({
        ...usual,
        contexts: usual.contexts.filter(({ type }) => type !== 1),
      }),
    },
    'smb.answer',
  ],
  'reads nothing at once': [{ negotiate: (usual) => ({ ...usual, maxRead: 0 }) }, 'smb.answer'],
  'strips a context on the way': [
    {
      cipher: GCM,
      frame: onFrame((content) => {
        const altered = Buffer.from(content);
        const at = altered.indexOf(Buffer.from([2, 0, 4, 0, 0, 0, 0, 0, 1, 0, GCM, 0]));
        altered[at + 10] = 0;
        return [altered];
      }, 0),
    },
    'smb.signature',
  ],
  'lets the account in as a guest': [
    {
      answer: (usual, { command }) => {
        if (command !== 1 || usual.header.status !== 0) return [usual];
        const body = Buffer.from(usual.body);
        body.writeUInt16LE(1, 2);
        return [{ ...usual, body }];
      },
    },
    'smb.guest',
  ],
  'lets everybody in without a login': [
    {
      answer: (usual, { command }) =>
        command === 1
          ? [
              {
                header: { ...usual.header, status: 0 },
                body: Buffer.from([9, 0, 0, 0, 72, 0, 0, 0, 0]),
              },
            ]
          : [usual],
    },
    'http.auth.peer',
  ],
  'removes the signature of the last answer of the login': [
    { frame: onFrame((content) => [content.fill(0, 48, 64)], 1) },
    'smb.signature',
  ],
  'never ends the login': [
    {
      answer: (usual, { command }) =>
        command === 1 ? [{ ...usual, header: { ...usual.header, status: 0xc000_0016 } }] : [usual],
    },
    'smb.answer',
    'http.auth.token',
    'http.auth.peer',
  ],
  'alters a signed answer': [
    {
      frame: onFrame((content) => {
        const altered = Buffer.from(content);
        altered[200] = (altered[200] as number) ^ 1;
        return [altered];
      }),
    },
    'smb.signature',
  ],
  'removes a signature': [
    {
      frame: onFrame((content) => {
        const altered = Buffer.from(content);
        altered.writeUInt32LE(1, 16);
        return [altered.fill(0, 48, 64)];
      }),
    },
    'smb.unprotected',
  ],
  'alters an encrypted answer': [
    {
      cipher: GCM,
      frame: onFrame((content) => {
        const altered = Buffer.from(content);
        altered[200] = (altered[200] as number) ^ 1;
        return [altered];
      }),
    },
    'smb.signature',
  ],
  'answers an encrypted request in plain text': [
    {
      cipher: GCM,
      frame: (content, request) => {
        if (request.command !== READING) return [content];
        const header = Buffer.alloc(64);
        header.write('\u00feSMB', 0, 'latin1');
        header.writeUInt16LE(64, 4);
        header.writeUInt16LE(READING, 12);
        header.writeUInt32LE(1, 16);
        header.writeBigUInt64LE(request.messageId, 24);
        header.writeBigUInt64LE(request.sessionId, 40);
        return [Buffer.concat([header, READ.encodeResponse({ data: CONTENTS })])];
      },
    },
    'smb.unprotected',
  ],
  'answers a message that was not sent': [
    {
      answer: onRead((usual) => [
        { ...usual, header: { ...usual.header, messageId: usual.header.messageId + 1000n } },
      ]),
    },
    'smb.answer',
  ],
  'answers another command': [
    { answer: onRead((usual) => [{ ...usual, header: { ...usual.header, command: 9 } }]) },
    'smb.answer',
  ],
  'compresses an answer': [
    { frame: onFrame((content) => [Buffer.concat([Buffer.from([0xfc]), content.subarray(1)])]) },
    'smb.answer',
  ],
  'answers with SMB 1': [
    { frame: onFrame((content) => [Buffer.concat([Buffer.from([0xff]), content.subarray(1)])]) },
    'smb.answer',
  ],
  'sends more data than requested': [
    {
      answer: onRead((usual) => [
        { ...usual, body: READ.encodeResponse({ data: Buffer.alloc(CONTENTS.length + 1) }) },
      ]),
    },
    'smb.answer',
  ],
  'states more data than the message has': [
    {
      answer: onRead((usual) => {
        const body = Buffer.from(usual.body);
        body.writeUInt32LE(0x7fff_ffff, 4);
        return [{ ...usual, body }];
      }),
    },
    'smb.answer',
  ],
  'states an offset inside the header': [
    {
      answer: onRead((usual) => {
        const body = Buffer.from(usual.body);
        body.writeUInt8(16, 2);
        return [{ ...usual, body }];
      }),
    },
    'smb.answer',
  ],
  'reads no bytes, again and again': [
    {
      answer: onRead((usual) => [
        { ...usual, body: READ.encodeResponse({ data: Buffer.alloc(0) }) },
      ]),
    },
    'smb.answer',
  ],
  'cuts an answer': [{ frame: onFrame((content) => [content.subarray(0, 70)]) }, 'smb.signature'],
  'sends a frame of 16 MB': [{ frame: onFrame(() => [Buffer.alloc(0xff_ff00)]) }, 'smb.answer'],
  'sends a frame with nothing in it': [{ frame: onFrame(() => [Buffer.alloc(0)]) }, 'smb.answer'],
  'announces an answer for ever': [
    { answer: onRead((usual) => Array.from({ length: 200 }, () => interim(usual))) },
    'smb.answer',
  ],
  'announces an answer and does not send it': [
    { deadline: 1000, answer: onRead((usual) => [interim(usual)]) },
    'smb.timeout',
  ],
  'does not answer': [{ deadline: 1000, answer: onRead(() => []) }, 'smb.timeout'],
  'grants no credits': [
    {
      answer: (usual) => [{ ...usual, header: { ...usual.header, credits: 0 } }],
    },
    'smb.answer',
  ],
  'floods the client with breaks of oplocks': [
    {
      answer: onRead((usual) => [
        ...Array.from({ length: 100 }, () => ({
          ...usual,
          header: { ...usual.header, command: 18, messageId: 0xffff_ffff_ffff_ffffn },
        })),
        usual,
      ]),
    },
    'smb.answer',
  ],
  'claims without a signature that the session is gone': [
    {
      answer: onRead((usual) => [withStatus(usual, 0xc000_0203)]),
      frame: onFrame((content) => [content.fill(7, 48, 64)]),
    },
    'smb.lost',
  ],
  'closes the connection in the middle of a frame': [
    { frame: onFrame((content) => [content.subarray(0, 3)]) },
    'smb.answer',
  ],
};

for (const [name, [script, ...codes]] of Object.entries(ATTACKS)) {
  test(`a server that ${name} is left, with a code`, async (t) => {
    const began = Date.now();
    const before = process.memoryUsage().arrayBuffers;
    await assert.rejects(readFrom(t, script), (error: unknown) => {
      assert.ok(error instanceof EngineError, String(error));
      assert.ok(codes.includes(error.code), `${error.code}: ${error.message}`);
      return true;
    });
    assert.ok(Date.now() - began < 20_000, 'in bounded time');
    assert.ok(process.memoryUsage().arrayBuffers - before < 96 * 2 ** 20, 'in bounded memory');
  });
}

test('a replayed answer is not taken for the next one: the connection ends', async (t) => {
  const server = await ScriptedServer.start({ frame: onFrame((content) => [content, content]) });
  t.after(() => server.close());
  const link = linkTo(server, {});
  t.after(() => link.close());
  const file = await SmbFile.open(link, 'vms', 'disk.vhdx', never);
  const { connection } = await link.session(never);
  const into = Buffer.alloc(1000);
  await file.read(0, into, never);
  assert.ok(into.equals(CONTENTS.subarray(0, 1000)));
  while (connection.ended === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(connection.ended instanceof EngineError && connection.ended.code === 'smb.answer');
});

test('a list of files without end is given up within bounds of memory', async (t) => {
  const entry = { name: 'n'.repeat(1000), facts: NO_FACTS, id: 1n };
  const output = Buffer.concat(Array.from({ length: 100 }, (_, n) => encodeEntry(entry, n === 99)));
  let asked = 0;
  const server = await ScriptedServer.start({
    answer: (usual, { command }) => {
      if (command !== QUERY_DIRECTORY.code) return [usual];
      asked++;
      return [{ ...usual, body: QUERY_DIRECTORY.encodeResponse({ output }) }];
    },
  });
  t.after(() => server.close());
  const link = linkTo(server, {});
  t.after(() => link.close());
  await assert.rejects(link.list('vms', '', never), { code: 'smb.answer' });
  assert.ok(asked * output.length < 40 * 2 ** 20, `${asked} answers`);
});
