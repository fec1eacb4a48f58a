import type { StoredVm } from '../../../backup/points/vm-names.ts';
import type { Store } from '../../../backup/store/contract/store.ts';
import {
  restoreWithWriter,
  type WriterRestored,
} from '../../../backup/vss/restore/restore-with-writer.ts';
import { vssError } from '../../../vss/vss-errors.ts';
import { usage } from '../../contract/cli-errors.ts';
import type { Context, OptionSpec } from '../../contract/command.ts';
import { withHost } from '../../options/host-options.ts';
import { required } from '../../options/option-values.ts';
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
  { id: vmId }: StoredVm,
): Promise<void> {
  const { options, progress, log, signal, io } = context;
  for (const name of OTHERS) {
    if (options.text(name) !== undefined)
      throw usage(`--${name} cannot be given with --with-writer`);
  }
  for (const name of ['import', 'force'] as const) {
    if (options.flag(name)) throw usage(`--${name} cannot be given with --with-writer`);
  }
  if (options.texts('disk').length > 0) throw usage('--with-writer restores every disk');
  const confirm = options.flag('plan') ? null : required(context, 'confirm');
  const here = await withHost(context, (host) => host.isThisComputer(signal));
  if (!here) {
    throw vssError(
      'vss.place',
      'The Hyper-V writer is asked on its own host: start the command there',
      {
        data: { expected: 'this computer' },
      },
    );
  }
  const restore = { vmId, point: options.text('point') ?? 'latest', confirm };
  const plan = await restoreWithWriter(
    { store, progress, log },
    { ...restore, confirm: null },
    signal,
  );
  if (confirm === null) return context.print(plan, () => describe(plan));
  io.err(`${describe(plan)}\n`);
  const done = await restoreWithWriter({ store, progress, log }, restore, signal);
  context.print(done, () => describe(done));
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
