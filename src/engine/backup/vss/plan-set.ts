import type { Warning } from '../../api/backup.ts';
import { formatBytes } from '../../base/format-bytes.ts';
import type { EngineError } from '../../base/errors.ts';
import type { Guid } from '../../base/guid.ts';
import { vssError } from '../../vss/vss-errors.ts';
import type { HostVolume } from '../../vss/wmi/list-shadows.ts';
import { reportedParents } from '../read/source/reported-parents.ts';
import type { BackupHost, HostVm } from '../host/host.ts';
import type { MountFolder, ShadowHost, VmPlaces } from '../host/shadow-host.ts';
import { isElsewhere, volumeOf } from '../read/vss/volumes.ts';

/** Above this number of VMs, backups by checkpoints scale better. */
const MANY = 8;
/** Part of a volume that the area for differences should have left. */
const LITTLE_ROOM = 320 * 2 ** 20;

/** A VM of a set. */
export interface VmOfSet {
  readonly id: Guid;
  readonly name: string;
}

/** The plan of a set: its volumes, and everything that it disturbs. */
export interface SetPlan {
  readonly vms: readonly VmOfSet[];
  /** VMs that cannot be in a set, and why. */
  readonly refused: readonly { readonly vm: VmOfSet; readonly error: EngineError }[];
  /** `\\?\Volume{GUID}\` of each volume, and the paths that need it. */
  readonly volumes: readonly { readonly volume: string; readonly paths: readonly string[] }[];
  readonly mounts: readonly MountFolder[];
  /** VMs that were not named and that are frozen, too. */
  readonly others: readonly VmOfSet[];
  /** VMs that are saved and resumed. */
  readonly saved: readonly VmOfSet[];
  readonly warnings: readonly Warning[];
}

/**
 * Plans a shadow copy set of several VMs. A VM that cannot be in it is refused alone. Throws
 * `vss.place` if no VM can be.
 */
export async function planSet(
  host: BackupHost,
  vms: readonly HostVm[],
  signal: AbortSignal,
): Promise<SetPlan> {
  const shadows = requireShadows(host);
  const [mounts, places, { volumes: areas }, selects] = await Promise.all([
    shadows.mounts(signal),
    shadows.places(signal),
    shadows.list(signal),
    shadows.selects(signal),
  ]);
  const refused: { vm: VmOfSet; error: EngineError }[] = [];
  const paths = new Map<string, Set<string>>();
  const wanted: VmOfSet[] = [];
  for (const vm of vms) {
    const { id, name } = vm;
    const own = await pathsOf(host, vm, places, signal);
    const error = problemOf(vm, own, mounts);
    if (error !== undefined) {
      refused.push({ vm: { id, name }, error });
      continue;
    }
    wanted.push({ id, name });
    for (const path of own) {
      const volume = volumeOf(path, mounts)?.volume ?? '';
      paths.set(volume, (paths.get(volume) ?? new Set()).add(path));
    }
  }
  const volumes = Array.from(paths, ([volume, of]) => ({ volume, paths: [...of] }));
  const names = new Set([...paths.keys()].map((each) => each.toLowerCase()));
  const asked = new Set(wanted.map(({ id }) => id));
  const lies = ({ paths: all }: VmPlaces): boolean =>
    all.length > 0 &&
    all.every((path) => names.has(volumeOf(path, mounts)?.volume.toLowerCase() ?? '-'));
  // One that was named and refused does not count as another one.
  const named = new Set(vms.map(({ id }) => id));
  const isOther = (each: VmPlaces): boolean => !named.has(each.id) && each.running && lies(each);
  const others = selects ? [] : places.filter(isOther);
  const saved = places.filter(
    (each) => each.willBeSaved && (asked.has(each.id) || others.includes(each)),
  );
  return {
    vms: wanted,
    refused,
    volumes,
    mounts,
    others: others.map(identity),
    saved: saved.map(identity),
    warnings: [
      ...savedWarnings(saved),
      ...roomWarnings(areas.filter(({ volume }) => names.has(volume.toLowerCase()))),
      ...manyWarnings(wanted.length),
    ],
  };
}

/** Throws `vss.others` if VMs that were not named would be frozen and that was not allowed. */
export function requireAllowed({ others }: SetPlan, allowOthers: boolean): void {
  if (others.length === 0 || allowOthers) return;
  const names = others.map(({ name }) => name);
  throw vssError(
    'vss.others',
    `The shadow copies would freeze ${others.length} VMs that were not named: ${names.slice(0, 10).join(', ')}`,
    { data: { found: names.slice(0, 100), ids: others.map(({ id }) => id).slice(0, 100) } },
  );
}

/** Returns what makes shadow copies on the host. Throws `vss.place` if nothing does. */
export function requireShadows({ shadows }: BackupHost): ShadowHost {
  if (shadows !== undefined) return shadows;
  throw vssError('vss.place', 'Shadow copies cannot be made on this host', {
    data: { expected: 'a Windows Server that is reached over WS-Management or PowerShell' },
  });
}

const identity = ({ id, name }: VmOfSet): VmOfSet => ({ id, name });

/** Returns the paths of every file of a VM: disks with all parents, and folders of its settings. */
async function pathsOf(
  host: BackupHost,
  vm: HostVm,
  places: readonly VmPlaces[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const own = new Set(places.find(({ id }) => id === vm.id)?.paths);
  for (const disk of vm.disks) {
    if (disk.path === '' || disk.format === 'physical') continue;
    own.add(disk.path);
    if (isElsewhere(disk.path) !== undefined) continue;
    for (const parent of await reportedParents(disk, host, signal)) own.add(parent);
  }
  return [...own];
}

/** Returns why a VM cannot be in a set; undefined if it can. */
function problemOf(
  { id, name, disks }: HostVm,
  paths: readonly string[],
  mounts: readonly MountFolder[],
): EngineError | undefined {
  const wrong = (why: string, path: string): EngineError =>
    vssError('vss.place', `No shadow copy can be made of ${name}: ${why}`, {
      data: { vm: id, found: path },
    });
  const disk = disks.find((each) => each.format === 'physical' || each.shared);
  if (disk !== undefined) {
    const what = disk.format === 'physical' ? 'a pass-through disk' : 'a shared disk';
    return wrong(
      `the disk at ${disk.slot} is ${what}, which its shadow copy does not have`,
      disk.path,
    );
  }
  for (const path of paths) {
    const elsewhere = isElsewhere(path);
    if (elsewhere === 'share') {
      return wrong(`${path} is on a share, which needs the agent of its file server`, path);
    }
    if (elsewhere === 'csv') {
      return wrong(`${path} is on a cluster shared volume, which has rules of its own`, path);
    }
    if (volumeOf(path, mounts) === undefined) {
      return wrong(`${path} is on no volume that the host lists`, path);
    }
  }
  return undefined;
}

function savedWarnings(saved: readonly VmPlaces[]): readonly Warning[] {
  if (saved.length === 0) return [];
  const names = saved.map(({ name }) => name).slice(0, 20);
  const message = `These VMs are saved and resumed, since their guests do not answer for backups: ${names.join(', ')}`;
  return [{ code: 'vss.saved', message }];
}

function roomWarnings(volumes: readonly HostVolume[]): readonly Warning[] {
  return volumes.flatMap(({ volume, name, storage, free }) => {
    const room = storage === null ? free : Math.min(storage.max - storage.used, free ?? Infinity);
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
