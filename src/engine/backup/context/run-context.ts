import { randomUUID } from 'node:crypto';
import type { Warning } from '../../api/backup.ts';
import type { Guid } from '../../base/guid.ts';
import type { Log } from '../../base/log.ts';
import type { Progress } from '../../base/progress.ts';
import { EDGE_WORDS, type Edge, type OnEdge } from './edges.ts';
import type { BackupHost } from '../host/host.ts';
import type { LedgerFile } from '../ledger/ledger-file.ts';
import type { Intent, Ledger } from '../ledger/ledger.ts';
import type { Lease } from '../lease/lease.ts';
import type { Store } from '../store/contract/store.ts';

/** Everything that a run works with. */
export interface RunDeps {
  readonly host: BackupHost;
  readonly store: Store;
  readonly progress: Progress;
  readonly log: Log;
  readonly onEdge: OnEdge;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /**
   * Pauses between looks for a new file that a share does not list yet, in milliseconds; tests set
   * their own.
   */
  readonly listingPauses?: readonly number[];
}

/** The lease under which a ledger is written. */
export type HeldLease = Pick<Lease, 'assertHeld'>;

/** The ledger of a run: each change is saved at once. */
export class LedgerKeeper {
  readonly #file: LedgerFile;
  readonly #lease: HeldLease | undefined;
  #ledger: Ledger;
  /** The last change: the next one waits for it. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(file: LedgerFile, ledger: Ledger, lease: HeldLease | undefined) {
    this.#file = file;
    this.#ledger = ledger;
    this.#lease = lease;
  }

  /**
   * @param lease required for writing. Without it the ledger is only read, or has no other writer.
   */
  static async load(
    file: LedgerFile,
    signal: AbortSignal,
    lease?: HeldLease,
  ): Promise<LedgerKeeper> {
    return new LedgerKeeper(file, await file.load(signal), lease);
  }

  get ledger(): Ledger {
    return this.#ledger;
  }

  /**
   * Checks the lease before an object is removed that could belong to another holder. Throws
   * `lease.lost`.
   */
  async assertHeld(signal: AbortSignal): Promise<void> {
    await this.#lease?.assertHeld(signal);
  }

  /**
   * Changes and saves the ledger; durable on return. Writes nothing and throws `lease.lost` if the
   * lease is no longer held.
   */
  update(change: (ledger: Ledger) => Ledger, signal: AbortSignal): Promise<void> {
    const update = this.#last.then(async () => {
      const next = change(this.#ledger);
      await this.assertHeld(signal);
      await this.#file.save(next, signal);
      this.#ledger = next;
    });
    this.#last = update.catch(() => undefined);
    return update;
  }
}

/** A warning of a run, kept with the point. */
export type RunWarning = Warning;

/** Creates an intent with the common fields. */
export function newIntent(
  deps: Pick<RunDeps, 'host' | 'now'>,
  fields: Pick<Intent, 'kind' | 'pointId' | 'existing' | 'computerName'> & Partial<Intent>,
): Intent {
  return {
    id: randomUUID(),
    time: new Date(deps.now()).toISOString(),
    host: deps.host.url,
    consistency: null,
    checkpointId: null,
    directory: null,
    asked: null,
    job: null,
    disks: [],
    ...fields,
  };
}

/**
 * Reports an edge to the log and to the listener.
 * @param words sentence for the log, with the facts of this run; null: nothing was done that a log
 *   should name.
 */
export async function pass(
  deps: RunDeps,
  vmId: Guid,
  edge: Edge,
  words: string | null = EDGE_WORDS[edge],
): Promise<void> {
  const data = { vm: vmId, edge };
  if (words !== null) deps.log({ level: 'info', area: 'backup', message: words, data });
  await deps.onEdge(edge);
}
