/**
 * IDs of the leases that this process holds. A lease file that names this process but is not in
 * this set was abandoned without release, for example because its store was not mounted at the end
 * of a run. It is free.
 */
export const ownLeases = new Set<string>();
