import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { ErrorCode } from '../../../../../src/engine/api/codes.ts';
import { never } from '../../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../../src/engine/base/errors.ts';
import { SmbFile } from '../../../../../src/engine/net/smb/client/link/smb-file.ts';
import type { SmbEncryption } from '../../../../../src/engine/net/smb/client/session/smb-session.ts';
import { afterwards } from '../../../../support/checks/afterwards.ts';
import { peer } from '../../../../support/process/peers.ts';
import { linkTo } from '../../../../support/smb/samba-link.ts';
import { SambaServer } from '../../../../support/smb/samba-server.ts';
import {
  COMMAND,
  commandOf,
  errorTo,
  withCapabilities,
  withContexts,
  withDialects,
} from '../../../../support/smb/wire/forge.ts';
import { editFrames, type EditFrame } from '../../../../support/smb/wire/frame-editor.ts';
import { Relay } from '../../../../support/smb/wire/relay.ts';

/** Four answers of 1 MiB. */
const DATA = randomBytes(4 * 2 ** 20);

/** Changes the answers to one command. */
const onAnswer =
  (command: number, change: (content: Buffer) => readonly Buffer[]): EditFrame =>
  ({ from, bytes }) =>
    from === 'server' && commandOf(bytes) === command ? change(Buffer.from(bytes)) : [bytes];

/** Changes encrypted answers; the first are those of the login and the share. */
const onSealed =
  (change: (content: Buffer) => readonly Buffer[]): EditFrame =>
  ({ from, bytes, index }) =>
    from === 'server' && bytes[0] === 0xfd && index > 5 ? change(Buffer.from(bytes)) : [bytes];

const onNegotiate =
  (from: 'client' | 'server', change: (content: Buffer) => Buffer): EditFrame =>
  (frame) =>
    frame.from === from && commandOf(frame.bytes) === COMMAND.negotiate
      ? [change(frame.bytes)]
      : [frame.bytes];

const flip = (at: number) => (content: Buffer) => {
  content[at] = (content[at] as number) ^ 1;
  return [content];
};

const both =
  (one: EditFrame, other: EditFrame): EditFrame =>
  (frame) =>
    one(frame).flatMap((bytes) => other({ ...frame, bytes }));

interface Attack {
  readonly edit: EditFrame;
  readonly encryption?: SmbEncryption;
  readonly codes: readonly ErrorCode[];
}

const late302 = onNegotiate('client', (content) => withDialects(content, [0x300, 0x302]));

