import { SHARED_DISK_OWNER, USE, type Claim, type FileShares } from '../files/file-shares.ts';
import type { HostPaths } from '../files/host-paths.ts';
import type { LabState, LabVm } from '../state/state.ts';

/** Part of a lab that has to do with attached files. */
interface Owner {
  readonly state: LabState;
  readonly paths: HostPaths;
  readonly shares: FileShares;
}

/**
 * Files that running VMs have open, as Hyper-V opens them: the active file of a disk for itself alone,
 * the files below it for reading, while others may read too.
 */
export class AttachedFiles {
  readonly #owner: Owner;
  /** Releases of claims, by file and what is claimed. */
  readonly #claims = new Map<string, () => void>();

  constructor(owner: Owner) {
    this.#owner = owner;
  }

  /** Claims what running VMs have open now and releases the rest. A client in the way is not waited for. */
  settle(serving: boolean): void {
    const { state, paths, shares } = this.#owner;
    const wanted = new Map<string, { readonly file: string; readonly claim: Claim }>();
    for (const vm of serving ? state.vms.filter(isAttached) : []) {
      for (const { files, unmade, kind } of vm.disks) {
        for (const [at, hostPath] of unmade === true ? [] : files.entries()) {
          const file = paths.toLocal(hostPath);
          if (file === undefined) continue;
          const claim = {
            ...(at === files.length - 1 ? ACTIVE : PARENT),
            owner: kind === 'shared' ? SHARED_DISK_OWNER : vm.id,
          };
          wanted.set(`${claim.uses}:${file}`, { file, claim });
        }
      }
    }
    for (const [key, release] of this.#claims) {
      if (wanted.has(key)) continue;
      release();
      this.#claims.delete(key);
    }
    for (const [key, { file, claim }] of wanted) {
      if (!this.#claims.has(key)) this.#claims.set(key, shares.claim(file, claim));
    }
  }
}

const ACTIVE: Claim = { uses: USE.read | USE.write, shares: 0 };
const PARENT: Claim = { uses: USE.read, shares: USE.read };

/** A paused VM keeps its files open too. */
const isAttached = ({ enabledState }: LabVm): boolean => enabledState === 2 || enabledState === 9;
