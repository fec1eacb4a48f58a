import { exportDisk } from '../../../operations/disk/export-disk.ts';
import { formatNbdAddress } from '../../../net/nbd/address/nbd-address.ts';
import { startNbdServer } from '../../../net/nbd/server/nbd-server.ts';
import type { OpenedDisk } from '../../../disk/chain/open-disk.ts';
import type { Command, Context } from '../../contract/command.ts';
import { harmless } from '../../terminal/text.ts';
import { IMAGE, OPEN_OPTIONS, withDisk } from './open-image.ts';

export const SERVE: Command = {
  name: 'disk serve',
  summary: 'Exports the disk of an image over NBD, read-only, until interrupted.',
  args: [IMAGE],
  options: {
    ...OPEN_OPTIONS,
    tcp: {
      type: 'flag',
      help: 'Listen on a free port of 127.0.0.1 instead of a socket file.',
    },
  },
  details:
    'The first line of the output has the address; --json prints {"nbd": URI}. ' +
    'Only its owner can open the socket file, which is removed at the end. ' +
    'With --tcp every user of this computer can connect, but the name of the export is random: ' +
    'who does not know it is refused. Parents are followed.',
  run: (context) => withDisk(context, 0, (opened) => serve(context, opened)),
};

async function serve(context: Context, { disk }: OpenedDisk): Promise<void> {
  const { io, json, log, signal } = context;
  const transport = context.options.flag('tcp') ? 'tcp' : 'unix';
  const description = `${disk.name}, read-only`;
  const options = { transport, description, log } as const;
  const server = await startNbdServer(exportDisk(disk), options, signal);
  try {
    const uri = formatNbdAddress(server.address);
    io.out(`${json ? JSON.stringify({ nbd: uri }) : harmless(inWords(disk.name, uri))}\n`);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
      // A parent process that dies closes our stdin, which ends the server.
      if (io.env['REFPOINT_PARENT_STDIN'] === '1') void io.readStdin().then(() => resolve());
    });
  } finally {
    await server.close();
  }
}

const inWords = (name: string, uri: string): string =>
  `${name} is at ${uri} until Ctrl-C. Try qemu-img info '${uri}' or nbdinfo '${uri}'`;
