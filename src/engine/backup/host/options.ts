/** Bounds and defaults of the options of a backup (api/backup.ts). */

export const DEFAULT_MAX_CHAIN = 60;
/** Windows does not open longer chains, nor does this program. */
export const GREATEST_MAX_CHAIN = 256;

/** One day; longer waits are not useful. */
export const GREATEST_MERGE_WAIT_SECONDS = 86_400;

export const DEFAULT_PARALLEL_DISKS = 2;
/** Number of disks that a VM can have on one controller. */
export const GREATEST_PARALLEL_DISKS = 64;

/** Longest pause between the tries of a set, in seconds. */
export const GREATEST_VSS_WAIT_SECONDS = 86_400;
