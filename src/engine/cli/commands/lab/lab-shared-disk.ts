import type { Command } from '../../contract/command.ts';
import { formatBytes } from '../../../base/format-bytes.ts';
import { choice, required } from '../../options/option-values.ts';
import { inLine } from '../../terminal/text.ts';
import { usage } from '../../contract/cli-errors.ts';
import { ask, DIR, newDisk } from './lab-options.ts';

/** Disks that several VMs of a lab share. */
export const LAB_SHARED_DISK_COMMAND: Command = {
  name: 'lab add-shared-disk',
  summary: 'Adds a disk that several VMs share, on the scale-out share of the file server.',
  args: [],
  options: {
    ...DIR,
    name: { type: 'value', value: 'N', help: 'Name of its file, without an ending.' },
    vm: { type: 'values', value: 'VM', help: 'A VM that has the disk: name or GUID.' },
    image: { type: 'value', value: 'FILE', help: 'A copy of this image.' },
    size: { type: 'value', value: 'N', help: 'An empty disk of this size.' },
    format: { type: 'value', value: 'HOW', help: 'vhds (default, a VHD Set) or vhdx.' },
  },
  details: 'Backups of single VMs reject shared disks.',
  run: async (context) => {
    const disk = newDisk(context);
    const vms = context.options.texts('vm');
    if (vms.length === 0) throw usage('--vm is needed, once for each VM');
    if ('passthrough' in disk) throw usage('Give either --image FILE or --size N');
    const format = choice(context, 'format', ['vhds', 'vhdx'], 'vhds');
    const made = await ask(context, 'add-shared-disk', {
      name: required(context, 'name'),
      vms,
      format,
      disk,
    });
    context.print(made, () => `${inLine(made.path)}, ${formatBytes(made.virtualSize)}`);
  },
};
