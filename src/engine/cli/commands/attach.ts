import { attachPoint } from '../../jobs/work/store/attach-point.ts';
import type { Command } from '../contract/command.ts';
import { EXIT } from '../contract/exit.ts';
import { openStore } from '../options/open-store.ts';
import { required } from '../options/option-values.ts';
import { oneVm, STORE, STORED_VM as VM } from '../options/stored-vms.ts';

export const ATTACH: Command = {
  name: 'attach',
  summary:
    'Attaches a disk of a point to Windows, read-only, until it is interrupted. Windows only.',
  args: [],
  options: {
    store: STORE,
    vm: VM,
    point: { type: 'value', value: 'ID', help: 'A point; default latest.' },
    disk: {
      type: 'value',
      value: 'D',
      help: 'Number in the point, slot, file name, path or ID.',
    },
    letter: { type: 'flag', help: 'Let Windows mount the volumes and give them letters.' },
  },
  details:
    'Needs administrator rights. Press Ctrl-C to detach the disk. The volumes of the disk are read-only, too.',
  run: async (context) => {
    const { options, signal } = context;
    const disk = required(context, 'disk');
    const store = await openStore(context, 'existing');
    const { id: vmId } = await oneVm(context, store);
    const point = options.text('point') ?? 'latest';
    const request = { vmId, point, disk, letter: options.flag('letter') };
    let isAttached = false;
    try {
      return await attachPoint(
        store,
        request,
        (attached) => {
          isAttached = true;
          context.print(
            attached,
            () =>
              `${attached.file} is attached as ${attached.physicalPath}. Press Ctrl-C to detach it.`,
          );
        },
        signal,
      );
    } catch (error) {
      // The end of the command. Its one document is printed already.
      if (isAttached && signal.aborted && error === signal.reason) return EXIT.interrupted;
      throw error;
    }
  },
};
