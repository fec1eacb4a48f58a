/**
 * REFPOINT_BENCH_SMALL=1 makes everything small, to see in a minute that a benchmark runs to its end. The figures mean nothing
 * then.
 */
export const SMALL = process.env['REFPOINT_BENCH_SMALL'] === '1';

/** Returns a size, or the one that is enough to try a benchmark out. */
export const sized = <Size>(whole: Size, small: Size): Size => (SMALL ? small : whole);
