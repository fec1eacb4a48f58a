import type { LabShare } from '../../../lab/state/state.ts';
import { usage } from '../../contract/cli-errors.ts';
import type { Command, Context } from '../../contract/command.ts';
import { required } from '../../options/option-values.ts';
import { columns, inLine } from '../../terminal/text.ts';
import { ask, DIR } from './lab-options.ts';

/** Shares of the lab's file server. */
export const LAB_SHARE_COMMAND: Command = {
  name: 'lab share',
  summary: 'Adds, removes or lists the shares of the file server (lab start --smb-port).',
  args: [],
  options: {
    ...DIR,
    add: { type: 'value', value: 'NAME', help: 'Add a share, or replace the one of that name.' },
    path: { type: 'value', value: 'HOSTPATH', help: 'With --add: its folder, in C:\\Lab.' },
    encrypt: { type: 'flag', help: 'With --add: reject requests that are not encrypted.' },
    'scale-out': { type: 'flag', help: 'With --add: a share of a cluster.' },
    continuous: { type: 'flag', help: 'With --add: opens may outlive their connection.' },
    'read-only': { type: 'flag', help: 'With --add: nobody may write.' },
    remove: { type: 'value', value: 'NAME', help: 'Remove a share; its folder stays.' },
    list: { type: 'flag', help: 'List the shares.' },
  },
  run: async (context) => {
    const shares = await change(context);
    context.print(shares, () =>
      columns(
        shares.map((each) => [inLine(each.name), describe(each)]),
        Math.min(context.io.columns, 80),
      ).join('\n'),
    );
  },
};

function change(context: Context): Promise<readonly LabShare[]> {
  const { options } = context;
  const [name, gone] = [options.text('add'), options.text('remove')];
  const asked = [name !== undefined, gone !== undefined, options.flag('list')].filter(Boolean);
  if (asked.length !== 1) throw usage('Give --add NAME, --remove NAME or --list');
  if (gone !== undefined) return ask(context, 'share-remove', { name: gone });
  if (name === undefined) return ask(context, 'share-list', {});
  return ask(context, 'share-add', {
    name,
    hostPath: required(context, 'path'),
    encrypt: options.flag('encrypt'),
    scaleOut: options.flag('scale-out'),
    continuous: options.flag('continuous'),
    ...(options.flag('read-only') ? { readOnly: true } : {}),
  });
}

function describe({ hostPath, encrypt, scaleOut, continuous, readOnly }: LabShare): string {
  const properties = [
    encrypt ? 'encrypted' : '',
    scaleOut ? 'scale-out' : '',
    continuous ? 'continuously available' : '',
    readOnly === true ? 'read-only' : '',
  ].filter((each) => each !== '');
  return [inLine(hostPath), ...properties].join(', ');
}
