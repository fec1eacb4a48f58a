import type { Guid } from '../../base/guid.ts';
import type { ShadowCopy } from '../model.ts';
import type { PlacedShadow, SetOrder, ShadowSet, VssRequestor } from '../requestor.ts';
import { vssError } from '../vss-errors.ts';
import { vssFailure } from '../vss-failure.ts';
import { HOST_LOG, readDiskshadowLog, readJobLog, type DiskshadowLog } from './read-log.ts';
import {
  beginInFolder,
  endInFolder,
  lookInFolder,
  runDiskshadow,
  type DiskshadowRun,
  type RunCommand,
} from './run-diskshadow.ts';
import { requireComponents, requireShadows } from './read-set.ts';
import { ARCHIVE, makeScript, mountOf, removeScript } from './set-scripts.ts';

/** Time limit for removing a set, in milliseconds. */
const REMOVE_MS = 120_000;

/** Surroundings of a requestor. */
export interface DiskshadowPlace {
  readonly run: RunCommand;
  /** Name of the job's folder (`newFolderName`), which must not exist. */
  readonly name: string;
  /**
   * Returns the folder in which a shadow copy is mounted, as the host's WMI says; null if it does not.
   * Asked only if PowerShell did not name the job's folder as a path of Windows.
   */
  readonly mountedAt: (shadow: Guid, signal: AbortSignal) => Promise<string | null>;
}

/**
 * The requestor that has diskshadow make a persistent set. It selects no single VMs. One script makes the
 * set, mounts the copies below the job's folder and ends the backup; another one removes the set.
 */
export class DiskshadowRequestor implements VssRequestor {
  readonly kind = 'diskshadow';
  readonly selects = false;
  readonly #place: DiskshadowPlace;
  #order: SetOrder | undefined;
  #begun = false;
  /** {@link create} ended before the log was read: diskshadow may run on. */
  #mayRun = false;
  #set: Guid | undefined;

  /** Contacts no host yet. */
  constructor(place: DiskshadowPlace) {
    this.#place = place;
  }

  async metadata(): Promise<null> {
    return null;
  }

  async begin(order: SetOrder): Promise<void> {
    this.#order = order;
  }

  async create(signal: AbortSignal): Promise<ShadowSet> {
    const { volumes, vms, onSet } = this.#order ?? { volumes: [], vms: [] };
    const { run, name } = this.#place;
    const order = { name, lines: makeScript(volumes), mounts: volumes.length };
    this.#begun = true;
    this.#mayRun = true;
    const done = await beginInFolder(run, order, signal);
    this.#mayRun = false;
    const log = logOf(done);
    if (log.set !== null) {
      this.#set = log.set;
      await onSet?.(log.set);
    }
    const found = requireShadows(done, log, volumes);
    requireComponents(log, vms);
    const shadows: PlacedShadow[] = [];
    for (const [at, shadow] of found.shadows.entries()) {
      const root = await this.#rootOf(done.folder, at, shadow, signal);
      shadows.push({ ...shadow, root });
    }
    const [first] = shadows;
    const folder = first?.root.slice(0, -mountOf(0).length);
    const archive = folder === undefined ? null : `${folder}${ARCHIVE}`;
    return { id: found.id, shadows, writers: log.writers, components: null, archive };
  }

  async report(): Promise<void> {
    // diskshadow has no such command.
  }

  async documents(): Promise<null> {
    return null;
  }

  async complete(): Promise<void> {
    // The script has done it before the copying.
  }

  async abort(): Promise<void> {
    // diskshadow has ended the backup, or does so when it ends.
  }

  async close(signal: AbortSignal): Promise<void> {
    if (!this.#begun) return;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(REMOVE_MS)]);
    if (!this.#mayRun || (await this.#findSet(limit))) {
      await removeSet(this.#place, this.#set ?? null, limit);
    }
    this.#begun = false;
  }

  /**
   * Finds the set of a script whose end was not seen. Returns false if the script never began. Throws
   * `vss.busy` if the log does not name a set: diskshadow may still be making it.
   */
  async #findSet(signal: AbortSignal): Promise<boolean> {
    const found = await lookInFolder(this.#place.run, this.#place.name, signal);
    if (found === undefined) return false;
    const set = readJobLog(found.log)?.set ?? null;
    if (set === null) {
      throw vssError('vss.busy', 'diskshadow may still be making the shadow copies', {
        data: { step: 'delete', hresult: null, found: 'no set in its log' },
      });
    }
    this.#set = set;
    this.#mayRun = false;
    return true;
  }

  /** Returns the folder of a mounted copy in the host's spelling. */
  async #rootOf(
    folder: string,
    at: number,
    { id }: ShadowCopy,
    signal: AbortSignal,
  ): Promise<string> {
    if (/^[a-z]:\\/i.test(folder)) return `${folder}\\${mountOf(at)}`;
    const root = (await this.#place.mountedAt(id, signal))?.replace(/\\+$/, '') ?? null;
    if (root !== null && /^[a-z]:\\/i.test(root)) return root;
    throw vssError('vss.answer', 'The host does not say where the shadow copies are mounted', {
      data: { found: folder.slice(0, 200), expected: 'a folder of Windows' },
    });
  }
}

/**
 * Removes a set and the job's folder. Without a set only the folder is removed. A set or a folder that
 * is gone is skipped: a set outlives a folder that somebody deleted. Throws `vss.*`.
 */
export async function removeSet(
  { run, name }: Pick<DiskshadowPlace, 'run' | 'name'>,
  set: Guid | null,
  signal: AbortSignal,
): Promise<void> {
  const lines = set === null ? [] : removeScript(set);
  const inFolder = await endInFolder(run, name, lines, signal);
  if (inFolder === undefined && set === null) return;
  const done = inFolder ?? (await runDiskshadow(run, lines, signal));
  if (done.exitCode === 0) return;
  const { hresults } = logOf(done);
  // It was removed before, by an administrator or by Windows when the storage was full.
  if (hresults.includes(0x80042308)) {
    if (inFolder !== undefined) await endInFolder(run, name, [], signal);
    return;
  }
  throw vssFailure('delete', hresults[0] ?? null);
}

function logOf({ log, exitCode }: DiskshadowRun): DiskshadowLog {
  if (log.length > 0) return readDiskshadowLog(log, HOST_LOG);
  throw vssError('vss.diskshadow', `diskshadow ended with ${exitCode} and wrote no log`, {
    data: { exitCode, expected: 'a log' },
  });
}
