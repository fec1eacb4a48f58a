import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { codeOf } from '../../errors/own-failure.ts';
import { isCancelled, showError } from '../../errors/present-error.ts';
import { formatBytes } from '../../words/format.ts';
import { canonicalUrl } from '../../settings/host-address.ts';
import { askLab, labHost, listLabVms } from '../../lab/lab.ts';
import { confirm, sayInfo, withNotification } from '../../ask/messages.ts';
import { isLive } from '../../jobs/live-job.ts';
import type { CommandHandler } from '../../services/services.ts';
import { jobTitle } from '../../jobs/job-text.ts';
import { nodeOf, type VmNode } from '../../nodes/nodes.ts';
import { askText } from '../../ask/ask-text.ts';
import { choose } from '../../ask/choose.ts';
import { connectTo } from '../../hosts/connect-host.ts';
import { pickVm } from '../../hosts/pick-host.ts';
import { serveLab } from '../../lab/serve-lab.ts';
import { vmLabel } from '../../nodes/node-names.ts';

const { t } = vscode.l10n;

/** Starts the lab if it is not running, makes a sample VM if it has no VM, and connects to it. */
export const startLab: CommandHandler = async (services) => {
  const host = await withNotification(t('Starting the lab host'), false, (report) =>
    serveLab(services, report),
  );
  if (host === undefined) return;
  await connectTo(services, host);
};

export const addLabVm: CommandHandler = async (services) => {
  const vms = await listLabVms(services);
  const taken = new Set(vms.map(({ name }) => name.toLowerCase()));
  const name = await askText({
    title: t('Add Lab VM'),
    prompt: t('Name of the VM'),
    value: freeName('vm', taken),
    validate: (text) => nameProblem(text, taken),
  });
  if (name === undefined) return;
  const kind = await choose<'sample' | 'image' | 'empty'>(t('Disk of {0}', name), [
    {
      label: t('Sample disk'),
      description: t('512 MiB with a partition and data'),
      value: 'sample',
    },
    { label: t('Copy of a disk image…'), description: t('VHDX or raw'), value: 'image' },
    { label: t('Empty disk'), description: formatBytes(2 ** 30), value: 'empty' },
  ]);
  if (kind === undefined) return;
  const disk = await diskWords(kind);
  if (disk === undefined) return;
  const words = ['add-vm', `--name=${name.trim()}`, ...disk];
  await withNotification(t('Making {0}', name), true, (_report, token) =>
    askLab(services, words, token),
  );
  await services.hosts.refresh();
};

async function diskWords(
  kind: 'sample' | 'image' | 'empty',
): Promise<readonly string[] | undefined> {
  if (kind === 'sample') return ['--sample'];
  if (kind === 'empty') return ['--size', '1G'];
  const [file] =
    (await vscode.window.showOpenDialog({ title: t('Disk image'), openLabel: t('Copy') })) ?? [];
  return file === undefined ? undefined : [`--image=${file.fsPath}`];
}

function nameProblem(text: string, taken: ReadonlySet<string>): string | undefined {
  const name = text.trim();
  if (name === '') return t('A name is needed');
  if (name.length > 100) return t('A name has at most 100 characters');
  return taken.has(name.toLowerCase()) ? t('The lab has a VM of this name') : undefined;
}

/** `vm`, `vm-2`, … */
function freeName(base: string, taken: ReadonlySet<string>): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? base : `${base}-${n}`;
    if (!taken.has(name)) return name;
  }
}

/** Simulates a guest: some hundred small writes, spread over the disk. */
export const writeInGuest: CommandHandler = async (services, node) => {
  const given = nodeOf(node, 'vm');
  const fits = ({ lab }: VmNode): boolean => lab;
  const vm = given?.lab === true ? given : await pickVm(services, undefined, { fits });
  if (vm === undefined) return;
  const words = [
    'write',
    '--vm',
    vm.row.id,
    '--random',
    '200',
    '--seed',
    randomBytes(4).toString('hex'),
  ];
  const title = t('{0}: the guest writes', vmLabel(vm));
  const { writes, bytes } = await withNotification(title, true, (_report, token) =>
    askLab<{ readonly writes: number; readonly bytes: number }>(services, words, token),
  );
  void sayInfo(
    t('{0}: the guest wrote {1} in {2} places.', vmLabel(vm), formatBytes(bytes), writes),
  );
};

/** Jobs that need the lab are named before it goes. */
export const stopLab: CommandHandler = async (services) => {
  const host = labHost(services);
  const jobs = (await services.jobs.look()).filter(
    ({ state, spec }) =>
      isLive({ state }) &&
      (spec.kind === 'backup' || spec.kind === 'export') &&
      host !== undefined &&
      canonicalUrl(spec.host) === canonicalUrl(host.url),
  );
  if (jobs.length > 0) {
    const lines = [t('These jobs will fail:'), ...jobs.map(jobTitle)];
    if (!(await confirm(t('Stop the lab host while jobs use it?'), lines, t('Stop')))) return;
  }
  try {
    await askLab(services, ['stop']);
  } catch (error) {
    if (isCancelled(error)) return;
    // That it does not run is what was wanted.
    if (codeOf(error) !== 'lab.notRunning') void showError(services.output, error);
    else void sayInfo(t('The lab host does not run.'));
  }
  const node = host === undefined ? undefined : services.hosts.hostOf(host);
  if (node !== undefined) services.hosts.disconnect(node.id);
};
