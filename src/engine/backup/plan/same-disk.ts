/**
 * Decides whether two descriptions mean the same disk: the VM's disk and its record at the last point, the planned disk and
 * the one that the checkpoint froze, the record and the file that was opened. An increment continues the same disk only.
 */
import type { Guid } from '../../base/guid.ts';
import type { HostDisk } from '../host.ts';
import type { Reason } from '../manifest.ts';
import { reason } from './reason.ts';

/** The facts that identify a disk. undefined or null: not known, and then not compared, except for id and size. */
export interface DiskFacts {
  readonly virtualDiskId: Guid | null;
  readonly virtualSize: number | null;
  readonly logicalSectorSize: number | null;
  readonly physicalSectorSize?: number | null;
  readonly format?: HostDisk['format'];
}

/**
 * Returns why `now` is not the disk that `before` describes; undefined if id, size, sector sizes and format agree. The codes
 * are `disk.unknown`, `disk.replaced`, `disk.resized`, `disk.sectors` and `disk.format`.
 */
export function diskDifference(
  slot: string,
  before: DiskFacts,
  now: DiskFacts,
): Reason | undefined {
  if (now.virtualDiskId === null || now.virtualSize === null) {
    return reason('disk.unknown', 'The host does not report the identity of the disk.', { slot });
  }
  const differs = (
    code: string,
    text: string,
    a: string | number | null | undefined,
    b: string | number | null | undefined,
  ): Reason | undefined =>
    a === b ? undefined : reason(code, text, { slot, before: a ?? null, now: b ?? null });
  const known = (a: unknown, b: unknown): boolean => (a ?? null) !== null && (b ?? null) !== null;
  return (
    differs(
      'disk.replaced',
      `Another disk is at ${slot} now.`,
      before.virtualDiskId,
      now.virtualDiskId,
    ) ??
    differs(
      'disk.resized',
      `The disk at ${slot} changed its size.`,
      before.virtualSize,
      now.virtualSize,
    ) ??
    (known(before.logicalSectorSize, now.logicalSectorSize)
      ? differs(
          'disk.sectors',
          `The disk at ${slot} changed its logical sector size.`,
          before.logicalSectorSize,
          now.logicalSectorSize,
        )
      : undefined) ??
    (known(before.physicalSectorSize, now.physicalSectorSize)
      ? differs(
          'disk.sectors',
          `The disk at ${slot} changed its physical sector size.`,
          before.physicalSectorSize,
          now.physicalSectorSize,
        )
      : undefined) ??
    (known(before.format, now.format)
      ? differs('disk.format', `The disk at ${slot} changed its format.`, before.format, now.format)
      : undefined)
  );
}