const ATTACKS: Readonly<Record<string, Attack>> = {
  'strips all dialects but 2.1 from the request': {
    edit: onNegotiate('client', (content) => withDialects(content, [0x210])),
    codes: ['smb.dialect'],
  },
  'strips 3.1.1 from the request, so that the hash of the login is not used': {
    edit: late302,
    codes: ['smb.downgrade'],
  },
  'strips 3.1.1, and encryption from the answer': {
    edit: both(
      late302,
      onNegotiate('server', (content) => withCapabilities(content, (all) => all & ~0x40)),
    ),
    codes: ['smb.downgrade'],
  },
  'strips the ciphers from the request': {
    edit: onNegotiate('client', (content) => withContexts(content, (each) => each.type !== 2)),
    codes: ['smb.signature'],
  },
  'strips the ciphers from the request of a client that must encrypt': {
    edit: onNegotiate('client', (content) => withContexts(content, (each) => each.type !== 2)),
    encryption: 'required',
    codes: ['smb.encryption'],
  },
  'strips the cipher from the answer': {
    edit: onNegotiate('server', (content) => withContexts(content, (each) => each.type !== 2)),
    codes: ['smb.signature'],
  },
  'strips the signing algorithms from the request': {
    edit: onNegotiate('client', (content) => withContexts(content, (each) => each.type !== 8)),
    codes: ['smb.signature'],
  },
  'strips the signing algorithm from the answer': {
    edit: onNegotiate('server', (content) => withContexts(content, (each) => each.type !== 8)),
    codes: ['smb.signature'],
  },
  'claims that signing is not required': {
    edit: onNegotiate('server', (content) => {
      const changed = Buffer.from(content);
      changed.writeUInt16LE(1, 64 + 2);
      return changed;
    }),
    codes: ['smb.signature'],
  },
  'alters a byte of a signed answer': {
    edit: onAnswer(COMMAND.read, flip(1000)),
    encryption: 'off',
    codes: ['smb.signature'],
  },
  'alters the status of a signed answer': {
    edit: onAnswer(COMMAND.create, (content) => {
      content.writeUInt32LE(0xc000_0034, 8);
      return [content];
    }),
    encryption: 'off',
    codes: ['smb.signature'],
  },
  'alters a byte of an encrypted answer': { edit: onSealed(flip(1000)), codes: ['smb.signature'] },
  'alters the header of an encrypted answer': {
    edit: onSealed(flip(25)),
    codes: ['smb.signature'],
  },
  'names another session in an encrypted answer': {
    edit: onSealed(flip(44)),
    codes: ['smb.answer'],
  },
  'truncates a signed answer': {
    edit: onAnswer(COMMAND.read, (content) => [content.subarray(0, content.length - 1)]),
    encryption: 'off',
    codes: ['smb.signature'],
  },
  'truncates an encrypted answer': {
    edit: onSealed((content) => [content.subarray(0, content.length - 1)]),
    codes: ['smb.answer'],
  },
  'removes the signature of an answer': {
    edit: onAnswer(COMMAND.read, (content) => {
      content.writeUInt32LE(content.readUInt32LE(16) & ~8, 16);
      return [content.fill(0, 48, 64)];
    }),
    encryption: 'off',
    codes: ['smb.unprotected'],
  },
  'removes the signature of the last answer of the login': {
    edit: onAnswer(COMMAND.sessionSetup, (content) => {
      if (content.readUInt32LE(8) !== 0) return [content];
      content.writeUInt32LE(content.readUInt32LE(16) & ~8, 16);
      return [content.fill(0, 48, 64)];
    }),
    codes: ['smb.signature'],
  },
  'answers a second time with what was answered before': {
    edit: onAnswer(COMMAND.read, (content) => [content, content]),
    encryption: 'off',
    codes: ['smb.answer'],
  },
  'answers an encrypted answer a second time': {
    edit: onSealed((content) => [content, content]),
    codes: ['smb.answer'],
  },
  'lets the account in before it has proven anything': {
    edit: onAnswer(COMMAND.sessionSetup, (content) => {
      content.writeUInt32LE(0, 8);
      return [content];
    }),
    codes: ['smb.guest'],
  },
  'lets the account in as a guest': {
    edit: onAnswer(COMMAND.sessionSetup, (content) => {
      if (content.readUInt32LE(8) === 0) content.writeUInt16LE(1, 64 + 2);
      return [content];
    }),
    codes: ['smb.guest'],
  },
  'sends the client to another server': {
    edit: onAnswer(COMMAND.treeConnect, (content) => [errorTo(content, 0xc000_0257)]),
    encryption: 'off',
    codes: ['smb.unprotected'],
  },
  'sends the client to another file': {
    edit: onAnswer(COMMAND.create, (content) => [errorTo(content, 0x8000_002d)]),
    encryption: 'off',
    codes: ['smb.unprotected'],
  },
};

async function sambaWithDisk(t: TestContext): Promise<SambaServer | undefined> {
  if (['smbd', 'smbpasswd'].some((name) => peer(t, name) === undefined)) return undefined;
  // Without interim responses every frame of the server is an answer.
  const server = await SambaServer.start({ more: ['aio read size = 0'] });
  afterwards(t, () => server.close());
  writeFileSync(join(server.share, 'disk.vhdx'), DATA);
  return server;
}

async function readThrough(
  t: TestContext,
  server: SambaServer,
  { edit, encryption = 'wanted' }: Pick<Attack, 'edit' | 'encryption'>,
): Promise<Buffer> {
  const relay = await Relay.start({ port: server.port, edit: editFrames(edit) });
  afterwards(t, () => relay.close());
  const link = linkTo(server, { port: relay.port, encryption, patience: 0 });
  afterwards(t, () => link.close());
  const file = await SmbFile.open(link, 'data', 'disk.vhdx', never);
  const into = Buffer.alloc(file.size);
  await file.read(0, into, never);
  await file.read(0, into, never);
  return into;
}

test('somebody between our client and Samba is found out, with a code', async (t) => {
  const server = await sambaWithDisk(t);
  if (server === undefined) return;
  for (const [name, attack] of Object.entries(ATTACKS)) {
    await t.test(`who ${name}`, async (t) => {
      await assert.rejects(readThrough(t, server, attack), (error: unknown) => {
        assert.ok(isEngineError(error, ...attack.codes), String(error));
        return true;
      });
    });
  }
});

test('answers in another order are not mixed up', async (t) => {
  const server = await sambaWithDisk(t);
  if (server === undefined) return;
  for (const encryption of ['off', 'wanted'] as const) {
    let held: Buffer | undefined;
    let swapped = 0;
    let open = 0;
    const edit: EditFrame = ({ from, bytes }) => {
      open += from === 'client' ? 1 : -1;
      if (from === 'client') return [bytes];
      const late = held === undefined ? [] : [held];
      swapped += bytes.length > 60_000 ? late.length : 0;
      const hasData = bytes.length > 60_000;
      held = late.length === 0 && open > 0 && hasData ? bytes : undefined;
      return held === undefined ? [bytes, ...late] : [];
    };
    assert.ok((await readThrough(t, server, { edit, encryption })).equals(DATA), encryption);
    assert.ok(swapped >= 2, `${swapped} swapped`);
  }
});
