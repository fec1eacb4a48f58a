import * as vscode from 'vscode';
import type { JobSpec } from '../../../engine/api/jobs.ts';
import { sayWarning } from '../../ask/messages.ts';
import { isLive } from '../../jobs/live-job.ts';
import { vmLabel } from '../../nodes/node-names.ts';
import type { SubjectNode } from '../../nodes/nodes.ts';
import type { Services } from '../../services/services.ts';

const { t } = vscode.l10n;

/** VMs that are being backed up into the store already are named and left out: the store would refuse a second writer. */
export async function withoutBusy<Subject extends SubjectNode>(
  { jobs }: Services,
  vms: readonly Subject[],
  store: string,
): Promise<readonly Subject[]> {
  const all = await jobs.look();
  const busy = (vm: Subject): boolean =>
    all.some(({ state, spec }) => isLive({ state }) && isBackupOf(spec, vm.row.id, store));
  for (const vm of vms.filter(busy)) void sayBusy(vm);
  return vms.filter((vm) => !busy(vm));
}

/** Whether a job backs up a VM, alone or with others, into a store. */
const isBackupOf = (spec: JobSpec, vm: string, store: string): boolean =>
  spec.kind === 'backup' && spec.store === store && (spec.vms ?? [spec.vm]).includes(vm);

async function sayBusy(vm: SubjectNode): Promise<void> {
  const show = t('Show Jobs');
  const chosen = await sayWarning(
    t('{0} is being backed up into this store already.', vmLabel(vm)),
    show,
  );
  if (chosen === show) await vscode.commands.executeCommand('refpoint.jobs.focus');
}
