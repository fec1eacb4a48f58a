import { tellInLog } from '../../backup/context/take-lease.ts';
import type { HostVm } from '../../backup/host/host.ts';
import { CallInLedger } from '../../backup/context/call-in-ledger.ts';
import type { Intent, Ledger, OwnCheckpoint } from '../../backup/ledger/ledger.ts';
import { LedgerKeeper, newIntent } from '../../backup/context/run-context.ts';
import type { Log } from '../../base/log.ts';
import type { HypervBackupHost } from '../hyperv-backup-host.ts';
import type { KnownLedger } from './known-ledger.ts';
import { settleOwn } from './settle-own.ts';

/** What every record of something made by hand has. */
export type MadeByHand = Omit<OwnCheckpoint, 'kept'>;

/** One call by hand that makes something on the host. */
export interface Making<T> {
  /** The command, for whoever meets the lease. */
  readonly job: string;
  readonly kind: 'checkpoint' | 'referencePoint';
  readonly details: Partial<Pick<Intent, 'consistency' | 'checkpointId' | 'disks'>>;
  readonly make: (call: CallInLedger, signal: AbortSignal) => Promise<T>;
  /** Records it and ends the intent. */
  readonly record: (ledger: Ledger, own: MadeByHand, intentId: string) => Ledger;
  /** After a failure, once the ledger is recovered. */
  readonly settle?: (intent: Intent, signal: AbortSignal) => Promise<void>;
}

/**
 * Makes something by hand under the ledger's lease and records it as the user's own: intent first, then what came of it. What a
 * call that failed has made all the same becomes known as ours, or is found by `clean`. Throws `lease.held`.
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
