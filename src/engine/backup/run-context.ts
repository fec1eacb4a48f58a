import { randomUUID } from 'node:crypto';
import type { Guid } from '../base/guid.ts';
import type { Log } from '../base/log.ts';
import type { Progress } from '../base/progress.ts';
import { EDGE_WORDS, type Edge, type OnEdge } from './edges.ts';
import type { BackupHost } from './host.ts';
import type { LedgerFile } from './ledger-file.ts';
import type { Intent, Ledger } from './ledger.ts';
import type { Store } from './store/store.ts';

/** What a run works with. */
export interface RunDeps {
  readonly host: BackupHost;
  readonly store: Store;
  readonly progress: Progress;
  readonly log: Log;
  readonly onEdge: OnEdge;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The ledger of a run: changed and saved as one step. */
export class LedgerKeeper {
  readonly #file: LedgerFile;
  #ledger: Ledger;

  private constructor(file: LedgerFile, ledger: Ledger) {
    this.#file = file;
    this.#ledger = ledger;
  }

  static async load(file: LedgerFile, signal: AbortSignal): Promise<LedgerKeeper> {
    return new LedgerKeeper(file, await file.load(signal));
  }

  get ledger(): Ledger {
    return this.#ledger;
  }

  /** Durable when it returns. */
  async update(change: (ledger: Ledger) => Ledger, signal: AbortSignal): Promise<void> {
    const next = change(this.#ledger);
    await this.#file.save(next, signal);
    this.#ledger = next;
  }
}

/** A warning of a run, kept with the point. */
export interface RunWarning {
  readonly code: string;
  readonly message: string;
}

/** An intent with what all have in common. */
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

/** Reports an edge to the log and to whoever wants to know. */
export async function pass(deps: RunDeps, vmId: Guid, edge: Edge): Promise<void> {
  const data = { vm: vmId, edge };
  deps.log({ level: 'info', area: 'backup', message: EDGE_WORDS[edge], data });
  await deps.onEdge(edge);
}
