/**
 * The openers of each file of the host, and what each of them allows to others: the share modes of
 * Windows (MS-FSA 2.1.5.1.2.2). The lab's VMs and merges claim their files here, as Hyper-V does, and so do
 * the opens of the file server: an open that shares too little blocks the others.
 */

/** Uses that an opener makes of a file, and uses that it allows to others, as a sum. */
export const USE = { read: 1, write: 2, delete: 4, all: 7 } as const;

/** Owner of what shared disks, and the VMs that share them, have open. */
export const SHARED_DISK_OWNER = 'shared disks';

export interface Claim {
  readonly uses: number;
  readonly shares: number;
  /** Claims of one owner do not exclude each other. */
  readonly owner?: string | undefined;
}

export class FileShares {
  /** Claims by local path in lower case: names of the host have no case. */
  readonly #claims = new Map<string, Set<Claim>>();

  /** Whether an opener would be in the way of another one, or another one in its way. */
  conflicts(file: string, claim: Claim): boolean {
    // An opener of attributes only neither disturbs nor is disturbed.
    if (claim.uses === 0) return false;
    for (const other of this.#claims.get(key(file)) ?? []) {
      if (claim.owner !== undefined && claim.owner === other.owner) continue;
      if ((claim.uses & ~other.shares) !== 0 || (other.uses & ~claim.shares) !== 0) return true;
    }
    return false;
  }

  /** Records an opener; returns what removes it, or undefined for a sharing violation. */
  tryClaim(file: string, claim: Claim): (() => void) | undefined {
    return this.conflicts(file, claim) ? undefined : this.claim(file, claim);
  }

  /** Records an opener whatever the others do. Returns what removes it. */
  claim(file: string, claim: Claim): () => void {
    if (claim.uses === 0) return () => undefined;
    const own = { ...claim };
    const claims = this.#claims.get(key(file)) ?? new Set();
    this.#claims.set(key(file), claims.add(own));
    return () => {
      for (const [name, each] of this.#claims) {
        if (each.delete(own) && each.size === 0) this.#claims.delete(name);
      }
    };
  }

  /** Whether something below a folder is open. */
  usedBelow(folder: string, separator: string): boolean {
    const below = key(folder) + separator;
    for (const name of this.#claims.keys()) if (name.startsWith(below)) return true;
    return false;
  }

  /** Moves the openers of a file that was renamed, or of what lies in a renamed folder. */
  move(from: string, to: string, separator: string): void {
    for (const [name, claims] of this.#claims) {
      const inside = name.startsWith(key(from) + separator);
      if (name !== key(from) && !inside) continue;
      this.#claims.delete(name);
      this.#claims.set(key(to) + name.slice(from.length), claims);
    }
  }
}

const key = (file: string): string => file.toLowerCase();
