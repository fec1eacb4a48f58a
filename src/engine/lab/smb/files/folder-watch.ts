import fs from 'node:fs';
import path from 'node:path';
import { alignTo8, utf16, written } from '../../../net/smb/codec/protocol/body.ts';

/** Changes that are kept between two requests; more are answered with NOTIFY_ENUM_DIR. */
const MAX_CHANGES = 512;
const HEAD = 12;

/** Actions of FILE_NOTIFY_INFORMATION (MS-FSCC 2.7.1). */
const ADDED = 1;
const REMOVED = 2;
const MODIFIED = 3;

/** Filters of CHANGE_NOTIFY (MS-SMB2 2.2.35) that concern names; all others concern contents. */
const NAMES = 0x3;

interface Change {
  readonly action: number;
  /** Relative to the folder, `\` between its parts. */
  readonly name: string;
}

/** Watches a folder for one open, from its first CHANGE_NOTIFY until it is closed. */
export class FolderWatch {
  readonly #watcher: fs.FSWatcher;
  readonly #changes: Change[] = [];
  #overflow = false;
  /** Requests that wait, the oldest first. */
  readonly #waiting = new Set<() => void>();

  /** @param tree also what lies in folders below */
  constructor(local: string, filter: number, tree: boolean) {
    this.#watcher = fs.watch(local, { recursive: tree, persistent: false }, (kind, name) => {
      if (name === null) return;
      const names = kind === 'rename';
      if (names ? (filter & NAMES) === 0 : (filter & ~NAMES) === 0) return;
      const exists = names && fs.existsSync(path.join(local, name));
      this.#add({ action: names ? (exists ? ADDED : REMOVED) : MODIFIED, name: hostName(name) });
    });
    // The folder itself may be removed.
    this.#watcher.on('error', () => this.#wake());
  }

  close(): void {
    this.#watcher.close();
  }

  /**
   * Waits for changes. Returns them as FILE_NOTIFY_INFORMATION of at most `most` bytes; undefined if
   * they are too many to list. Throws the reason of the signal.
   */
  async take(most: number, signal: AbortSignal): Promise<Buffer | undefined> {
    while (this.#changes.length === 0 && !this.#overflow) {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        this.#waiting.add(wake);
        signal.addEventListener('abort', wake, { once: true });
      });
    }
    const changes = this.#changes.splice(0);
    const tooMany = this.#overflow;
    this.#overflow = false;
    const bytes = encodeChanges(changes);
    return tooMany || bytes.length > most ? undefined : bytes;
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  #add(change: Change): void {
    const last = this.#changes.at(-1);
    if (last?.action === change.action && last.name === change.name) return;
    if (this.#changes.length >= MAX_CHANGES) this.#overflow = true;
    else this.#changes.push(change);
    this.#wake();
  }
}

const hostName = (name: string): string => name.split(path.sep).join('\\');

/** FILE_NOTIFY_INFORMATION: u32 offset of the next one, u32 action, u32 length of the name; name. */
function encodeChanges(changes: readonly Change[]): Buffer {
  return Buffer.concat(
    changes.map(({ action, name }, at) => {
      const text = utf16(name);
      const last = at === changes.length - 1;
      const length = last ? HEAD + text.length : alignTo8(HEAD + text.length);
      return written(length, (to) =>
        to
          .u32(last ? 0 : length)
          .u32(action)
          .u32(text.length)
          .put(text),
      );
    }),
  );
}
