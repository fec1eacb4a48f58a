import { noProgress } from '../../base/progress.ts';
import { withOver, withoutOver, type OwnOver } from '../ledger/own-overs.ts';
import { recoverOver, type OverOutcome } from '../restore/over/recover-over.ts';
import type { RecoveryRun } from './recovery-run.ts';

/** Finishes or removes what interrupted restores over the VM left on this host. */
export async function recoverOvers(run: RecoveryRun, signal: AbortSignal): Promise<void> {
  for (const own of run.ledger.overs ?? []) {
    // One that is attached waits for a person: it is neither open nor left over.
    if (own.phase === 'attached' || run.whereabouts(own) === 'elsewhere') continue;
    await recoverOne(run, own, signal);
  }
}

async function recoverOne(run: RecoveryRun, own: OwnOver, signal: AbortSignal): Promise<void> {
  const { deps, vmId } = run;
  const { files } = run.options;
  const around = { host: deps.host, vmId, files, progress: noProgress, now: deps.now };
  let outcome: OverOutcome = 'removed';
  const recover = async (): Promise<void> => {
    outcome = await recoverOver(around, own, true, signal);
  };
  const before = run.items.length;
  const name = own.disks[0]?.new ?? own.id;
  if (!(await run.remove('over', name, WORDS.removed, recover, signal))) return;
  if (run.dryRun) outcome = await recoverOver(around, own, false, signal);
  const isDone = outcome === 'removed' || outcome === 'accepted';
  const kind =
    isDone || outcome === 'complete' ? 'over' : outcome === 'unclear' ? 'unclear' : 'left';
  run.items.splice(before, 1, { kind, id: name, text: WORDS[outcome] });
  if (isDone) await run.update((ledger) => withoutOver(ledger, own.id), signal);
  if (outcome === 'complete') {
    await run.update((ledger) => withOver(ledger, { ...own, phase: 'attached' }), signal);
  }
}

const WORDS: Readonly<Record<OverOutcome, string>> = {
  removed: 'restored disks of an interrupted restore over the VM: removed',
  complete: 'an interrupted restore over the VM is complete: the VM has the restored disks',
  accepted: 'an accepted restore over the VM: what only its undo needed was removed',
  running: 'an interrupted restore over the VM that the host is still working on: left',
  unclear:
    'an interrupted restore over the VM, which has other disk files now: its files were left alone',
  used: 'an interrupted restore over the VM, which is not off: left until the VM is off',
  unreachable:
    'files of an interrupted restore over the VM that this machine reaches neither through a path map nor over SMB: left',
};
