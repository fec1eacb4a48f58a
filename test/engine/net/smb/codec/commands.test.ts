import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMANDS } from '../../../../../src/engine/net/smb/codec/commands.ts';
import { decodeCreateContexts } from '../../../../../src/engine/net/smb/codec/files/create-contexts.ts';
import { createContexts } from '../../../../../src/engine/net/smb/codec/files/create-context-kinds.ts';
import { splitChain } from '../../../../../src/engine/net/smb/codec/protocol/compound.ts';
import { FLAG } from '../../../../../src/engine/net/smb/codec/protocol/constants.ts';
import { HEADER_BYTES } from '../../../../../src/engine/net/smb/codec/protocol/fields.ts';
import {
  decodeHeader,
  encodeHeader,
  encodeMessage,
  type SmbHeader,
} from '../../../../../src/engine/net/smb/codec/protocol/header.ts';
import type { SmbCommand } from '../../../../../src/engine/net/smb/codec/protocol/command.ts';
import { linkChain } from '../../../../support/smb/link-chain.ts';
import { hasErrorBody } from '../../../../support/smb/wire/error-body.ts';
import { isEngineError } from '../../../../../src/engine/base/errors.ts';
import { knownSessions } from '../../../../support/smb/known-sessions.ts';

type AnyCommand = SmbCommand<unknown, unknown>;

const commandOf = (code: number): AnyCommand => COMMANDS[code] as unknown as AnyCommand;

/** Every plain message that was recorded between smbclient and Samba, compounds taken apart. */
const recorded = knownSessions().flatMap(({ name, messages }) =>
  messages
    .filter(({ bytes }) => bytes[0] === 0xfe)
    .flatMap(({ from, bytes }, at) =>
      splitChain(bytes, from === 'client' ? 'smb.request' : 'smb.answer').map(
        ({ header, bytes: message }) => ({ label: `${name} ${at}`, from, header, message }),
      ),
    ),
);

test('headers that were recorded are encoded as they were', () => {
  assert.ok(recorded.length >= 200, `only ${recorded.length} messages`);
  for (const { label, header, message } of recorded) {
    const again = encodeHeader(header);
    message.copy(again, 48, 48, 64);
    // Servers repeat the process id of the client in the reserved field.
    message.copy(again, 32, 32, header.asyncId === undefined ? 36 : 32);
    assert.deepEqual(again, message.subarray(0, HEADER_BYTES), label);
  }
});

test('requests and responses that were recorded keep their meaning when they are encoded again', () => {
  const seen = new Set<string>();
  for (const { label, from, header, message } of recorded) {
    if (from === 'server' && header.status !== 0 && hasErrorBody(message)) {
      const isSetup = header.command === 1 && header.status === 0xc000_0016;
      if (!isSetup) continue;
    }
    const command = commandOf(header.command);
    seen.add(`${command.name} of the ${from}`);
    if (from === 'client') {
      const value = command.decodeRequest(message);
      const again = encodeMessage(header, command.encodeRequest(value));
      assert.deepEqual(command.decodeRequest(again), value, `${label} ${command.name}`);
    } else {
      const value = command.decodeResponse(message);
      const again = encodeMessage(header, command.encodeResponse(value));
      assert.deepEqual(command.decodeResponse(again), value, `${label} ${command.name}`);
    }
  }
  assert.ok(seen.size >= 19, [...seen].join(', '));
});

test('a message that is cut anywhere fails with the code of its sender, and nothing else', () => {
  for (const { from, header, message } of recorded) {
    const command = commandOf(header.command);
    for (let length = 0; length < message.length; length += length < 200 ? 1 : 97) {
      const cut = message.subarray(0, length);
      try {
        if (from === 'client') command.decodeRequest(cut);
        else command.decodeResponse(cut);
      } catch (error) {
        const code = from === 'client' ? 'smb.request' : 'smb.answer';
        assert.ok(
          isEngineError(error, code),
          `${command.name} of ${length} bytes: ${String(error)}`,
        );
      }
    }
  }
});

const HEADER: SmbHeader = {
  creditCharge: 1,
  status: 0,
  command: 13,
  credits: 1,
  flags: 0,
  nextCommand: 0,
  messageId: 7n,
  treeId: 5,
  sessionId: 9n,
};

