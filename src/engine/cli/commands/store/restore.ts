import { RESTORE_FORMATS } from '../../../backup/restore/restore-formats.ts';
import { formatBytes } from '../../../base/format-bytes.ts';
import type { Command } from '../../contract/command.ts';
import { choice, localPath, required } from '../../options/option-values.ts';
import { openStore, storeLocation } from '../../options/open-store.ts';
import { CommandJobs } from '../../options/run-as-job.ts';
import { oneVm, STORE, STORED_GROUP, STORED_VM } from '../../options/stored-vms.ts';
import {
  OVER_OPTIONS,
  refuseOverOptions,
  restoreOverVm,
  settledVm,
  settleRestore,
} from './over.ts';
import { restoreByWriter, WRITER_OPTIONS } from './with-writer.ts';
import { IMPORT_OPTIONS, importPoint, refuseImportOptions } from './import.ts';
import { inLine } from '../../terminal/text.ts';

export const RESTORE_COMMAND: Command = {
  name: 'restore',
  summary:
    'Restores the disks of a point, or its VM, as files, a new VM or over a VM, and verifies them.',
  args: [],
  options: {
    store: STORE,
    vm: STORED_VM,
    group: STORED_GROUP,
    point: { type: 'value', value: 'ID', help: 'A point; default latest.' },
    disk: {
      type: 'values',
      value: 'D',
      help: 'Only this disk: number in the point, slot, file name, path or ID.',
    },
    to: { type: 'value', value: 'DIR', help: 'The target folder; created if missing.' },
    format: {
      type: 'value',
      value: 'FORMAT',
      help: `${RESTORE_FORMATS.join(', ')}; default vhdx.`,
    },
    force: { type: 'flag', help: 'Replace files that exist.' },
    ...IMPORT_OPTIONS,
    ...OVER_OPTIONS,
    ...WRITER_OPTIONS,
  },
  run: async (context) => {
    const store = await openStore(context, 'existing');
    if (settledVm(context) !== undefined) return settleRestore(context);
    const vm = await oneVm(context, store);
    if (context.options.flag('with-writer')) return restoreByWriter(context, store, vm);
    if (context.options.text('over') !== undefined) return restoreOverVm(context, store, vm);
    if (context.options.flag('import')) return importPoint(context, store, vm);
    refuseOverOptions(context);
    refuseImportOptions(context);
    const spec = {
      kind: 'restore',
      store: storeLocation(context),
      vm: vm.id,
      point: context.options.text('point') ?? 'latest',
      disks: context.options.texts('disk'),
      to: localPath(context, required(context, 'to')),
      format: choice(context, 'format', RESTORE_FORMATS, 'vhdx'),
      force: context.options.flag('force'),
    } as const;
    const job = { title: vm.name === '' ? vm.id : vm.name, spec, target: null };
    const { found: result } = await new CommandJobs(context).run<'restore'>(job);
    context.print(result, () =>
      [
        `Restored ${result.point}; every file was read back and matches the recorded hash root.`,
        ...result.disks.map((disk) => `  ${inLine(disk.file)}  ${formatBytes(disk.virtualSize)}`),
        ...result.warnings.map(({ code, message }) => `warning: ${inLine(message)} (${code})`),
      ].join('\n'),
    );
  },
};
