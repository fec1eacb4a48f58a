import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exercise } from '../../../support/disk/fuzz/exercise.ts';
import { fuzzSubjects } from '../../../support/disk/fuzz/fuzz-subjects.ts';
import { mutated } from '../../../support/disk/fuzz/mutate.ts';
import { generator } from '../../../support/files/crash-recorder.ts';
import { SEED as USUAL_SEED } from '../../../support/process/all-cases.ts';

/** Inputs per image; by REFPOINT_FUZZ_SECONDS as many as the time allows. */
const RUNS = Number(process.env['REFPOINT_FUZZ_RUNS'] ?? 12);
const SECONDS = Number(process.env['REFPOINT_FUZZ_SECONDS'] ?? 0);
const SEED = Number(process.env['REFPOINT_FUZZ_SEED'] ?? USUAL_SEED);

const subjects = await fuzzSubjects();

for (const [i, subject] of subjects.entries()) {
  const { format, what } = subject;
  test(`damaged images (${format.name}, ${what}) give an answer or a coded error, soon (REFPOINT_FUZZ_SEED=${SEED})`, async (t) => {
    const sound = await exercise(format, subject.image.clone());
    const outcomes = new Set<string>();
    const end = performance.now() + (SECONDS * 1000) / subjects.length;
    let run = 0;
    for (; SECONDS > 0 ? performance.now() < end : run < RUNS; run++) {
      // Each input is made by its own number, so that one can be repeated alone.
      const image = mutated(subject, generator((SEED + i * 7919 + run * 104_729) % 2 ** 31));
      try {
        for (const outcome of await exercise(format, image)) outcomes.add(outcome);
      } catch (error) {
        throw new Error(`seed ${SEED}, run ${run}`, { cause: error });
      }
    }
    t.diagnostic(`${run} inputs, ${outcomes.size} outcomes`);
    assert.ok(sound.every((each) => outcomes.size > 3 || outcomes.has(each)));
  });
}
