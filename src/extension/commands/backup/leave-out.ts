import * as vscode from 'vscode';
import { sayInfo } from '../../ask/messages.ts';
import type { CommandHandler, Services } from '../../services/services.ts';
import { nodeOf, type AnyNode, type SubjectNode } from '../../nodes/nodes.ts';
import { vmOfJob } from '../../hosts/vm-of-job.ts';
import { pickVm } from '../../hosts/pick-host.ts';
import { askDisks } from './ask-options.ts';
import { vmLabel } from '../../nodes/node-names.ts';

const { t } = vscode.l10n;

/** Leaves a disk out of all backups of its VM from now on: the disk of the row or of `slot`, or those that are asked for. */
export const leaveDiskOut: CommandHandler = async (services, node, _selected, options) => {
  const vm = await vmOf(services, node);
  if (vm === undefined) return;
  const slot = slotOf(node, options);
  const { choices } = services;
  if (slot === undefined) {
    const chosen = await askDisks(services, vm, choices.of(vm.row.id));
    if (chosen !== undefined) await choices.set(vm.row.id, chosen);
    return;
  }
  await choices.setLeftOut(vm.row.id, [slot], true);
  const backUp = t('Back Up…');
  const text = t('The disk at {0} is left out of backups of {1}.', slot, vmLabel(vm));
  if ((await sayInfo(text, backUp)) === backUp) {
    await vscode.commands.executeCommand('refpoint.backup', vm);
  }
};

/** Takes a disk into the backups of its VM again. */
export const takeDiskAgain: CommandHandler = async (services, node, _selected, options) => {
  const vm = await vmOf(services, node);
  const slot = slotOf(node, options);
  if (vm !== undefined && slot !== undefined) {
    await services.choices.setLeftOut(vm.row.id, [slot], false);
  }
};

function slotOf(node: AnyNode | undefined, options: unknown): string | undefined {
  const { slot = nodeOf(node, 'vmDisk')?.disk.controller } = (options ?? {}) as {
    readonly slot?: unknown;
  };
  return typeof slot === 'string' ? slot : undefined;
}

async function vmOf(
  services: Services,
  node: AnyNode | undefined,
): Promise<SubjectNode | undefined> {
  const disk = nodeOf(node, 'vmDisk');
  if (disk !== undefined) return services.hosts.vm(disk.host, disk.vm.id);
  const spec = nodeOf(node, 'job')?.job.spec;
  return spec?.kind === 'backup' ? vmOfJob(services, spec) : pickVm(services, node);
}
