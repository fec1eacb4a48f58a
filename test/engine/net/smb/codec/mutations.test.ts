import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEngineError } from '../../../../../src/engine/base/errors.ts';
import { COMMANDS } from '../../../../../src/engine/net/smb/codec/commands.ts';
import { decodeEntries } from '../../../../../src/engine/net/smb/codec/queries/directory-entries.ts';
import type { SmbCommand } from '../../../../../src/engine/net/smb/codec/protocol/command.ts';
import { splitChain } from '../../../../../src/engine/net/smb/codec/protocol/compound.ts';
import {
  decodeTransform,
  TRANSFORM_BYTES,
} from '../../../../../src/engine/net/smb/codec/protocol/transform.ts';
import { decodeError } from '../../../../support/smb/wire/error-body.ts';
import { decodeReadHead } from '../../../../../src/engine/net/smb/codec/files/read.ts';
import { SessionProtection } from '../../../../../src/engine/net/smb/crypto/session-protection.ts';
import { knownSessions, type KnownSession } from '../../../../support/smb/known-sessions.ts';
import { mutate, random } from '../../../../support/smb/mutate.ts';

/** Mutated messages in each direction; long runs set more. */
const ROUNDS = Number(process.env['REFPOINT_SMB_MUTATIONS'] ?? 20_000);
const SEED = Number(process.env['REFPOINT_SMB_SEED'] ?? 1);
/** Processor time that a message may take, in milliseconds: the machine may be busy. */
const SLOWEST = 1000;

type AnyCommand = SmbCommand<unknown, unknown>;

/** Plain messages of all sessions: those that were encrypted are decrypted. */
function corpusOf(from: 'client' | 'server'): Buffer[] {
  return knownSessions().flatMap((session) =>
    session.messages
      .filter((each) => each.from === from)
      .map(({ bytes }) => (bytes[0] === 0xfd ? decrypted(session, from, bytes) : bytes)),
  );
}

function decrypted(session: KnownSession, from: 'client' | 'server', bytes: Buffer): Buffer {
  const protection = new SessionProtection({
    side: from === 'client' ? 'server' : 'client',
    sessionId: 0n,
    dialect: session.dialect,
    sessionKey: session.sessionKey,
    preauthHash: session.preauthHash,
    cipher: session.cipherId,
    signing: session.signing,
  });
  const header = decodeTransform(bytes, bytes.length, 'smb.answer');
  return Buffer.concat(protection.decrypt(bytes, header, [bytes.subarray(TRANSFORM_BYTES)]));
}

for (const from of ['client', 'server'] as const) {
  test(`a message of a ${from} that was changed anywhere is decoded, or rejected with a code`, () => {
    const corpus = corpusOf(from);
    assert.ok(corpus.length >= 100, `${corpus.length} messages`);
    const code = from === 'client' ? 'smb.request' : 'smb.answer';
    const next = random(SEED);
    let rejected = 0;
    let slowest = 0;
    const before = process.memoryUsage().arrayBuffers;
    for (let round = 0; round < ROUNDS; round++) {
      const mutated = mutate(corpus[next(corpus.length)] as Buffer, next);
      const began = process.cpuUsage();
      try {
        decodeWhole(mutated, from);
      } catch (error) {
        rejected++;
        const bytes = mutated.toString('hex');
        assert.ok(isEngineError(error, code), `${String(error)}: seed ${SEED}, ${bytes}`);
      }
      const { user, system } = process.cpuUsage(began);
      slowest = Math.max(slowest, (user + system) / 1000);
    }
    assert.ok(rejected > ROUNDS / 100, `only ${rejected} of ${ROUNDS} were rejected`);
    assert.ok(rejected < ROUNDS * 0.95, `${rejected} of ${ROUNDS} were rejected`);
    assert.ok(slowest < SLOWEST, `one took ${slowest} ms`);
    assert.ok(process.memoryUsage().arrayBuffers - before < 64 * 2 ** 20, 'bounded memory');
  });
}

function decodeWhole(bytes: Buffer, from: 'client' | 'server'): void {
  const sender = from === 'client' ? 'smb.request' : 'smb.answer';
  for (const { header, bytes: message } of splitChain(bytes, sender)) {
    const command = COMMANDS[header.command] as unknown as AnyCommand | undefined;
    if (command === undefined) continue;
    if (from === 'client') {
      command.decodeRequest(message);
      continue;
    }
    if (header.status >>> 30 === 3 && header.command !== 1) {
      decodeError(message);
      continue;
    }
    const response = command.decodeResponse(message);
    if (command.name === 'READ') decodeReadHead(message, message.length);
    if (command.name === 'QUERY_DIRECTORY') {
      decodeEntries((response as { readonly output: Buffer }).output);
    }
  }
}
