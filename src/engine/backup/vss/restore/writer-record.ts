import type { Guid } from '../../../base/guid.ts';
import type { Log } from '../../../base/log.ts';
import type { Progress } from '../../../base/progress.ts';
import { LedgerKeeper, type HeldLease } from '../../context/run-context.ts';
import { tellOfWait } from '../../context/take-lease.ts';
import type { BackupHost } from '../../host/host.ts';
import type { HostFiles } from '../../host/host-files.ts';
import { mappedFiles } from '../../host/mapped-files.ts';
import { storeLedger, withLease } from '../../ledger/ledger-file.ts';
import { withoutWriter, withWriter, type OwnWriterRestore } from '../../ledger/own-writers.ts';
import { recovered } from '../../recovery/clean.ts';
import { requireNone } from '../../replace/restore-over.ts';
import { requireSettled } from '../../replace/with-vm.ts';
import type { OnWriterEdge } from '../../restore/writer/writer-edges.ts';
import { removeReplaced, removeStaging } from '../../restore/writer/writer-files.ts';
import type { Store } from '../../store/contract/store.ts';

/** Surroundings of a restore with the Hyper-V writer. */
export interface WriterRestoreDeps {
  readonly host: BackupHost;
  readonly store: Store;
  readonly progress: Progress;
  readonly log: Log;
  /** Called at each edge; tests end the process there. */
  readonly onEdge: OnWriterEdge;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Time limit for recording and removing what is left, also after a cancellation. */
const END_MS = 60_000;

/** The record of a restore with the Hyper-V writer in the ledger of its VM. */
export class WriterRecord {
  readonly #keeper: LedgerKeeper;
  readonly #files: HostFiles;
  readonly #now: () => number;
  #own: OwnWriterRestore;

  constructor(keeper: LedgerKeeper, own: OwnWriterRestore, files: HostFiles, now: () => number) {
    this.#keeper = keeper;
    this.#own = own;
    this.#files = files;
    this.#now = now;
  }

  get own(): OwnWriterRestore {
    return this.#own;
  }

  /** The writer was asked to delete the VM: from now on no file is removed. */
  get asked(): boolean {
    return this.#own.phase !== 'staging';
  }

  /** Records the restore instead of an earlier one of the same files; durable on return. */
  async begin(signal: AbortSignal): Promise<void> {
    const files = filesOf(this.#own);
    const earlier = (this.#keeper.ledger.writers ?? []).filter((each) => filesOf(each) === files);
    await this.#keeper.update((ledger) => {
      const others = earlier.reduce((rest, { id }) => ({ ...withoutWriter(rest, id) }), ledger);
      return withWriter(others, this.#own);
    }, signal);
    // A VM that an earlier try may have deleted needs these files: they are not removed.
    const open = earlier.find(({ phase }) => phase !== 'staging');
    if (open !== undefined) await this.#change({ phase: 'asked', asked: open.asked }, signal);
  }

  async asking(signal: AbortSignal): Promise<void> {
    await this.#change({ phase: 'asked', asked: new Date(this.#now()).toISOString() }, signal);
  }

  /** Removes what was replaced, and the record, once the writer has registered the VM. */
  async finish(): Promise<void> {
    const limit = AbortSignal.timeout(END_MS);
    await this.#change({ phase: 'registered' }, limit);
    await removeReplaced(this.#own, this.#files, limit);
    await this.#forget(limit);
  }

  /** Removes what was written before the writer was asked. Never throws: recovery repeats it. */
  async giveUp(log: Log): Promise<void> {
    try {
      await this.#forget(AbortSignal.timeout(END_MS));
    } catch (error) {
      const message = `Files of the restore could not be removed; the next cleanup removes them: ${(error as Error).message}`;
      log({ level: 'warn', area: 'restore', message });
    }
  }

  async #forget(signal: AbortSignal): Promise<void> {
    await removeStaging(this.#own, this.#files, signal);
    await this.#keeper.update((ledger) => withoutWriter(ledger, this.#own.id), signal);
  }

  async #change(change: Partial<OwnWriterRestore>, signal: AbortSignal): Promise<void> {
    const own = { ...this.#own, ...change };
    await this.#keeper.update((ledger) => withWriter(ledger, own), signal);
    this.#own = own;
  }
}

const filesOf = ({ disks, config }: OwnWriterRestore): string => [...disks, ...config].join('\0');

/**
 * Runs `work` with the lease and the ledger of the VM that is restored, after what interrupted runs left
 * was recovered. Of a VM that is not on the host, as after an interrupted restore, nothing is. Throws
 * `lease.held`, `over.open`.
 */
export async function withWriterRecord(
  deps: WriterRestoreDeps,
  vmId: Guid,
  own: OwnWriterRestore,
  work: (record: WriterRecord, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { host, store, now } = deps;
  const run = async (held: AbortSignal, lease: HeldLease): Promise<void> => {
    const keeper = await LedgerKeeper.load(storeLedger(store, vmId), held, lease);
    if ((await host.systems.systemState(vmId, held)).state !== 'gone') {
      await recovered(deps, vmId, keeper, { pathMap: [], dryRun: false }, held);
      requireSettled(keeper, vmId);
      requireNone(keeper.ledger);
    }
    const files = mappedFiles([], (inner) => host.isThisComputer(inner));
    await work(new WriterRecord(keeper, own, files, now), held);
  };
  await withLease(store, vmId, 'restore', run, signal, tellOfWait(deps));
}
