import { isEngineError } from '../../base/errors.ts';
import { withCache, type GuestBytes } from '../bytes/guest-bytes.ts';
import { labelText } from '../bytes/text.ts';
import { TYPES } from './attributes.ts';
import type { NtfsBoot } from './boot-sector.ts';
import { Mft } from './mft.ts';

/** Number of the file $Volume. */
const VOLUME = 3n;
const DIRTY = 0x0001;

/** Facts in the file $Volume; null for what cannot be read. */
interface NtfsState {
  readonly label: string | null;
  readonly version: string | null;
  readonly dirty: boolean | null;
}

/**
 * Reads label, version and dirty flag of a volume (linux-ntfs, "$Volume"): the attribute
 * $VOLUME_INFORMATION has the version at 8 and flags at 10.
 */
export async function ntfsState(
  bytes: GuestBytes,
  boot: NtfsBoot,
  signal: AbortSignal,
): Promise<NtfsState> {
  try {
    const mft = await Mft.open(boot, withCache(bytes), bytes, signal);
    const { attributes } = await mft.read(VOLUME, signal);
    const value = (type: number) => {
      const found = attributes.find((each) => each.type === type);
      return found?.resident === true ? found.value : undefined;
    };
    const [name, facts] = [value(TYPES.volumeName), value(TYPES.volumeInformation)];
    return {
      label: name === undefined ? null : labelText(name.utf16(0, Math.floor(name.length / 2))),
      version: facts === undefined ? null : `${facts.u8(8)}.${facts.u8(9)}`,
      dirty: facts === undefined ? null : (facts.u16(10) & DIRTY) !== 0,
    };
  } catch (error) {
    if (!isEngineError(error, 'guest.damaged', 'guest.limit')) throw error;
    return { label: null, version: null, dirty: null };
  }
}
