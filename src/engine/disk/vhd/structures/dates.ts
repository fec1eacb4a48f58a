/** Seconds from 1970 to the first second of 2000, UTC. */
const EPOCH = 946_684_800;

/** Returns the time stamp of a date, within its 32 bits. */
export const stampOf = (date: Date): number =>
  Math.min(0xffff_ffff, Math.max(0, Math.floor(date.getTime() / 1000) - EPOCH));
