import type { BigIntStats } from 'node:fs';
import fs from 'node:fs/promises';
import { StatusError } from '../contract/status-error.ts';
import { statusOfSystem } from '../shares/locate.ts';
import type { Open } from './open.ts';
import type { Volume } from './volume.ts';

/** Returns size and times of what is open, as they are now. */
export async function statsOfOpen(open: Open, volume: Volume): Promise<BigIntStats> {
  try {
    if (open.handle !== undefined) return await open.handle.stat({ bigint: true });
    const local = open.node?.local ?? open.standIn ?? '';
    return await fs.lstat(volume.realPath(local), { bigint: true });
  } catch (error) {
    throw new StatusError(statusOfSystem(error));
  }
}
