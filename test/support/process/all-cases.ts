/**
 * Whether tests run every case (REFPOINT_ALL_CASES=1). By default a product of cases is thinned to a set that has each pair of
 * values, and disks of several GiB are compared where they have data.
 */
export const ALL_CASES = process.env['REFPOINT_ALL_CASES'] === '1';
