import type { PathMapping } from '../../api/host.ts';
import { never } from '../../base/abort.ts';
import { isEngineError } from '../../base/errors.ts';
import type { BackupHost } from '../host/host.ts';
import type { HostFiles, RemoteFiles } from '../host/host-files.ts';
import type { LocalDisks } from '../host/local-disks.ts';
import { mappedFiles } from '../host/mapped-files.ts';
import type { ReachableFiles } from '../host/reachable-files.ts';
import { sessionAt, withoutSession, withSession } from '../ledger/ledger.ts';
import type { LedgerKeeper } from './run-context.ts';

/** Age at which a session of a server that cannot be reached is forgotten, in milliseconds. */
const FORGET_AFTER_MS = 24 * 60 * 60 * 1000;

/** Time limit for ending an earlier session, in milliseconds. */
const END_MS = 10_000;

/**
 * The files of a host for one run. Its sessions at file servers are in the ledger as long as they may
 * have files open: an open file blocks the merge of a checkpoint, and a server keeps the files of a
 * client that vanished.
 */
export class RunFiles implements ReachableFiles {
  readonly local: LocalDisks;
  readonly mapped: HostFiles;
  readonly remote: RemoteFiles;
  readonly #keeper: LedgerKeeper;
  readonly #now: () => number;
  readonly #servers = new Set<string>();

  /**
   * Contacts no host yet.
   * @param recorded false for a dry run, which holds no lease: the ledger does not name its sessions, and
   *   those of earlier runs stay
   */
  constructor(
    host: Pick<BackupHost, 'isThisComputer' | 'localDisks' | 'remoteFiles'>,
    pathMap: readonly PathMapping[],
    keeper: LedgerKeeper,
    now: () => number,
    recorded = true,
  ) {
    this.#keeper = keeper;
    this.#now = now;
    this.local = host.localDisks();
    this.mapped = mappedFiles(pathMap, (signal) => host.isThisComputer(signal));
    const sessions = {
      previous: (server: string): string | undefined => sessionAt(keeper.ledger, server)?.id,
      opened: (server: string, id: string): Promise<void> => this.#opened(server, id),
    };
    this.remote = host.remoteFiles(pathMap, recorded ? sessions : undefined);
  }

  /**
   * Has file servers close what interrupted runs left open. A server that cannot be reached is asked
   * again by the next run, for a day.
   */
  async endEarlier(signal: AbortSignal): Promise<void> {
    for (const { server, opened } of this.#keeper.ledger.sessions ?? []) {
      const limit = AbortSignal.timeout(END_MS);
      try {
        await this.remote.endEarlier(server, AbortSignal.any([signal, limit]));
      } catch (error) {
        signal.throwIfAborted();
        const isUnreachable = limit.aborted || isEngineError(error);
        if (!isUnreachable || isEngineError(error, 'lease.lost')) throw error;
        const age = this.#now() - Date.parse(opened);
        if (age < FORGET_AFTER_MS) continue;
        await this.#keeper.update((ledger) => withoutSession(ledger, server), signal);
      }
    }
  }

  /**
   * Closes all files and ends the sessions. A later use begins new ones. Returns the servers that did not
   * answer; their sessions stay in the ledger.
   */
  async close(): Promise<readonly string[]> {
    const silent = await this.remote.close();
    const servers = [...this.#servers].filter((server) => !silent.includes(server));
    this.#servers.clear();
    if (servers.length > 0) {
      await this.#keeper.update((ledger) => servers.reduce(withoutSession, ledger), never);
    }
    return silent;
  }

  async #opened(server: string, id: string): Promise<void> {
    const opened = new Date(this.#now()).toISOString();
    this.#servers.add(server);
    await this.#keeper.update((ledger) => withSession(ledger, { server, id, opened }), never);
  }
}
