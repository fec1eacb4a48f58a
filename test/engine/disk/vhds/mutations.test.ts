import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import { checkSet } from '../../../../src/engine/disk/vhds/check-set.ts';
import { readSet } from '../../../../src/engine/disk/vhds/read-set.ts';
import { surveySet } from '../../../../src/engine/disk/vhds/survey-set.ts';
import { describeDefect } from '../../../../src/engine/disk/inspect/defect.ts';
import type { ByteSource } from '../../../../src/engine/source/byte-source.ts';
import { checkRead } from '../../../../src/engine/source/read-check.ts';
import { soundSet, VhdsVictim } from '../../../support/disk/findings/vhds-victim.ts';
import { random, type Random } from '../../../support/smb/mutate.ts';

/** Changed files; `npm run fuzz:rsvd` makes it a million. */
const ROUNDS = Number(process.env['REFPOINT_VHDS_MUTATIONS'] ?? 4000);
const SEED = Number(process.env['REFPOINT_RSVD_SEED'] ?? 1);
/** Processor time that a file may take, in milliseconds, and bytes that it may take. */
const SLOWEST = 1000;
const MOST_BYTES = 32 * 2 ** 20;
/** Every so many files the folder is asked for the backing file, which costs most of the time. */
const LOOKS = 64;

/** A file whose readers may not read past its end, nor much at once. */
class WatchedFile implements ByteSource {
  readonly name = '/nowhere/set.vhds';
  readonly size: number;
  readonly #bytes: Uint8Array;
  readBytes = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.size = bytes.length;
  }

  read(offset: number, into: Uint8Array): Promise<void> {
    checkRead(this, offset, into.length);
    this.readBytes += into.length;
    assert.ok(into.length <= 64 * 1024, `one read of ${into.length} bytes`);
    into.set(this.#bytes.subarray(offset, offset + into.length));
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const FIELDS: readonly (readonly [at: number, width: 4 | 8])[] = [
  [4, 4],
  [8, 8],
  [16, 4],
  [24, 4],
  [28, 4],
  [32, 4],
];
const NASTY = [0, 1, 2, 3, 8, 509, 510, 512, 0x4_0000, 0x4_0fff, 0x7fff_ffff, 0xffff_ffff] as const;
const NAMES = ['..', 'a\\b', 'C:x', '', 'x\0y', '\u202Ename', 'a'.repeat(255), '/etc'] as const;

/** Changes fields of the headers with their checksums right, the name, or any bytes; cuts the file. */
function mutate(victim: VhdsVictim, next: Random): Uint8Array {
  for (let n = next(3) + 1; n > 0; n--) {
    const [at, width] = FIELDS[next(FIELDS.length)] ?? [28, 4];
    const kind = next(4);
    if (kind === 0) victim.header(at, NASTY[next(NASTY.length)] ?? 0, width);
    else if (kind === 1) victim.name(NAMES[next(NAMES.length)] ?? '');
    else if (kind === 2) {
      victim.put((next(2) + 1) * 0x1_0000 + at, NASTY[next(NASTY.length)] ?? 0, width);
    } else victim.bytes[next(victim.bytes.length)] = next(256);
  }
  return next(5) === 0 ? victim.bytes.subarray(0, next(victim.bytes.length + 1)) : victim.bytes;
}

test('VHD Sets that were changed anywhere are read, or their defects are named', async () => {
  const next = random(SEED);
  const pristine = soundSet().bytes;
  const scratch = new Uint8Array(pristine.length);
  let [named, unnamed, slowest] = [0, 0, 0];
  const before = process.memoryUsage().arrayBuffers;
  for (let round = 0; round < ROUNDS; round++) {
    scratch.set(pristine);
    const file = new WatchedFile(mutate(new VhdsVictim(scratch), next));
    const where = `round ${round}, seed ${SEED}`;
    const began = process.cpuUsage();
    const { backing, defects } = await readSet(file, never);
    if (backing === undefined) {
      unnamed++;
      assert.ok(defects.length > 0, where);
    } else {
      named++;
      assert.doesNotMatch(backing, /[\\/:\0]/, where);
      assert.notEqual(backing, '..');
      assert.ok(backing.length > 0 && backing.length <= 255, where);
    }
    for (const defect of defects) assert.notEqual(describeDefect(defect), '', where);
    assert.ok(file.readBytes <= file.size + 64 * 1024, `${file.readBytes} bytes read: ${where}`);
    if (round % LOOKS === 0) await examine(file);
    const { user, system } = process.cpuUsage(began);
    slowest = Math.max(slowest, (user + system) / 1000);
  }
  assert.ok(named > ROUNDS / 20 && unnamed > ROUNDS / 20, `${named} named, ${unnamed} not`);
  assert.ok(slowest < SLOWEST, `one took ${slowest} ms`);
  assert.ok(process.memoryUsage().arrayBuffers - before < MOST_BYTES, 'bounded memory');
});

/** Checks and surveys a set, whose backing file is not there. */
async function examine(file: ByteSource): Promise<void> {
  try {
    for await (const defect of checkSet(file, never)) assert.notEqual(describeDefect(defect), '');
    const survey = await surveySet(file, {}, never);
    assert.ok(survey.problems.length > 0, 'the backing file is missing');
  } catch (error) {
    assert.ok(isEngineError(error), String(error));
  }
}
