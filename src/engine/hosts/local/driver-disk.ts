import type { WindowsAnswer, WindowsDiskInformation } from '../../api/windows/windows-disk.ts';
import type { LocalDiskFacts } from '../../backup/host/disk-facts.ts';
import type { LocalDisk } from '../../backup/host/local-disks.ts';
import { tryParseGuid } from '../../base/guid.ts';
import type { VirtualDiskHandle } from '../../virtdisk/contract/virtual-disk.ts';
import { virtdiskError } from '../../virtdisk/contract/virtdisk-errors.ts';

/** Returns an opened image as the disk that a backup needs. Closing it closes the handle. */
export async function driverDisk(
  handle: VirtualDiskHandle,
  signal: AbortSignal,
): Promise<LocalDisk> {
  return {
    facts: factsOf(handle.path, await handle.information(signal)),
    tracking: (inner) => handle.tracking(inner),
    queryChanges: (rctId, offset, length, inner) =>
      handle.queryChanges(rctId, offset, length, inner),
    attach: (inner) => handle.attach(inner),
    close: () => handle.close(),
  };
}

/**
 * Returns the facts that identify a disk. A VHD has no identity but that of its footer. Throws
 * `virtdisk.answer` if Windows gives no size.
 */
function factsOf(path: string, information: WindowsDiskInformation): LocalDiskFacts {
  const { size, storageType, virtualDiskId, identifier, physicalSectorSize } = information;
  if (!size.ok) {
    const { number, hex, name, meaning } = size.error;
    const text = `Windows gives no size for ${path}: ${meaning}`;
    throw virtdiskError('virtdisk.answer', text, { data: { path, number, hex, name } });
  }
  const stored = valueOf(storageType)?.format ?? 'unknown';
  const format = stored === 'iso' || stored === 'unknown' ? 'other' : stored;
  const id = valueOf(format === 'vhd' ? identifier : virtualDiskId);
  return {
    virtualDiskId: tryParseGuid(id ?? '') ?? null,
    virtualSize: size.value.virtualSize,
    logicalSectorSize: size.value.sectorSize,
    physicalSectorSize: format === 'vhdx' ? (valueOf(physicalSectorSize) ?? null) : null,
    format,
  };
}

const valueOf = <Value>(answer: WindowsAnswer<Value>): Value | undefined =>
  answer.ok ? answer.value : undefined;
