import fc from 'fast-check';
import { ALL_CASES, SEED } from '../process/all-cases.ts';

/** Runs of a property that names no number. */
const RUNS = ALL_CASES ? 100 : 40;

fc.configureGlobal({ numRuns: RUNS, seed: SEED });

/** Number of runs of a property: `all` with REFPOINT_ALL_CASES=1, else a third of them. */
export const thinned = (all: number): number => (ALL_CASES ? all : Math.ceil(all / 3));

/** fast-check with the seed of this project. */
export default fc;
