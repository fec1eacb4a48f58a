import type { Command } from '../contract/command.ts';
import { HOST_OPTIONS, targetOf } from '../options/host-options.ts';
import { VM } from '../options/named-objects.ts';
import { required } from '../options/option-values.ts';
import { CommandJobs } from '../options/run-as-job.ts';

export const EXPORT_COMMANDS: readonly Command[] = [
  {
    name: 'export',
    summary: 'Has the host export a VM in full, or the changes since a reference point.',
    args: [VM],
    options: {
      ...HOST_OPTIONS,
      to: { type: 'value', value: 'HOSTPATH', help: 'Folder on the host.' },
      since: { type: 'value', value: 'ID', help: 'A reference point: a differential export.' },
      checkpoint: {
        type: 'value',
        value: 'ID',
        help: 'An existing backup checkpoint, which stays; otherwise one is created for the export.',
      },
    },
    run: async (context) => {
      const target = await targetOf(context);
      const [vm = ''] = context.args;
      const checkpoint = context.options.text('checkpoint');
      const spec = {
        kind: 'export',
        host: target.url,
        vm,
        directory: required(context, 'to'),
        since: context.options.text('since') ?? null,
        ...(checkpoint === undefined ? {} : { checkpoint }),
      } as const;
      const { found } = await new CommandJobs(context).run<'export'>({ title: vm, spec, target });
      context.print(found, () =>
        [
          `Exported (${found.kind}) to ${found.directory} on the host.`,
          ...found.warnings.map((warning) => `warning: ${warning}`),
        ].join('\n'),
      );
    },
  },
];
