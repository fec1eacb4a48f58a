import fs from 'node:fs/promises';
import { ATTRIBUTE } from '../../../net/smb/codec/protocol/constants.ts';
import { SERVER_STATUS as STATUS } from '../contract/server-status.ts';
import { StatusError } from '../contract/status-error.ts';
import { secondsOf } from './file-times.ts';
import type { Open } from './open.ts';
import { statsOfOpen } from './stats-of-open.ts';
import type { Volume } from './volume.ts';

export interface BasicInformation {
  /** FILETIMEs; 0: unchanged, -1 and -2: no changes by this open from now on, or again. */
  readonly creation: bigint;
  readonly access: bigint;
  readonly write: bigint;
  /** 0: unchanged. */
  readonly attributes: number;
}

const NO_CHANGE: readonly bigint[] = [0n, 0xffff_ffff_ffff_ffffn, 0xffff_ffff_ffff_fffen];

/** Sets times and the read-only attribute; of the others the lab's volume keeps none. */
export async function setBasic(
  open: Open,
  volume: Volume,
  { access, write, attributes }: BasicInformation,
): Promise<void> {
  const { node } = open;
  if (node === undefined) throw new StatusError(STATUS.accessDenied);
  if ((attributes & ATTRIBUTE.directory) !== 0 && open.kind === 'file') {
    throw new StatusError(STATUS.invalidParameter);
  }
  const local = volume.realPath(node.local);
  const { atimeNs, mtimeNs } = await statsOfOpen(open, volume);
  const time = (value: bigint, old: bigint): number =>
    NO_CHANGE.includes(value) ? Number(old / 1000n) / 1_000_000 : secondsOf(value);
  if (attributes !== 0 && open.kind === 'file') {
    await fs.chmod(local, (attributes & ATTRIBUTE.readOnly) === 0 ? 0o644 : 0o444);
  }
  if (NO_CHANGE.includes(access) && NO_CHANGE.includes(write)) return;
  await fs.utimes(local, time(access, atimeNs), time(write, mtimeNs));
}