test('a compound is linked and split into the same messages', () => {
  const echo = encodeMessage(HEADER, Buffer.from([4, 0, 0, 0]));
  const frame = Buffer.concat(linkChain([echo, echo, echo]));
  const chain = splitChain(frame, 'smb.request');
  assert.deepEqual(
    chain.map(({ header, bytes }) => [header.nextCommand, bytes.length]),
    [
      [72, 72],
      [72, 72],
      [0, 68],
    ],
  );
});

test('a compound whose next message lies outside, inside its own header or at an odd place is rejected', () => {
  for (const next of [8, 63, 65, 72, 1 << 30]) {
    const frame = encodeMessage({ ...HEADER, nextCommand: next }, Buffer.from([4, 0, 0, 0]));
    assert.throws(
      () => splitChain(frame, 'smb.answer'),
      (error: unknown) => isEngineError(error, 'smb.answer'),
      String(next),
    );
  }
});

test('a compound of more messages than anybody needs is rejected', () => {
  const echo = encodeMessage(HEADER, Buffer.from([4, 0, 0, 0]));
  const frame = Buffer.concat(linkChain(Array.from({ length: 129 }, () => echo)));
  assert.throws(
    () => splitChain(frame, 'smb.request'),
    (error: unknown) => isEngineError(error, 'smb.request'),
  );
});

test('an asynchronous header has an id instead of a tree', () => {
  const header = { ...HEADER, flags: FLAG.async | FLAG.response, asyncId: 0x1234_5678_9abcn };
  assert.deepEqual(decodeHeader(encodeHeader(header), 'smb.answer'), { ...header, treeId: 0 });
});

test('contexts of an open that form a loop, or lead outside, are rejected', () => {
  const [first] = [createContexts.maximalAccess()];
  const list = Buffer.alloc(48);
  list.write(first.name, 16, 'latin1');
  list.writeUInt16LE(16, 4);
  list.writeUInt16LE(4, 6);
  for (const next of [8, 12, 17, 48, 0xffff_fff8]) {
    list.writeUInt32LE(next, 0);
    assert.throws(
      () => decodeCreateContexts(list, 'smb.request'),
      (error: unknown) => isEngineError(error, 'smb.request'),
      String(next),
    );
  }
});

const FILE = { persistent: 0x1122_3344_5566_7788n, volatile: 0x99aa_bbcc_ddee_ff00n };

/** Requests and responses that smbclient did not send, with unusual values in every field. */
const SAMPLES: readonly (readonly [code: number, request: unknown, response: unknown])[] = [
  [2, {}, {}],
  [7, { fileId: FILE }, {}],
  [
    8,
    { flags: 1, length: 0x10_0000, offset: 2n ** 60n, fileId: FILE, minimum: 17 },
    { data: Buffer.from('some bytes of a file') },
  ],
  [
    9,
    { offset: 2n ** 50n, fileId: FILE, flags: 1, data: Buffer.from('bytes to write') },
    { count: 14 },
  ],
  [
    10,
    {
      sequence: 3,
      fileId: FILE,
      locks: [
        { offset: 1n, length: 2n ** 63n, flags: 2 },
        { offset: 5n, length: 6n, flags: 17 },
      ],
    },
    {},
  ],
  [12, {}, {}],
  [13, {}, {}],
  [
    15,
    { flags: 1, maxOutput: 4096, fileId: FILE, filter: 0xfff },
    { output: Buffer.from('changes') },
  ],
  [17, { infoType: 1, infoClass: 13, additional: 4, fileId: FILE, input: Buffer.from([1]) }, {}],
  [18, { oplock: 1, fileId: FILE }, { oplock: 0, fileId: FILE }],
];

test('each other command keeps the meaning of every field', () => {
  for (const [code, request, response] of SAMPLES) {
    const command = commandOf(code);
    const header = { ...HEADER, command: code };
    assert.deepEqual(
      command.decodeRequest(encodeMessage(header, command.encodeRequest(request))),
      request,
      `${command.name} request`,
    );
    assert.deepEqual(
      command.decodeResponse(encodeMessage(header, command.encodeResponse(response))),
      response,
      `${command.name} response`,
    );
  }
});
