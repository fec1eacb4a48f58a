import path from 'node:path';

/** Root of the emulated host: the folder of drive C that exists locally. */
export const HOST_ROOT = 'C:\\Lab';

/** Letters of the drives on which the host has files. */
export const LAB_DRIVES = ['C', 'D'] as const;
export type LabDrive = (typeof LAB_DRIVES)[number];

/** A volume of the host, of which one folder exists locally. */
export interface HostVolume {
  readonly drive: LabDrive;
  /** `C:\Lab` */
  readonly root: string;
  readonly local: string;
}

/** Maps host paths (Windows spelling) to local files. */
export class HostPaths {
  readonly volumes: readonly HostVolume[];
  readonly #first: HostVolume;

  constructor(labFolder: string) {
    const folder = path.resolve(labFolder);
    const local = (name: string): string => path.join(folder, name);
    this.#first = { drive: 'C', root: HOST_ROOT, local: local('host') };
    this.volumes = [this.#first, { drive: 'D', root: 'D:\\Lab', local: local('host-d') }];
  }

  /** Returns the mapping for `--path-map`. */
  get pathMap(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.volumes.map(({ root, local }) => [root, local]));
  }

  /** Local folder of `C:\Lab`. */
  get localRoot(): string {
    return this.#first.local;
  }

  /** Returns the volume of a host path; undefined for a path outside of this host's folders. */
  volumeOf(hostPath: string): HostVolume | undefined {
    const lower = path.win32.normalize(hostPath.replaceAll('/', '\\')).toLowerCase();
    return this.volumes.find(({ root }) => {
      const own = root.toLowerCase();
      return lower === own || lower.startsWith(`${own}\\`);
    });
  }

  /** Returns the local path, or undefined for a path outside this host's folders. */
  toLocal(hostPath: string): string | undefined {
    const volume = this.volumeOf(hostPath);
    if (volume === undefined) return undefined;
    const parts = path.win32
      .normalize(hostPath.replaceAll('/', '\\'))
      .slice(volume.root.length)
      .split('\\')
      .filter((part) => part !== '');
    if (parts.some((part) => part === '..' || /[<>:"|?*\0]/.test(part))) return undefined;
    return path.join(volume.local, ...parts);
  }

  /** Returns the volume in whose folder a local path lies. */
  volumeOfLocal(local: string): HostVolume | undefined {
    return this.volumes.find(
      (each) => local === each.local || local.startsWith(each.local + path.sep),
    );
  }

  /** Returns the host's path of a local one below one of its folders. */
  toHostPath(local: string): string {
    const volume = this.volumeOfLocal(local) ?? this.#first;
    const parts = path.relative(volume.local, local).split(path.sep);
    return [volume.root, ...parts].join('\\');
  }

  /**
   * Replaces local paths in a text, such as an error message, by the host's paths: clients must not
   * see local ones.
   */
  toHostText(text: string): string {
    return this.volumes.reduce(replaceRoot, text);
  }
}

function replaceRoot(text: string, { root, local }: HostVolume): string {
  const [before = '', ...rest] = text.split(local);
  return rest.reduce((done, next) => {
    if (/^[^\\/:'"\s]/.test(next)) return done + local + next;
    const end = next.search(/[:'"\n]/);
    const tail = end < 0 ? next : next.slice(0, end);
    return done + root + tail.replaceAll('/', '\\') + next.slice(tail.length);
  }, before);
}

/** Returns the folder of a VM's disks on a drive of the host. */
export function diskFolder(vmId: string, drive: LabDrive = 'C'): string {
  return `${drive}:\\Lab\\VMs\\${vmId.toUpperCase()}\\Virtual Hard Disks`;
}

/** Returns the folder of a VM's configuration. */
export function configurationFolder(vmId: string): string {
  return `${HOST_ROOT}\\VMs\\${vmId.toUpperCase()}`;
}
