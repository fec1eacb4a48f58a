import type { StoredVm } from '../../../backup/points/vm-names.ts';
import type { Store } from '../../../backup/store/contract/store.ts';
import {
  restoreWithWriter,
  type WriterRestored,
} from '../../../backup/vss/restore/restore-with-writer.ts';
import { usage } from '../../contract/cli-errors.ts';
import type { Context, OptionSpec } from '../../contract/command.ts';
import { targetOf, withHost } from '../../options/host-options.ts';
import { storeLocation } from '../../options/open-store.ts';
import { required } from '../../options/option-values.ts';
import { CommandJobs } from '../../options/run-as-job.ts';
import { inLine } from '../../terminal/text.ts';

/** Option of `restore` for a VM in its place, with the Hyper-V writer of this computer. */
export const WRITER_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  'with-writer': {
    type: 'flag',
    help: 'On the host: the Hyper-V writer deletes the VM and registers it from the point (method vss).',
  },
};

const OTHERS = ['to', 'format', 'as', 'host-folder', 'over', 'undo', 'accept'] as const;

/** Restores the VM of a point with the Hyper-V writer, or prints the plan. */
export async function restoreByWriter(
  context: Context,
  store: Store,
  { id: vmId, name }: StoredVm,
): Promise<void> {
  const { options, progress, log, signal, io } = context;
  for (const other of OTHERS) {
    if (options.text(other) !== undefined) {
      throw usage(`--${other} cannot be given with --with-writer`);
    }
  }
  for (const other of ['import', 'force'] as const) {
    if (options.flag(other)) throw usage(`--${other} cannot be given with --with-writer`);
  }
  if (options.texts('disk').length > 0) throw usage('--with-writer restores every disk');
  const confirm = options.flag('plan') ? null : required(context, 'confirm');
  const point = options.text('point') ?? 'latest';
  const plan = await withHost(context, (host) => {
    const deps = { host, store, progress, log, onEdge: async () => undefined, now: Date.now };
    return restoreWithWriter(deps, { vmId, point, confirm: null }, signal);
  });
  if (confirm === null) return context.print(plan, () => describe(plan));
  io.err(`${describe(plan)}\n`);
  const target = await targetOf(context);
  const place = { host: target.url, store: storeLocation(context), vm: vmId };
  const spec = { kind: 'writer', ...place, point, confirm } as const;
  const job = { title: name === '' ? vmId : name, spec, target };
  const { found } = await new CommandJobs(context).run<'writer'>(job);
  context.print(found, () => describe(found));
}

function describe({ vm, point, planned, files }: WriterRestored): string {
  const name = inLine(vm.name);
  return [
    planned
      ? `The Hyper-V writer turns off and deletes the VM “${name}” (${vm.id}), and registers it from ${point}. These files are replaced:`
      : `The Hyper-V writer registered the VM “${name}” (${vm.id}) from ${point}; every disk was read back and matches the recorded hash root.`,
    ...files.map((file) => `  ${inLine(file)}`),
  ].join('\n');
}
