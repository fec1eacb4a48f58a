/**
 * Ids of the leases that this process holds. A lease file that names this process and none of these was given up without being
 * released, as when its store was not mounted at the end of a run: it is free.
 */
export const ownLeases = new Set<string>();
