import path from 'node:path';

/** Root of the emulated host: one drive folder that maps to one local folder. */
export const HOST_ROOT = 'C:\\Lab';

/** Maps host paths (Windows spelling) to local files. */
export class HostPaths {
  readonly #local: string;

  constructor(labFolder: string) {
    this.#local = path.join(path.resolve(labFolder), 'host');
  }

  /** Returns the mapping for `--path-map`. */
  get pathMap(): Readonly<Record<string, string>> {
    return { [HOST_ROOT]: this.#local };
  }

  get localRoot(): string {
    return this.#local;
  }

  /** Returns the local path, or undefined for a path outside this host's folder. */
  toLocal(hostPath: string): string | undefined {
    const normal = path.win32.normalize(hostPath.replaceAll('/', '\\'));
    const lower = normal.toLowerCase();
    const root = HOST_ROOT.toLowerCase();
    if (lower !== root && !lower.startsWith(`${root}\\`)) return undefined;
    const parts = normal
      .slice(HOST_ROOT.length)
      .split('\\')
      .filter((part) => part !== '');
    if (parts.some((part) => part === '..' || /[<>:"|?*\0]/.test(part))) return undefined;
    return path.join(this.#local, ...parts);
  }

  /** Returns the host's path of a local one below its folder. */
  toHostPath(local: string): string {
    const parts = path.relative(this.#local, local).split(path.sep);
    return [HOST_ROOT, ...parts].join('\\');
  }

  /**
   * Replaces local paths in a text, such as an error message, by the host's paths: clients must not
   * see local ones.
   */
  toHostText(text: string): string {
    const [before = '', ...rest] = text.split(this.#local);
    return rest.reduce((done, next) => {
      if (/^[^\\/:'"\s]/.test(next)) return done + this.#local + next;
      const end = next.search(/[:'"\n]/);
      const tail = end < 0 ? next : next.slice(0, end);
      return done + HOST_ROOT + tail.replaceAll('/', '\\') + next.slice(tail.length);
    }, before);
  }
}

/** Returns the folder of a VM's disks on the host. */
export function diskFolder(vmId: string): string {
  return `${HOST_ROOT}\\VMs\\${vmId.toUpperCase()}\\Virtual Hard Disks`;
}

/** Returns the folder of a VM's configuration. */
export function configurationFolder(vmId: string): string {
  return `${HOST_ROOT}\\VMs\\${vmId.toUpperCase()}`;
}
