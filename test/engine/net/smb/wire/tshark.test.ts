import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  decodeTransform,
  TRANSFORM_BYTES,
} from '../../../../../src/engine/net/smb/codec/protocol/transform.ts';
import { SessionProtection } from '../../../../../src/engine/net/smb/crypto/session-protection.ts';
import { temporaryFolder } from '../../../../support/files/temporary-folder.ts';
import { peer } from '../../../../support/process/peers.ts';
import { knownSessions, type KnownSession } from '../../../../support/smb/known-sessions.ts';
import { assertSameFields, decodeFrame } from '../../../../support/smb/wire/compare.ts';
import { readPcap, writePcap, type SeenFrame } from '../../../../support/smb/wire/pcap.ts';
import { dissect } from '../../../../support/smb/wire/tshark.ts';

function sessionIdOf({ messages }: KnownSession): Buffer {
  const answer = messages.find(({ from, bytes }) => from === 'server' && bytes[12] === 1);
  return Buffer.from((answer as SeenFrame).bytes.subarray(40, 48));
}

function plainOf(session: KnownSession, { from, bytes }: SeenFrame): Buffer {
  if (bytes[0] !== 0xfd) return bytes;
  const protection = new SessionProtection({
    side: from === 'client' ? 'server' : 'client',
    sessionId: sessionIdOf(session).readBigUInt64LE(),
    dialect: session.dialect,
    sessionKey: session.sessionKey,
    preauthHash: session.preauthHash,
    cipher: session.cipherId,
    signing: session.signing,
  });
  const header = decodeTransform(bytes, bytes.length, 'smb.answer');
  return Buffer.concat(protection.decrypt(bytes, header, [bytes.subarray(TRANSFORM_BYTES)]));
}

test('our decoder and tshark agree on every field of the recorded sessions, decrypted', async (t) => {
  const tshark = peer(t, 'tshark');
  if (tshark === undefined) return;
  const sessions = knownSessions();
  const path = join(await temporaryFolder(t), 'sessions.pcap');
  await writePcap(
    path,
    sessions.map(({ messages }) => messages),
  );
  const keys = sessions.map((each) => ({
    sessionId: sessionIdOf(each),
    sessionKey: each.sessionKey,
  }));
  const seen = await dissect(tshark, path, keys);
  assert.deepEqual(seen.malformed, []);
  assert.equal(seen.sealed, 0);
  const ours = sessions.flatMap((session) =>
    session.messages.flatMap((each, at) =>
      decodeFrame(plainOf(session, each), each.from).map((decoded) => ({
        decoded,
        where: `${session.name} ${at}`,
      })),
    ),
  );
  assert.equal(ours.length, seen.messages.length);
  let compared = 0;
  for (const [at, { decoded, where }] of ours.entries()) {
    const theirs = seen.messages[at];
    assert.ok(theirs !== undefined);
    compared += assertSameFields(decoded, theirs, where);
  }
  assert.ok(compared > 3500, `${compared} fields`);
});

test('our decoder and tshark agree on opens and controls of shared disks', async (t) => {
  const tshark = peer(t, 'tshark');
  if (tshark === undefined) return;
  const fixture = new URL('../../../../support/smb/wire/rsvd-synthetic.pcap', import.meta.url);
  const frames = readPcap(readFileSync(fixture));
  assert.equal(frames.length, 34);
  const path = join(await temporaryFolder(t), 'rsvd.pcap');
  await writePcap(path, [frames]);
  const { messages } = await dissect(tshark, path);
  assert.equal(messages.length, frames.length);
  let compared = 0;
  for (const [at, { from, bytes }] of frames.entries()) {
    const [decoded] = decodeFrame(bytes, from);
    assert.ok(decoded !== undefined);
    compared += assertSameFields(decoded, messages[at] ?? new Map(), `frame ${at}`);
  }
  assert.ok(compared > 400, `${compared} fields`);
});
