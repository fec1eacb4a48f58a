import { tellInLog } from '../../backup/context/take-lease.ts';
import type { HostVm } from '../../backup/host/host.ts';
import { CallInLedger } from '../../backup/context/call-in-ledger.ts';
import type { Intent, Ledger, OwnCheckpoint } from '../../backup/ledger/ledger.ts';
import { LedgerKeeper, newIntent } from '../../backup/context/run-context.ts';
import type { Log } from '../../base/log.ts';
import type { HypervBackupHost } from '../hyperv-backup-host.ts';
import type { KnownLedger } from './known-ledger.ts';
import { settleOwn } from './settle-own.ts';

/** Fields that every record of an object made by hand has. */
export type MadeByHand = Omit<OwnCheckpoint, 'kept'>;

/** A call by hand that creates an object on the host. */
export interface Making<T> {
  /** Name of the command, for messages about the lease. */
  readonly job: string;
  readonly kind: 'checkpoint' | 'referencePoint';
  readonly details: Partial<Pick<Intent, 'consistency' | 'checkpointId' | 'disks'>>;
  readonly make: (call: CallInLedger, signal: AbortSignal) => Promise<T>;
  /** Records the object and ends the intent. */
  readonly record: (ledger: Ledger, own: MadeByHand, intentId: string) => Ledger;
  /** Runs after a failure, once the ledger is recovered. */
  readonly settle?: (intent: Intent, signal: AbortSignal) => Promise<void>;
}

/**
 * Creates an object under the ledger's lease and records it as the user's own: first the intent,
 * then the result. If the call fails but the object was created, it is recorded as ours or found by
 * `clean`. Throws `lease.held`.
 */
export function makeByHand<T extends { readonly id: string }>(
  host: HypervBackupHost,
  vm: HostVm,
  ledger: KnownLedger,
  making: Making<T>,
  log: Log,
  signal: AbortSignal,
): Promise<T> {
  const work = (held: AbortSignal): Promise<T> => make(host, vm, ledger, making, log, held);
  return ledger.change(making.job, work, signal, tellInLog(log));
}

async function make<T extends { readonly id: string }>(
  host: HypervBackupHost,
  vm: HostVm,
  ledger: KnownLedger,
  { kind, details, ...making }: Making<T>,
  log: Log,
  signal: AbortSignal,
): Promise<T> {
  const keeper = await LedgerKeeper.load(ledger, signal);
  const computerName = await host.computerName(signal);
  const now =
    kind === 'checkpoint'
      ? await host.listCheckpoints(vm.id, signal)
      : await host.listReferencePoints(vm.id, signal);
  const existing = now.map(({ id }) => id);
  const fields = { ...details, kind, pointId: null, existing, computerName };
  const intent = newIntent({ host, now: Date.now }, fields);
  const call = new CallInLedger(keeper, intent, Date.now, signal);
  try {
    const made = await making.make(call, signal);
    signal.throwIfAborted();
    const on = { host: host.url, computerName };
    const own = { id: made.id, ...on, created: intent.time, pointId: null };
    await keeper.update((known) => making.record(known, own, intent.id), signal);
    return made;
  } catch (error) {
    const settle = making.settle?.bind(undefined, intent);
    await settleOwn(host, vm.id, ledger, call, error, log, settle);
    throw error;
  }
}
