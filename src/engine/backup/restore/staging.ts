import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { never } from '../../base/abort.ts';
import type { Progress } from '../../base/progress.ts';
import { replaceFile } from '../../source/files/atomic-file.ts';
import { fileError, systemCode } from '../../source/platform/file-errors.ts';
import { createFolderExclusive, removeTree } from '../../source/folders/folder.ts';
import { TEMPORARY_PREFIX } from '../../source/folders/place-file.ts';
import { systemLeaseClock, type LeaseClock } from '../lease/lease-clock.ts';
import { formatLease, parseLease, type LatestLease, type LeaseState } from '../lease/lease-file.ts';
import { HEARTBEAT_MS } from '../lease/lease.ts';
import { thisProcess } from '../lease/lease-owner.ts';
import { watchHolder } from '../lease/lease-stale.ts';

const PREFIX = `${TEMPORARY_PREFIX}restore-`;
const OWNER_FILE = 'owner.json';

/**
 * The folder `.refpoint-restore-…` inside the target folder, which contains the restored disks
 * until all are verified. It names its process like a lease and is renewed, so that the next
 * restore into the same folder removes the leftovers of a killed one but leaves a running one
 * alone.
 */
export class RestoreStaging {
  readonly folder: string;
  readonly #stop = new AbortController();
  #beating: Promise<void> = Promise.resolve();

  private constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * Removes the leftovers of killed restores in `target`, and creates a folder for this one. Throws
   * `source.*`.
   */
  static async open(
    target: string,
    progress: Progress,
    signal: AbortSignal,
    clock: LeaseClock = systemLeaseClock,
  ): Promise<RestoreStaging> {
    const owner = await thisProcess('restore');
    await removeAbandoned(target, progress, signal, clock);
    const folder = path.join(target, `${PREFIX}${randomUUID()}`);
    await createFolderExclusive(folder);
    const staging = new RestoreStaging(folder);
    const since = new Date(clock.now()).toISOString();
    const state = { ...owner, version: 1, token: 1, since, released: false } as const;
    await staging.#write({ ...state, heartbeat: since, beats: 0 });
    staging.#beating = staging.#beat({ ...state, heartbeat: since }, clock);
    return staging;
  }

  /** Returns the path of a file until it is verified. */
  file(name: string): string {
    return path.join(this.folder, name);
  }

  /**
   * Removes the folder with all files that were not placed. Never throws: the next restore removes
   * what is left.
   */
  async close(): Promise<void> {
    this.#stop.abort(new Error('closed'));
    await this.#beating;
    await removeTree(this.folder).catch(() => undefined);
  }

  async #beat(state: LeaseState, clock: LeaseClock): Promise<void> {
    const { signal } = this.#stop;
    for (let beats = 1; !signal.aborted; beats++) {
      try {
        await clock.wait(HEARTBEAT_MS, signal);
        await this.#write({ ...state, heartbeat: new Date(clock.now()).toISOString(), beats });
      } catch {
        // Closed, or the folder cannot be written now, which writing the disks will report.
      }
    }
  }

  async #write(state: LeaseState): Promise<void> {
    await replaceFile(path.join(this.folder, OWNER_FILE), formatLease(state), never);
  }
}

/**
 * Removes staging folders whose process has ended, or that are not renewed while they are watched.
 */
export async function removeAbandoned(
  target: string,
  progress: Progress,
  signal: AbortSignal,
  clock: LeaseClock = systemLeaseClock,
): Promise<void> {
  const asker = await thisProcess('restore');
  for (const name of await namesIn(target)) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = path.join(target, name);
    const read = (): Promise<LatestLease | undefined> => readOwner(folder);
    const found = await read();
    if (found === undefined) continue;
    const onWatch = (): void =>
      progress.phase(`Watching ${folder} of another restore for up to a minute`, 0);
    const { verdict } = await watchHolder(found, { read, asker, clock, onWatch }, signal);
    // A folder that cannot be removed now does not prevent the restore.
    if (verdict === 'free') await removeTree(folder).catch(() => undefined);
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await fs.readdir(folder);
  } catch (error) {
    throw fileError(error, 'list', folder);
  }
}

/**
 * Returns the owner of a staging folder. If it cannot be read, the folder is only watched.
 * Undefined if the folder is missing.
 */
async function readOwner(folder: string): Promise<LatestLease | undefined> {
  try {
    const bytes = await fs.readFile(path.join(folder, OWNER_FILE));
    const text = bytes.toString('utf8');
    return { token: 1, state: ownerIn(bytes), text };
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') return { token: 1, state: undefined, text: '' };
    const gone = await fs.lstat(folder).then(
      () => false,
      () => true,
    );
    return gone ? undefined : { token: 1, state: undefined, text: '' };
  }
}

function ownerIn(bytes: Uint8Array): LeaseState | undefined {
  try {
    return parseLease(bytes);
  } catch {
    return undefined;
  }
}
