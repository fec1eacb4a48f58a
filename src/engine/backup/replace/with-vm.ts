import type { Log } from '../../base/log.ts';
import type { Progress } from '../../base/progress.ts';
import type { Guid } from '../../base/guid.ts';
import type { PathMapping } from '../../api/host.ts';
import { LedgerKeeper } from '../context/run-context.ts';
import { RunFiles } from '../context/run-files.ts';
import { tellOfWait } from '../context/take-lease.ts';
import { backupError } from '../errors/backup-errors.ts';
import type { BackupHost } from '../host/host.ts';
import { storeLedger, withLease } from '../ledger/ledger-file.ts';
import { recovered } from '../recovery/clean.ts';
import { OVER_EDGE_WORDS, type OnOverEdge, type OverEdge } from '../restore/over/over-edges.ts';
import type { Store } from '../store/contract/store.ts';

/**
 * Restores over the disks of a VM, their undo, and giving that up. May import what `backup` has below:
 * the parts are in `restore/over`, what interruptions leave in `recovery`. Start reading with
 * `restore-over.ts`.
 */
export interface OverDeps {
  readonly host: BackupHost;
  readonly store: Store;
  readonly progress: Progress;
  readonly log: Log;
  readonly onEdge: OnOverEdge;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Runs `work` with the lease and the ledger of the VM whose disks are replaced, after the leftovers of
 * interrupted runs were recovered. Throws `lease.held`, `over.open` if some of them could not be.
 */
export async function withVm<T>(
  deps: OverDeps,
  vmId: Guid,
  pathMap: readonly PathMapping[],
  work: (keeper: LedgerKeeper, files: RunFiles, signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const { store } = deps;
  // Before anything is written for an ID that nobody has.
  await deps.host.identifyVm(vmId, signal);
  await store.createFolder(vmId, signal);
  const file = storeLedger(store, vmId);
  return withLease(
    store,
    vmId,
    'restore',
    async (held, lease) => {
      const keeper = await LedgerKeeper.load(file, held, lease);
      await recovered(deps, vmId, keeper, { pathMap, dryRun: false }, held);
      requireSettled(keeper, vmId);
      // Its sessions at file servers are in the ledger, so that a later run can end them.
      const files = new RunFiles(deps.host, pathMap, keeper, deps.now);
      try {
        return await work(keeper, files, held);
      } finally {
        await files.close();
      }
    },
    signal,
    tellOfWait(deps),
  );
}

/** Throws `over.open` for what an interrupted run left and recovery could not finish. */
export function requireSettled({ ledger }: LedgerKeeper, vmId: Guid): void {
  const { intents, checkpoints, overs = [] } = ledger;
  // An export, or a restore as a new VM, has nothing to do with the disks of this one.
  const calls = intents.filter(({ kind }) => kind !== 'export');
  const open = [
    ...calls.map(() => 'a call to the host whose outcome is not known'),
    ...checkpoints.filter(({ kept }) => !kept).map(() => 'a backup checkpoint'),
    ...overs.filter(({ phase }) => phase !== 'attached').map(() => 'an unfinished restore over it'),
  ];
  const [first] = open;
  if (first === undefined) return;
  throw backupError(
    'over.open',
    `An interrupted run left ${first} of the VM ${vmId}, which could not be recovered now`,
    { data: { vm: vmId, found: open } },
  );
}

/** Reports an edge to the log and to the listener. */
export async function passOver(
  { log, onEdge }: Pick<OverDeps, 'log' | 'onEdge'>,
  edge: OverEdge,
): Promise<void> {
  log({ level: 'info', area: 'restore', message: OVER_EDGE_WORDS[edge], data: { edge } });
  await onEdge(edge);
}
