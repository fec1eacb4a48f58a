import { recover } from '../../recovery/recover.ts';
import type { Leased, Recovered } from '../record/run-record.ts';

/** Recovers the leftovers of earlier runs, and then asks the host about the VM. */
export async function recoverRun(run: Leased, signal: AbortSignal): Promise<Recovered> {
  const { deps, vmId, keeper, notes, files } = run;
  const left = await recover(deps, vmId, keeper, { files, dryRun: false }, signal);
  notes.cleaned.push(...left);
  for (const { kind, id, text } of left) {
    if (kind === 'left') notes.unfinished.push({ code: 'clean.left', message: `${text} (${id})` });
  }
  await deps.host.ensureMerging(vmId, signal);
  return { ...run, vm: await deps.host.findVm(vmId, signal) };
}
