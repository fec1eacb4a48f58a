import type { VolumeInfo } from '../../api/guest/inspection.ts';
import { Fields } from '../bytes/fields.ts';
import type { GuestBytes } from '../bytes/guest-bytes.ts';
import { recogniseDynamicDisk, recogniseLvm, recogniseRaid } from './containers.ts';
import { recogniseBitLocker, recogniseLuks } from './encrypted.ts';
import { recogniseBtrfs, recogniseExt, recogniseXfs } from './linux-file-systems.ts';
import { HEAD_BYTES, type Recognise } from './recognition.ts';
import { recogniseSwap } from './swap.ts';
import {
  recogniseExfat,
  recogniseFat,
  recogniseNtfs,
  recogniseRefs,
} from './windows-file-systems.ts';

/**
 * Every recognised kind. Containers come first: their superblocks lie before what an earlier file
 * system left behind. Weak signatures come last.
 */
const RECOGNISED: readonly Recognise[] = [
  recogniseLuks,
  recogniseBitLocker,
  recogniseNtfs,
  recogniseRefs,
  recogniseExfat,
  recogniseXfs,
  recogniseLvm,
  recogniseRaid,
  recogniseBtrfs,
  recogniseExt,
  recogniseSwap,
  recogniseDynamicDisk,
  recogniseFat,
];

/**
 * Recognises what a volume holds; null if it is empty or something else. Throws what reading the
 * volume throws, and `guest.damaged` for a superblock that contradicts itself.
 */
export async function recogniseVolume(
  volume: GuestBytes,
  signal: AbortSignal,
): Promise<VolumeInfo | null> {
  const bytes = new Uint8Array(HEAD_BYTES);
  const length = Math.min(HEAD_BYTES, volume.size);
  await volume.read(0, bytes.subarray(0, length), signal);
  const head = new Fields(bytes, 'Start of the volume');
  for (const recognise of RECOGNISED) {
    const found = await recognise(head, volume, signal);
    if (found !== undefined) return found;
  }
  return null;
}
