import fc from 'fast-check';
import { ALL_CASES } from '../process/all-cases.ts';

/** Seed of every run: a failure must be that of the change under test. REFPOINT_ALL_CASES=1 takes another seed each time. */
const SEED = 20_260_301;

/** Runs of a property that names no number. */
const RUNS = ALL_CASES ? 100 : 40;

fc.configureGlobal({ numRuns: RUNS, ...(ALL_CASES ? {} : { seed: SEED }) });

/** Number of runs of a property: `all` with REFPOINT_ALL_CASES=1, else a third of them. */
export const thinned = (all: number): number => (ALL_CASES ? all : Math.ceil(all / 3));

/** fast-check with the seed of this project. */
export default fc;
