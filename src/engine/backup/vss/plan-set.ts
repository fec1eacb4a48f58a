import type { Warning } from '../../api/backup.ts';
import type { PlannedVolume, VolumeRow } from '../../api/vss.ts';
import { isEngineError, type EngineError } from '../../base/errors.ts';
import type { Guid } from '../../base/guid.ts';
import { vssError } from '../../vss/vss-errors.ts';
import { reportedParents } from '../read/source/reported-parents.ts';
import type { BackupHost, HostVm } from '../host/host.ts';
import type { MountFolder, ShadowHost, VmPlaces } from '../host/shadow-host.ts';
import { isElsewhere, volumeOf } from '../read/vss/volumes.ts';
import { setWarnings } from './set-warnings.ts';

/** A VM of a set. */
export interface VmOfSet {
  readonly id: Guid;
  readonly name: string;
}

/** The plan of a set: its volumes, and everything that it disturbs. */
export interface SetPlan {
  /** `volumes`: those on which files of the VM lie. */
  readonly vms: readonly (VmOfSet & { readonly volumes: readonly string[] })[];
  /** VMs that cannot be in a set, and why. */
  readonly refused: readonly { readonly vm: VmOfSet; readonly error: EngineError }[];
  readonly volumes: readonly PlannedVolume[];
  readonly mounts: readonly MountFolder[];
  /** VMs that were not named and that are frozen, too. */
  readonly others: readonly VmOfSet[];
  /** VMs that are saved and resumed. */
  readonly saved: readonly VmOfSet[];
  /** Folder of the host below which the copies will be mounted; null if they are read as devices. */
  readonly mountedBelow: string | null;
  readonly warnings: readonly Warning[];
  /** Reason why no set can be made now, whatever its VMs: too few rights. Undefined if none is known. */
  readonly denied: EngineError | undefined;
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
  const [mounts, places, { areas, denied }, selects] = await Promise.all([
    shadows.mounts(signal),
    shadows.places(signal),
    areasOf(shadows, signal),
    shadows.selects(signal),
  ]);
  const refused: { vm: VmOfSet; error: EngineError }[] = [];
  const paths = new Map<string, Set<string>>();
  const wanted: SetPlan['vms'][number][] = [];
  for (const vm of vms) {
    const { id, name } = vm;
    const own = await pathsOf(host, vm, places, signal);
    const error = problemOf(vm, own, mounts);
    if (error !== undefined) {
      refused.push({ vm: { id, name }, error });
      continue;
    }
    const on = new Set<string>();
    for (const path of own) {
      const volume = volumeOf(path, mounts)?.volume ?? '';
      paths.set(volume, (paths.get(volume) ?? new Set()).add(path));
      on.add(volume);
    }
    wanted.push({ id, name, volumes: [...on] });
  }
  const volumes = Array.from(paths, ([volume, of]): PlannedVolume => {
    const area = areas.find((each) => each.volume.toLowerCase() === volume.toLowerCase());
    const mounted = mounts.find((each) => each.volume === volume)?.folder ?? null;
    const room = area === undefined ? null : roomOf(area);
    return { volume, name: area?.name ?? mounted, paths: [...of], room };
  });
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
    mountedBelow: selects ? null : await shadows.mountedBelow(signal),
    warnings: setWarnings(saved, volumes, wanted.length),
    denied,
  };
}

/** Returns the bytes that the area for differences of a volume has left. */
function roomOf({ storage, free }: VolumeRow): number | null {
  return storage === null
    ? free
    : Math.max(0, Math.min(storage.max - storage.used, free ?? Infinity));
}

/** Returns the areas for differences of the host's volumes, or the reason why no set can be made now. */
async function areasOf(
  shadows: ShadowHost,
  signal: AbortSignal,
): Promise<{ readonly areas: readonly VolumeRow[]; readonly denied: EngineError | undefined }> {
  const denied = await shadows.obstacle(signal);
  try {
    return { areas: (await shadows.list(signal)).volumes, denied };
  } catch (error) {
    if (!isEngineError(error, 'vss.denied')) throw error;
    return { areas: [], denied: denied ?? error };
  }
}

/**
 * Throws `vss.denied` if the rights are missing, `vss.others` if VMs that were not named would be frozen
 * and that was not allowed.
 */
export function requireAllowed({ others, denied }: SetPlan, allowOthers: boolean): void {
  if (denied !== undefined) throw denied;
  requireOthers(others, allowOthers);
}

/** Throws `vss.others` if VMs that were not named would be frozen and that was not allowed. */
export function requireOthers(others: SetPlan['others'], allowOthers: boolean): void {
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
