import type { Fields } from '../bytes/fields.ts';
import { readFields, type GuestBytes } from '../bytes/guest-bytes.ts';
import { labelText } from '../bytes/text.ts';
import { isEngineError } from '../../base/errors.ts';

const ENTRY = 32;
const LABEL = 0x83;
/** Bytes of the root folder that are searched for the label, which Windows keeps first. */
const SEARCHED = 64 * 1024;

/**
 * Returns the volume label of an exFAT volume, the entry 83h of the root folder: characters at 1,
 * text at 2. Null without a label, or if the root folder cannot be read.
 */
export async function readExfatLabel(
  boot: Fields,
  volume: GuestBytes,
  signal: AbortSignal,
): Promise<string | null> {
  const sector = 2 ** boot.u8(108);
  const cluster = sector * 2 ** boot.u8(109);
  const start = boot.u32(88) * sector + (boot.u32(96) - 2) * cluster;
  const length = Math.min(cluster, SEARCHED);
  try {
    const root = await readFields(volume, start, length, 'Root folder of exFAT', signal);
    for (let at = 0; at + ENTRY <= length; at += ENTRY) {
      if (root.u8(at) === 0) return null;
      if (root.u8(at) === LABEL)
        return labelText(root.utf16(at + 2, Math.min(11, root.u8(at + 1))));
    }
  } catch (error) {
    if (!isEngineError(error, 'guest.damaged')) throw error;
  }
  return null;
}
