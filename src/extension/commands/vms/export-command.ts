import * as vscode from 'vscode';
import { currentHost } from '../../settings/hosts.ts';
import type { CommandHandler, Services } from '../../services/services.ts';
import { nodeOf, type VmNode } from '../../nodes/nodes.ts';
import { referencePointName, vmLabel } from '../../nodes/node-names.ts';
import { askText } from '../../ask/ask-text.ts';
import { choose } from '../../ask/choose.ts';
import { hostPathProblem } from '../../hosts/host-path.ts';
import { pickVm } from '../../hosts/pick-host.ts';
import { runJobs } from '../../jobs/run-jobs.ts';
import { mustHaveTarget } from '../../hosts/targets.ts';

const { t } = vscode.l10n;

/**
 * Folder on the host, then everything or what changed since a reference point; the host writes it. Of a checkpoint's row, it is that
 * checkpoint which is exported.
 */
export const exportCommand: CommandHandler = async (services, node) => {
  const checkpoint = nodeOf(node, 'checkpoint');
  const vm = await pickVm(services, node);
  if (vm === undefined) return;
  const host = currentHost(vm.host);
  const title = t('Export {0}', vmLabel(vm));
  const [root] = Object.keys(host.pathMap ?? {});
  const directory = await askText({
    title,
    prompt: t('Folder on the host, in the host’s spelling; the host writes the export there'),
    placeHolder: 'D:\\Exports',
    value:
      host.exportDirectory ?? (root === undefined ? '' : `${root.replace(/\\$/, '')}\\Exports`),
    validate: hostPathProblem,
  });
  if (directory === undefined) return;
  const target = await mustHaveTarget(services, host);
  const since = await pickSince(services, vm, title);
  if (since === undefined) return;
  const spec = {
    kind: 'export',
    host: host.url,
    vm: vm.row.id,
    directory: directory.trim(),
    since,
    ...(checkpoint === undefined ? {} : { checkpoint: checkpoint.checkpoint.id }),
  } as const;
  await runJobs(services, [{ title: vmLabel(vm), spec, target }]);
};

/** Returns null for everything. Returns undefined if it is cancelled. */
async function pickSince(
  services: Services,
  vm: VmNode,
  title: string,
): Promise<string | null | undefined> {
  const { referencePoints } = await services.hosts.details(vm);
  return choose<string | null>(title, [
    {
      label: t('Everything'),
      description: t('a full export'),
      icon: 'circle-large-filled',
      value: null,
    },
    ...referencePoints.toReversed().map((point) => ({
      label: t('What changed since {0}', referencePointName(point) || point.id),
      detail: point.id,
      icon: 'circle-outline',
      value: point.id,
    })),
  ]);
}
