import * as vscode from 'vscode';
import type { HostTarget, PathMapping } from '../../../engine/api/host.ts';
import { requests } from '../../../engine/api/methods.ts';
import type { SetPlanDocument } from '../../../engine/api/vss.ts';
import { sayInfo } from '../../ask/messages.ts';
import { backupOptions } from '../../choices/backup-options.ts';
import { showError } from '../../errors/present-error.ts';
import { pickHost } from '../../hosts/pick-host.ts';
import { mustHaveTarget } from '../../hosts/targets.ts';
import { runJobs, type NewJob } from '../../jobs/run-jobs.ts';
import { vmLabel } from '../../nodes/node-names.ts';
import type { CommandHandler, Services } from '../../services/services.ts';
import { currentHost, hostLabel, pathMapOf } from '../../settings/hosts.ts';
import { pickStore } from '../../stores/pick-store.ts';
import { withoutBusy } from '../backup/without-busy.ts';
import { pickSetPlan } from './pick-set-plan.ts';
import type { SetDraft } from './set-draft.ts';
import { askVms } from './set-vms.ts';

const { t } = vscode.l10n;

/**
 * Backs up several VMs of a host out of one shadow copy set: asks for VMs and store, and shows the plan with everything that is disturbed
 * until it is accepted or cancelled. Makes nothing before that.
 */
export const backUpByVss: CommandHandler = async (services, node) => {
  const found = await pickHost(services, node, 'reachable');
  if (found === undefined) return;
  const { host } = found;
  await mustHaveTarget(services, host);
  if (services.hosts.host(found.id)?.state !== 'connected')
    await services.hosts.connect(found.id, true);
  if (services.hosts.vms(found.id).length === 0) {
    void sayInfo(t('{0} has no VM that could be backed up.', hostLabel(host)));
    return;
  }
  const chosen = await askVms(services, host);
  if (chosen === undefined) return;
  const store = await pickStore(t('Back up into'), true);
  if (store === undefined) return;
  const vms = await withoutBusy(services, chosen, store);
  if (vms.length === 0) return;
  let draft: SetDraft = { host, store, vms, allowed: [] };
  for (;;) {
    const now = draft;
    // Anew for each plan: a fix may change the login.
    const target = await mustHaveTarget(services, now.host);
    const ids = now.vms.map(({ row }) => row.id);
    const ask = (token: vscode.CancellationToken): Promise<SetPlanDocument> =>
      planOf(services, { target, pathMap: pathMapOf(now.host) }, ids, token);
    const answer = await pickSetPlan(services, now, ask).catch((error: unknown) => {
      void showError(services.output, error, services.hosts.hostOf(now.host));
      return undefined;
    });
    if (answer === undefined) return;
    if (answer.do === 'change') {
      draft = (await answer.change(services)) ?? now;
      continue;
    }
    const job = jobOf(now, answer.plan);
    if (job !== undefined) await runJobs(services, [{ ...job, target }]);
    return;
  }
};

/**
 * Plans the set of the VMs that can be in one: the others, which the job does not name either, are frozen all the more if they lie on
 * the same volumes.
 */
async function planOf(
  { engine }: Services,
  host: { readonly target: HostTarget; readonly pathMap: readonly PathMapping[] },
  vms: readonly string[],
  token: vscode.CancellationToken,
): Promise<SetPlanDocument> {
  const ask = (ids: readonly string[]): Promise<SetPlanDocument> =>
    engine.request(requests.planSet, { ...host, vms: ids, allowOthers: false }, token);
  const all = await ask(vms);
  if (all.failed.length === 0 || all.vms.length === 0) return all;
  const possible = await ask(all.vms.map(({ id }) => id));
  return { ...possible, failed: [...all.failed, ...possible.failed] };
}

/** Returns the job of an accepted plan: of the VMs that can be in the set. */
function jobOf(
  { host: of, store, vms }: SetDraft,
  plan: SetPlanDocument,
): Omit<NewJob, 'target'> | undefined {
  const possible = vms.filter(({ row }) => plan.vms.some(({ id }) => id === row.id));
  const [first, ...more] = possible;
  if (first === undefined) return undefined;
  const host = currentHost(of);
  const name = vmLabel(first);
  return {
    title: more.length === 0 ? name : t('{0} and {1} more', name, more.length),
    spec: {
      kind: 'backup',
      host: host.url,
      vm: first.row.id,
      vms: possible.map(({ row }) => row.id),
      store,
      options: {
        ...backupOptions(host, 'full'),
        method: 'vss',
        // Only the VMs that the plan showed were allowed, if any.
        allowOthers: plan.others.length > 0,
      },
    },
  };
}
