/**
 * Whether tests run every case (REFPOINT_ALL_CASES=1). By default a product of cases is thinned to a set that has each pair of
 * values, and disks of several GiB are compared where they have data.
 */
export const ALL_CASES = process.env['REFPOINT_ALL_CASES'] === '1';

/** Seed of random cases: the same in every run, since a failure must be that of the change; another one each time with all cases. */
export const SEED = ALL_CASES ? Math.floor(Math.random() * 2 ** 31) : 20_260_301;

/** Options of a test that takes half a minute under Windows Node, where Wine is slow, and does not depend on the system. */
export const NOT_IN_WINE = {
  skip: process.platform === 'win32' && !ALL_CASES && 'does not depend on the system',
};
