import * as vscode from 'vscode';
import { requests } from '../../../engine/api/methods.ts';
import { confirm, sayInfo, withNotification } from '../../ask/messages.ts';
import type { CommandHandler, Services } from '../../services/services.ts';
import { readStores } from '../../settings/stores.ts';
import { nodeOf, type CheckpointNode, type VmNode } from '../../nodes/nodes.ts';
import { ownerText, vmLabel } from '../../nodes/node-names.ts';
import { formatTime } from '../../words/format.ts';
import { choose } from '../../ask/choose.ts';
import { pickVm } from '../../hosts/pick-host.ts';
import { mustHaveTarget } from '../../hosts/targets.ts';

const { t } = vscode.l10n;

type CheckpointOfVm = Pick<CheckpointNode, 'host' | 'vm' | 'checkpoint'>;

/** Asks which consistency, and makes a backup checkpoint that stays until it is removed or converted. */
export const createCheckpoint: CommandHandler = async (services, node) => {
  const vm = await pickVm(services, node);
  if (vm === undefined) return;
  const title = t('Backup checkpoint of {0}', vmLabel(vm));
  const consistency = await choose<'application' | 'crash'>(title, [
    { label: t('Crash-consistent'), icon: 'device-camera', value: 'crash' },
    {
      label: t('Application-consistent'),
      description: t('the guest must be running and answer'),
      icon: 'device-camera',
      value: 'application',
    },
  ]);
  if (consistency === undefined) return;
  const target = await mustHaveTarget(services, vm.host);
  try {
    const { id } = await withNotification(title, true, (report, token) =>
      services.engine.requestWithProgress(
        requests.createCheckpoint,
        { target, vm: vm.row.id, consistency },
        ({ phase }) => report(phase),
        token,
      ),
    );
    void sayInfo(
      t('{0}: backup checkpoint created. It stays until you remove it. {1}', vmLabel(vm), id),
    );
  } finally {
    await services.hosts.refreshVm(vm.host, vm.row.id);
  }
};

/** Turns a backup checkpoint into a reference point; the checkpoint is gone then. */
export const convertCheckpoint: CommandHandler = async (services, node) => {
  const found = await checkpointOf(services, node, true);
  if (found === undefined) return;
  const { vm, checkpoint } = found;
  const lines = [t('The checkpoint is merged into the disk and can no longer be read.')];
  const question = t('Convert this checkpoint of {0} to a reference point?', vm.name);
  const params = await confirmed(services, found, question, lines, t('Convert'));
  if (params === undefined) return;
  await change(found, services, t('Converting a checkpoint of {0}', vm.name), (report, token) =>
    services.engine.requestWithProgress(
      requests.convertCheckpoint,
      { ...params, id: checkpoint.id },
      ({ phase }) => report(phase),
      token,
    ),
  );
};

/** Destroys exactly this checkpoint, after saying whose it may be. */
export const removeCheckpoint: CommandHandler = async (services, node) => {
  const found = await checkpointOf(services, node, false);
  if (found === undefined) return;
  const { vm, checkpoint } = found;
  const lines =
    checkpoint.type === 'user'
      ? [t('It is a user checkpoint: the VM can no longer be reverted to it.')]
      : [t('A backup that reads it fails.')];
  const question = t('Remove this checkpoint of {0}?', vm.name);
  const params = await confirmed(services, found, question, lines, t('Remove'));
  if (params === undefined) return;
  await change(found, services, t('Removing a checkpoint of {0}', vm.name), (report, token) =>
    services.engine.requestWithProgress(
      requests.removeCheckpoint,
      { ...params, id: checkpoint.id },
      ({ phase }) => report(phase),
      token,
    ),
  );
};

/** Asks before anything is taken. Returns what both requests need; undefined if the person said no. */
async function confirmed(
  services: Services,
  { host, vm, checkpoint }: CheckpointOfVm,
  question: string,
  lines: readonly string[],
  button: string,
) {
  const foreign = checkpoint.owner !== 'ours';
  const whose = foreign
    ? [t('It is in no ledger of yours. Another product or an administrator may need it.')]
    : [];
  const facts = [checkpoint.name, formatTime(checkpoint.created), checkpoint.id].filter(Boolean);
  if (!(await confirm(question, [...whose, ...lines, '', ...facts], button))) return undefined;
  const target = await mustHaveTarget(services, host);
  return { target, vm: vm.id, stores: readStores(), foreign };
}

async function change<T>(
  { host, vm }: CheckpointOfVm,
  services: Services,
  title: string,
  work: (report: (message: string) => void, token: vscode.CancellationToken) => Promise<T>,
): Promise<void> {
  try {
    await withNotification(title, true, work);
  } finally {
    await services.hosts.refreshVm(host, vm.id);
  }
}

/** The checkpoint of the row, or one that is asked for. */
async function checkpointOf(
  services: Services,
  node: unknown,
  backupOnly: boolean,
): Promise<CheckpointOfVm | undefined> {
  const given = nodeOf(node, 'checkpoint');
  if (given !== undefined) return given;
  const vmNode: VmNode | undefined = await pickVm(services, nodeOf(node, 'vm'));
  if (vmNode === undefined) return undefined;
  const vm = await services.hosts.details(vmNode);
  const choices = vm.checkpoints.filter(({ type }) => !backupOnly || type === 'backup');
  if (choices.length === 0) {
    const none = backupOnly
      ? t('{0} has no backup checkpoint.', vm.name)
      : t('{0} has no checkpoint.', vm.name);
    void sayInfo(none);
    return undefined;
  }
  const checkpoint = await choose(
    t('Checkpoint of {0}', vmLabel(vmNode)),
    choices.map((value) => ({
      label: value.name === '' ? value.id : value.name,
      description: value.type === 'user' ? t('user checkpoint') : ownerText(value),
      // Checkpoints of one backup product often have one name: the id tells them apart.
      detail: value.id,
      icon: 'device-camera',
      value,
    })),
  );
  return checkpoint === undefined ? undefined : { host: vmNode.host, vm, checkpoint };
}
