import * as vscode from 'vscode';
import type { LedgerRepair } from '../../../engine/api/store.ts';
import { requests } from '../../../engine/api/methods.ts';
import { confirm, sayInfo, withNotification } from '../../ask/messages.ts';
import type { CommandHandler } from '../../services/services.ts';
import { nodeOf } from '../../nodes/nodes.ts';
import { pickSubjects } from '../../hosts/pick-host.ts';
import { subjectOfStore } from '../../hosts/subject-of-store.ts';
import { mustHaveTarget } from '../../hosts/targets.ts';
import { pickStoreVm } from '../../stores/pick-store.ts';
import { vmLabel } from '../../nodes/node-names.ts';

const { t } = vscode.l10n;

/** Rebuilds the ledger of a VM or a group in a store: shows first what it will write, and asks the host on which it is. */
export const repairLedger: CommandHandler = async (services, node) => {
  const stored = nodeOf(node, 'storeVm', 'point');
  const found = stored ?? (await pickStoreVm(services, undefined));
  if (found === undefined) return;
  const { store } = found;
  const vm =
    (await subjectOfStore(services, found.vm.id)) ??
    (await pickSubjects(services, nodeOf(node, 'vm', 'group'), []))[0];
  if (vm === undefined) return;
  const target = await mustHaveTarget(services, vm.host);
  const run = (apply: boolean): Thenable<LedgerRepair> =>
    withNotification(t('Repair the ledger of {0}', vmLabel(vm)), true, (report, token) =>
      services.engine.requestWithProgress(
        requests.repairLedger,
        { target, vm: found.vm.id, store, apply },
        ({ phase }) => report(phase),
        token,
      ),
    );
  const preview = await run(false);
  if (preview.problem === null && preview.added.length === 0) {
    void sayInfo(t('{0}: the ledger needs no repair.', vmLabel(vm)));
    return;
  }
  const question = t('Rebuild the ledger of {0}?', vmLabel(vm));
  if (!(await confirm(question, linesOf(preview), t('Rebuild')))) return;
  try {
    const done = await run(true);
    void sayInfo(
      done.added.length === 1
        ? t('{0}: the ledger was rebuilt with 1 reference point.', vmLabel(vm))
        : t(
            '{0}: the ledger was rebuilt with {1} reference points.',
            vmLabel(vm),
            done.added.length,
          ),
    );
  } finally {
    services.trees.stores.refreshStore(store);
    if (vm.kind === 'group') services.groups.refresh(vm.host, vm.row.id);
    else await services.hosts.refreshVm(vm.host, vm.row.id);
  }
};

/** Text about what will be written, and what will be left alone. */
function linesOf({ problem, added, unclaimed }: LedgerRepair): string[] {
  return [
    ...(problem === null ? [] : [problem, t('The damaged file is kept.')]),
    ...added.map(({ id, pointId }) => t('Ours, by the point {0}: {1}', pointId ?? '', id)),
    ...unclaimed.map(({ id }) => t('Left alone, since no point names it: {0}', id)),
  ];
}
