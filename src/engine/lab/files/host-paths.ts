import path from 'node:path';

/** Where the emulated host keeps everything: one drive folder that is one local folder. */
export const HOST_ROOT = 'C:\\Lab';

/** Host paths (Windows spelling) and the local files they stand for. */
export class HostPaths {
  readonly #local: string;

  constructor(labFolder: string) {
    this.#local = path.join(path.resolve(labFolder), 'host');
  }

  /** What `--path-map` needs. */
  get pathMap(): Readonly<Record<string, string>> {
    return { [HOST_ROOT]: this.#local };
  }

  get localRoot(): string {
    return this.#local;
  }

  /** The local path, or undefined for a path that is not of this host's folder or leaves it. */
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

  /** A text, such as an error's, with the host's own spelling of its files: what they are here is not the client's business. */
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

/** The folder of a VM's disks on the host. */
export function diskFolder(vmId: string): string {
  return `${HOST_ROOT}\\VMs\\${vmId.toUpperCase()}\\Virtual Hard Disks`;
}

/** The folder under which a VM's configuration lies. */
export function configurationFolder(vmId: string): string {
  return `${HOST_ROOT}\\VMs\\${vmId.toUpperCase()}`;
}
