import type { Warning } from '../../api/backup.ts';
import type { Named } from '../../api/host.ts';
import type { PlannedVolume } from '../../api/vss.ts';
import { formatBytes } from '../../base/format-bytes.ts';

/** Above this number of VMs, backups by checkpoints scale better. */
const MANY = 8;
/** Part of a volume that the area for differences should have left. */
const LITTLE_ROOM = 320 * 2 ** 20;

/** Returns what a plan of a set warns of. @param count number of VMs in it. */
export function setWarnings(
  saved: readonly Named[],
  volumes: readonly PlannedVolume[],
  count: number,
): readonly Warning[] {
  return [...savedWarnings(saved), ...roomWarnings(volumes), ...manyWarnings(count)];
}

function savedWarnings(saved: readonly Named[]): readonly Warning[] {
  if (saved.length === 0) return [];
  const names = saved.map(({ name }) => name).slice(0, 20);
  const message = `These VMs are saved and resumed, since their guests do not answer for backups: ${names.join(', ')}`;
  return [{ code: 'vss.saved', message }];
}

function roomWarnings(volumes: readonly PlannedVolume[]): readonly Warning[] {
  return volumes.flatMap(({ volume, name, room }) => {
    if (room === null || room >= LITTLE_ROOM) return [];
    const message = `The area for differences of ${name ?? volume} has ${formatBytes(room)} left: Windows drops the shadow copies if it fills up`;
    return [{ code: 'vss.room' as const, message }];
  });
}

function manyWarnings(count: number): readonly Warning[] {
  if (count <= MANY) return [];
  const message = `${count} VMs in one set: above ${MANY} VMs, backups by checkpoints and change tracking scale better`;
  return [{ code: 'vss.many', message }];
}
