import type {
  WindowsAnswer,
  WindowsDifference,
  WindowsDisk,
  WindowsDiskInformation,
} from '../../api/windows/windows-disk.ts';
import type { DiskInfo } from '../../disk/tools/disk-info.ts';
import type { OpenVirtualDisk } from '../../virtdisk/contract/virtual-disk.ts';
import { openVirtualDisk } from '../../virtdisk/open-virtual-disk.ts';

/** Facts that our own reader knows about an image. */
type OwnFacts = Pick<
  DiskInfo,
  | 'virtualSize'
  | 'blockSize'
  | 'logicalSectorSize'
  | 'physicalSectorSize'
  | 'diskId'
  | 'format'
  | 'subformat'
>;

/**
 * Asks Windows about an image, and compares its answers with our own reader's. Throws `virtdisk.*`.
 * @param withoutParents leaves the parents closed: a path inside an image may be on another computer,
 *   where opening it logs in
 */
export async function askWindows(
  image: { readonly path: string; readonly withoutParents: boolean },
  own: OwnFacts,
  signal: AbortSignal,
  open: OpenVirtualDisk = openVirtualDisk,
): Promise<WindowsDisk> {
  const handle = await open({ ...image, access: 'information' }, signal);
  try {
    const information = await handle.information(signal);
    return { information, differences: differencesOf(own, information) };
  } finally {
    await handle.close();
  }
}

/** Lists the facts that both know and that differ. */
function differencesOf(own: OwnFacts, of: WindowsDiskInformation): readonly WindowsDifference[] {
  const size = valueOf(of.size);
  const isVhd = own.format === 'vhd';
  const facts: readonly (readonly [string, Known, Known])[] = [
    ['virtualSize', own.virtualSize, size?.virtualSize],
    ['blockSize', own.subformat === 'fixed' ? null : own.blockSize, size?.blockSize],
    ['logicalSectorSize', own.logicalSectorSize, size?.sectorSize],
    ['physicalSectorSize', own.physicalSectorSize, valueOf(of.physicalSectorSize)],
    ['format', own.format, valueOf(of.storageType)?.format],
    ['subformat', own.subformat, valueOf(of.providerSubtype)?.kind],
    // A VHD has no identity but that of its footer.
    ['diskId', own.diskId, valueOf(isVhd ? of.identifier : of.virtualDiskId)],
  ];
  return facts.flatMap(([field, ours, theirs]) =>
    isKnown(ours) && isKnown(theirs) && ours !== theirs
      ? [{ field, refpoint: ours, windows: theirs }]
      : [],
  );
}

type Known = string | number | null | undefined;

const isKnown = (value: Known): value is string | number => value !== null && value !== undefined;

const valueOf = <Value>(answer: WindowsAnswer<Value>): Value | undefined =>
  answer.ok ? answer.value : undefined;
