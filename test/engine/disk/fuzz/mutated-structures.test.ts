import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import { describeDefect } from '../../../../src/engine/disk/inspect/defect.ts';
import { changeValue } from '../../../support/disk/fuzz/changed-value.ts';
import { qcow2Parsers, setParser, vhdParsers } from '../../../support/disk/fuzz/other-parsers.ts';
import { FILE_SIZE, type StructureParser } from '../../../support/disk/fuzz/structure-parser.ts';
import { vhdxParsers } from '../../../support/disk/fuzz/vhdx-parsers.ts';
import { generator } from '../../../support/files/crash-recorder.ts';
import { SEED as USUAL_SEED } from '../../../support/process/all-cases.ts';

/** Inputs over all structures. */
const INPUTS = Number(process.env['REFPOINT_FUZZ_STRUCTURES'] ?? 13_000);
const SEED = Number(process.env['REFPOINT_FUZZ_SEED'] ?? USUAL_SEED);
/** Inputs between two looks at the clock. */
const BATCH = 256;
const MIB = 2 ** 20;

const parsers = [
  ...(await vhdxParsers()),
  ...(await vhdParsers()),
  ...(await qcow2Parsers()),
  setParser(),
];
const each = Math.ceil(INPUTS / parsers.length);

for (const [i, parser] of parsers.entries()) {
  test(`${parser.name}: changed values give an answer, defects in words, or a coded error, soon (REFPOINT_FUZZ_SEED=${SEED})`, (t) => {
    assert.deepEqual(codesOf(parser, parser.bytes.slice()), [], 'the sound one has defects');
    const outcomes = new Map<string, number>();
    const scratch = new Uint8Array(parser.bytes.length);
    for (let run = 0; run < each; run += BATCH) {
      const began = process.cpuUsage();
      for (let n = run; n < Math.min(run + BATCH, each); n++) {
        const random = generator((SEED + i * 7919 + n * 104_729) % 2 ** 31);
        const changed = changedIn(scratch, parser, random);
        try {
          const codes = codesOf(parser, changed);
          const outcome = codes.join(' ') || 'sound';
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        } catch (error) {
          throw new Error(`seed ${SEED}, run ${n}`, { cause: error });
        }
      }
      const { user, system } = process.cpuUsage(began);
      assert.ok(user + system < 1_000_000 + BATCH * 1000, `runs from ${run} took too long`);
      assert.ok(process.memoryUsage().rss < 1024 * MIB, `runs from ${run} took too much memory`);
    }
    t.diagnostic(`${each} inputs, ${outcomes.size} outcomes`);
    assert.ok(outcomes.size > 1, 'no change was noticed');
  });
}

/** @param scratch as long as the structure; what it held before is gone */
function changedIn(
  scratch: Uint8Array,
  { bytes, hot, bigEndian, seal }: StructureParser,
  random: () => number,
): Uint8Array {
  scratch.set(bytes);
  const changes = 1 + Math.floor(random() ** 2 * 5);
  for (let n = 0; n < changes; n++) {
    const width = 2 ** Math.floor(random() * 4);
    const at = Math.floor((random() * hot) / width) * width;
    if (at + width <= scratch.length) changeValue(scratch, at, width, bigEndian, FILE_SIZE, random);
  }
  if (random() < 0.85) seal?.(scratch);
  // Cut off inside the structure, as the end of a file does.
  return random() < 0.06 ? scratch.subarray(0, Math.floor(random() * scratch.length)) : scratch;
}

/** Returns the codes of the defects, each of which can be told; or the code of the error. */
function codesOf(parser: StructureParser, bytes: Uint8Array): readonly string[] {
  try {
    return parser.parse(bytes).flatMap((defect) => {
      if (defect === undefined) return [];
      assert.notEqual(describeDefect(defect), '');
      return [defect.code];
    });
  } catch (error) {
    if (isEngineError(error)) return [error.code];
    throw error;
  }
}
