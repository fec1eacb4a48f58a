/**
 * Decides whether two descriptions mean the same disk: the VM's disk and its record at the last
 * point, the planned disk and the one that the checkpoint froze, the record and the opened file. An
 * increment only continues the same disk.
 */
import type { Guid } from '../../base/guid.ts';
import type { HostDisk } from '../host/host.ts';
import type { Reason } from '../manifest/manifest.ts';
import { reason } from './reason.ts';

/**
 * The facts that identify a disk. undefined or null: unknown, and not compared, except for ID and
 * size.
 */
export interface DiskFacts {
  readonly virtualDiskId: Guid | null;
  readonly virtualSize: number | null;
  readonly logicalSectorSize: number | null;
  readonly physicalSectorSize?: number | null;
  readonly format?: HostDisk['format'];
}

/**
 * Returns why `now` is not the disk that `before` describes; undefined if ID, size, sector sizes
 * and format agree. The codes are `disk.unknown`, `disk.replaced`, `disk.resized`, `disk.sectors`
 * and `disk.format`.
 */
export function diskDifference(
  slot: string,
  before: DiskFacts,
  now: DiskFacts,
): Reason | undefined {
  if (now.virtualDiskId === null || now.virtualSize === null) {
    return reason('disk.unknown', 'The host does not report the identity of the disk.', { slot });
  }
  for (const { field, code, text } of FACTS) {
    const [a, b] = [before[field] ?? null, now[field] ?? null];
    const compared = field === 'virtualDiskId' || field === 'virtualSize';
    if (a === b || (!compared && (a === null || b === null))) continue;
    return reason(code, text(slot), { slot, before: a, now: b });
  }
  return undefined;
}

const FACTS = [
  {
    field: 'virtualDiskId',
    code: 'disk.replaced',
    text: (slot: string) => `Another disk is at ${slot} now.`,
  },
  {
    field: 'virtualSize',
    code: 'disk.resized',
    text: (slot: string) => `The disk at ${slot} changed its size.`,
  },
  {
    field: 'logicalSectorSize',
    code: 'disk.sectors',
    text: (slot: string) => `The disk at ${slot} changed its logical sector size.`,
  },
  {
    field: 'physicalSectorSize',
    code: 'disk.sectors',
    text: (slot: string) => `The disk at ${slot} changed its physical sector size.`,
  },
  {
    field: 'format',
    code: 'disk.format',
    text: (slot: string) => `The disk at ${slot} changed its format.`,
  },
] as const;
