/**
 * `virtdisk`: Windows' virtual disk driver reads the frozen disks and names their changes, on the host
 * itself and for disks that are not shared. WMI makes the checkpoint and the reference point, whose
 * RCT id goes to the driver verbatim. Start reading with `begin`.
 */
import type { EngineError } from '../../../base/errors.ts';
import { backupError } from '../../errors/backup-errors.ts';
import type { HostDisk } from '../../host/host.ts';
import { hostFolder } from '../../host/path-map.ts';
import { problemOfPath } from '../contract/look-at-path.ts';
import type {
  CheckAround,
  DiskReader,
  MethodCheck,
  ReadMethod,
  ReadOrder,
} from '../contract/method.ts';
import { frozenFiles, requireFrozen } from '../frozen/frozen-files.ts';
import { askDriver } from './ask-driver.ts';
import { openByDriver } from './open-by-driver.ts';

export const VIRTDISK_METHOD: ReadMethod = {
  id: 'virtdisk',
  possible: 'The engine runs on the host, is elevated, and Windows has the virtual disk API.',
  check: checkDriver,
  staging: () => null,
  begin: async (order, signal) => ({ reader: await driverReader(order, signal), refused: null }),
};

async function checkDriver(
  disks: readonly HostDisk[],
  { local }: CheckAround,
  signal: AbortSignal,
): Promise<MethodCheck> {
  const problem = (await local.problem(signal)) ?? sharedDisk(disks);
  if (problem !== null) return { method: 'virtdisk', problem, folders: [] };
  for (const { path } of disks) {
    const missing = await problemOfPath(path, local.files, signal);
    if (missing !== null) {
      return { method: 'virtdisk', problem: missing, folders: [hostFolder(path)] };
    }
  }
  return { method: 'virtdisk', problem: null, folders: [] };
}

/** Microsoft: the API is not for shared disks. */
function sharedDisk(disks: readonly HostDisk[]): EngineError | null {
  const found = disks.find(({ shared, format }) => shared || format === 'vhds');
  if (found === undefined) return null;
  const text = `Windows' virtual disk API does not read shared disks, such as the one at ${found.slot}`;
  return backupError('plan.method', text, { data: { found: 'virtdisk', slot: found.slot } });
}

async function driverReader(order: ReadOrder, signal: AbortSignal): Promise<DiskReader> {
  // The host's own paths lead to no old copy.
  const files = { ...order.files.local.files, followsNames: false };
  await requireFrozen(order, files, signal);
  return {
    openWhole: (disk, inner) => openByDriver(order, disk, inner),
    openFrozen: frozenFiles(order, order.files.local.files),
    openChanges: undefined,
    askChanges: (disk, rctId, inner) => askDriver(order, disk, rctId, inner),
  };
}
