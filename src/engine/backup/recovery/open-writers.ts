import { withoutWriter } from '../ledger/own-writers.ts';
import { recoverWriter, type WriterOutcome } from '../restore/writer/recover-writer.ts';
import type { RecoveryRun } from './recovery-run.ts';

/** Finishes or removes what interrupted restores with the Hyper-V writer left on this host. */
export async function recoverWriters(run: RecoveryRun, signal: AbortSignal): Promise<void> {
  const { deps, vmId } = run;
  const around = { host: deps.host, vmId, files: run.options.files.mapped, now: deps.now };
  for (const own of run.ledger.writers ?? []) {
    if (run.whereabouts(own) === 'elsewhere') continue;
    let outcome: WriterOutcome = 'removed';
    const recover = async (): Promise<void> => {
      outcome = await recoverWriter(around, own, true, signal);
    };
    const before = run.items.length;
    const name = own.disks[0] ?? own.id;
    if (!(await run.remove('temporary', name, WORDS.removed, recover, signal))) continue;
    if (run.dryRun) outcome = await recoverWriter(around, own, false, signal);
    const isDone = outcome === 'removed' || outcome === 'finished';
    const kind = isDone ? 'temporary' : outcome === 'unclear' ? 'unclear' : 'left';
    run.items.splice(before, 1, { kind, id: name, text: WORDS[outcome] });
    if (isDone) await run.update((ledger) => withoutWriter(ledger, own.id), signal);
  }
}

const WORDS: Readonly<Record<WriterOutcome, string>> = {
  removed: 'files of an interrupted restore with the Hyper-V writer: removed',
  finished:
    'a restore with the Hyper-V writer is complete: the files that it replaced were removed',
  deleted:
    'an interrupted restore with the Hyper-V writer, which has deleted the VM: its files stay. Start the same restore on the host again, or restore the point as a new VM',
  running: 'an interrupted restore with the Hyper-V writer that may still delete the VM: left',
  unclear:
    'an interrupted restore with the Hyper-V writer whose VM has only some of the restored files: left alone. Start the same restore on the host again',
  unreachable:
    'files of an interrupted restore with the Hyper-V writer that this machine cannot reach without a path map: left',
};
