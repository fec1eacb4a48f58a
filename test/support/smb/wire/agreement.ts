import assert from 'node:assert/strict';
import { join } from 'node:path';
import { assertSameFields, decodeFrame } from './compare.ts';
import { openSession } from './open-session.ts';
import { writePcap, type SeenFrame } from './pcap.ts';
import { dissect, type KnownKey } from './tshark.ts';

/** Frames of one connection with one session. */
export interface RecordedSession {
  readonly name: string;
  readonly frames: readonly SeenFrame[];
  readonly key: KnownKey;
}

export interface Agreement {
  /** Kinds of messages that occurred, such as `READ request`. */
  readonly kinds: ReadonlySet<string>;
  readonly fields: number;
}

/**
 * Asserts that our decoder and tshark see the same in all sessions, that tshark finds nothing
 * malformed, and that every signature is right.
 */
export async function assertAgreement(
  tshark: string,
  folder: string,
  sessions: readonly RecordedSession[],
): Promise<Agreement> {
  const path = join(folder, 'sessions.pcap');
  await writePcap(
    path,
    sessions.map(({ frames }) => frames),
  );
  const theirs = await dissect(
    tshark,
    path,
    sessions.map(({ key }) => key),
  );
  assert.deepEqual(theirs.malformed, [], 'packets that tshark calls malformed');
  assert.equal(theirs.sealed, 0, 'frames that tshark could not decrypt');
  const ours = sessions.flatMap(({ name, frames, key }) =>
    openSession(frames, key).flatMap(({ from, bytes }, at) =>
      decodeFrame(bytes, from).map((decoded) => ({ decoded, where: `${name}, frame ${at}` })),
    ),
  );
  assert.equal(ours.length, theirs.messages.length);
  let fields = 0;
  const kinds = new Set<string>();
  for (const [at, { decoded, where }] of ours.entries()) {
    kinds.add(decoded.name);
    fields += assertSameFields(decoded, theirs.messages[at] ?? new Map(), where);
  }
  return { kinds, fields };
}
