import * as vscode from 'vscode';
import type { BackupOptions } from '../../../engine/api/backup.ts';
import type { HostTarget } from '../../../engine/api/host.ts';
import { showError } from '../../errors/present-error.ts';
import { currentHost, hostKey } from '../../settings/hosts.ts';
import type { CommandHandler, Services } from '../../services/services.ts';
import type { SubjectNode } from '../../nodes/nodes.ts';
import { pickSubjects } from '../../hosts/pick-host.ts';
import { runJobs } from '../../jobs/run-jobs.ts';
import { targetsOf } from '../../hosts/targets.ts';
import { askOptions } from './ask-options.ts';
import { backupOptions } from '../../choices/backup-options.ts';
import { pickPlan } from './pick-plan.ts';
import { withoutBusy } from './without-busy.ts';
import { pickStore } from '../../stores/pick-store.ts';
import { vmLabel } from '../../nodes/node-names.ts';

const { t } = vscode.l10n;

/** VMs or groups, store, kind with the plan of each; then one job for each. */
export const backup: CommandHandler = async (services, node, selected) => {
  const picked = await pickSubjects(services, node, selected);
  if (picked.length === 0) return;
  const store = await pickStore(t('Back up into'), true);
  if (store === undefined) return;
  const vms = await withoutBusy(services, picked, store);
  if (vms.length === 0) return;
  const chosen = await planned(services, vms, store);
  if (chosen === undefined) return;
  const jobs = chosen.vms.map((vm) => {
    const host = currentHost(vm.host);
    return {
      title: vmLabel(vm),
      spec: {
        kind: 'backup' as const,
        host: host.url,
        vm: vm.row.id,
        ...(vm.kind === 'group' ? { group: true } : {}),
        store,
        options: backupOptions(host, chosen.kind, services.choices.of(vm.row.id)),
      },
      target: chosen.targets.get(hostKey(vm.host)) ?? null,
    };
  });
  await forgetMembers(services, chosen.vms);
  await runJobs(services, jobs);
};

/** A member that is missing again is asked about again. */
async function forgetMembers({ choices }: Services, vms: readonly SubjectNode[]): Promise<void> {
  for (const { row } of vms) {
    const { withoutMembers, ...rest } = choices.of(row.id);
    if (withoutMembers !== undefined) await choices.set(row.id, rest);
  }
}

/** The accepted plan, and the targets that it was made with. */
interface Chosen {
  readonly kind: BackupOptions['kind'];
  readonly vms: readonly SubjectNode[];
  readonly targets: ReadonlyMap<string, HostTarget>;
}

/** Shows the plan, lets the user fix problems and change options, until it is accepted or cancelled. */
async function planned(
  services: Services,
  vms: readonly SubjectNode[],
  store: string,
): Promise<Chosen | undefined> {
  for (;;) {
    // Anew for each plan: a fix may approve a file server.
    const targets = await targetsOf(
      services,
      vms.map(({ host }) => host),
    );
    const answer = await pickPlan(services, vms, store, targets).catch((error: unknown) => {
      void showError(services.output, error, vms[0]);
      return undefined;
    });
    if (answer === undefined) return undefined;
    if (answer.do === 'start') return { ...answer, targets };
    if (answer.do === 'fix') await answer.fix(services);
    else await askOptions(services, vms);
  }
}
