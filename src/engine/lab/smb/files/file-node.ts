import { ByteLocks } from './byte-locks.ts';

/** A file or folder that somebody has open, shared by all its opens. */
export interface FileNode {
  /** Local path; a rename changes it. */
  local: string;
  readonly opens: Set<{ name: string }>;
  readonly locks: ByteLocks;
  /** It is removed with its last open, and cannot be opened until then. */
  deletePending: boolean;
}

/** Nodes by local path in lower case. */
export class FileNodes {
  readonly #nodes = new Map<string, FileNode>();

  find(local: string): FileNode | undefined {
    return this.#nodes.get(local.toLowerCase());
  }

  /** Returns the node of a path, new if nobody has it open. */
  of(local: string): FileNode {
    const known = this.find(local);
    if (known !== undefined) return known;
    const node: FileNode = {
      local,
      opens: new Set(),
      locks: new ByteLocks(),
      deletePending: false,
    };
    this.#nodes.set(local.toLowerCase(), node);
    return node;
  }

  /** Forgets a node that nobody has open. */
  drop(node: FileNode): void {
    if (node.opens.size === 0) this.#nodes.delete(node.local.toLowerCase());
  }

  /** Whether something below a folder is open. */
  hasOpenBelow(folder: string, separator: string): boolean {
    const below = folder.toLowerCase() + separator;
    for (const [name, node] of this.#nodes) {
      if (name.startsWith(below) && node.opens.size > 0) return true;
    }
    return false;
  }

  rename(node: FileNode, to: string): void {
    this.#nodes.delete(node.local.toLowerCase());
    node.local = to;
    this.#nodes.set(to.toLowerCase(), node);
  }
}
