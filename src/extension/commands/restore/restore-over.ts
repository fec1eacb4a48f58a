import * as vscode from 'vscode';
import type { OverPlan } from '../../../engine/api/backup.ts';
import { requests } from '../../../engine/api/methods.ts';
import { confirm } from '../../ask/messages.ts';
import { showError } from '../../errors/present-error.ts';
import { connectedHosts } from '../../hosts/connect-host.ts';
import { pickVm } from '../../hosts/pick-host.ts';
import { mustHaveTarget } from '../../hosts/targets.ts';
import { runJobs } from '../../jobs/run-jobs.ts';
import { vmLabel } from '../../nodes/node-names.ts';
import type { VmNode } from '../../nodes/nodes.ts';
import type { Services } from '../../services/services.ts';
import { currentHost, hostLabel, pathMapOf } from '../../settings/hosts.ts';
import type { PointOfStore } from '../../stores/pick-store.ts';
import { formatBytes } from '../../words/format.ts';
import { pointName } from '../../words/point-name.ts';
import type { OverDraft } from './over-draft.ts';
import { pickOverPlan } from './pick-over-plan.ts';

const { t } = vscode.l10n;

/**
 * Restores the disks of a point over those of a VM: shows the plan with what prevents it, until it is accepted or cancelled; then asks once
 * more, by the name of the VM.
 */
export async function restoreOver(services: Services, of: PointOfStore): Promise<void> {
  const vm = await vmOfPoint(services, of.vm.id);
  if (vm === undefined) return;
  let draft: OverDraft = { vm, disks: [] };
  for (;;) {
    const now = draft;
    // Anew for each plan: a fix may map a folder.
    const target = await mustHaveTarget(services, now.vm.host);
    const { store } = of;
    const choices = choicesOf(now, of);
    const params = { target, store, vm: of.vm.id, choices };
    const ask = (
      token: vscode.CancellationToken,
      report: (text: string) => void,
    ): Promise<OverPlan> =>
      services.engine.requestWithProgress(
        requests.planOver,
        params,
        ({ phase, done, total }) => report(withPercent(phase, done, total)),
        token,
      );
    const answer = await pickOverPlan(of, now, ask).catch((error: unknown) => {
      void showError(services.output, error, services.hosts.hostOf(now.vm.host));
      return undefined;
    });
    if (answer === undefined) return;
    if (answer.do === 'change') {
      draft = (await answer.change(services)) ?? now;
      continue;
    }
    if (!(await isConfirmed(now, of, answer.plan))) continue;
    const place = { host: currentHost(now.vm.host).url, store, vm: of.vm.id };
    const spec = {
      kind: 'over',
      action: 'restore',
      ...place,
      ...choices,
      confirm: now.vm.row.id,
    } as const;
    await runJobs(services, [{ title: vmLabel(now.vm), spec, target }]);
    return;
  }
}

const choicesOf = ({ vm, disks }: OverDraft, { point }: PointOfStore) => ({
  point: point.id,
  disks: disks.map(String),
  over: vm.row.id,
  pathMap: pathMapOf(currentHost(vm.host)),
});

const withPercent = (phase: string, done: number, total: number): string =>
  total <= 0 ? phase : `${phase} · ${Math.min(100, Math.floor((done / total) * 100))} %`;

function isConfirmed(
  { vm }: OverDraft,
  { point }: PointOfStore,
  { disks, writtenBytes }: OverPlan,
): Promise<boolean> {
  const changed = disks.filter(({ way }) => way !== 'same');
  const lines = [
    t('Host: {0}', hostLabel(vm.host)),
    t('VM: {0} ({1})', vmLabel(vm), vm.row.id),
    t('Point: {0}', pointName(point)),
    ...changed.map(({ name, slot }) => t('Disk: {0}, at {1}', name, slot)),
    t('Written: {0}', formatBytes(writtenBytes ?? 0)),
    '',
    t(
      'The VM no longer sees what it wrote after this point. The old files stay: Undo Restore… gives them back, Accept Restore… ends that. The next backup reads these disks in full.',
    ),
  ];
  return confirm(t('Restore over the disks of {0}?', vmLabel(vm)), lines, t('Restore Over'));
}

/** The VM that was backed up, if a connected host lists it; else one that is asked for. */
async function vmOfPoint(services: Services, id: string): Promise<VmNode | undefined> {
  const { hosts } = services;
  await connectedHosts(services);
  const own = hosts.hosts.flatMap(({ host }) => hosts.vm(host, id) ?? []);
  return own.length === 1 ? own[0] : pickVm(services, undefined, { always: true });
}
