import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { serve } from './rpc/server.ts';
import { userFolder } from './rpc/user-folder.ts';

/** How often it is looked whether whoever started the engine still lives. */
const LOOK_MS = 2000;

// The transport is told by the arguments: --node-ipc, --stdio.
const connection = createConnection(ProposedFeatures.all);
serve(connection, userFolder(process.env));

// A closed channel ends the engine by itself; a parent that was killed may leave it open on some systems.
const parent = process.ppid;
process.once('disconnect', () => process.exit(0));
setInterval(() => {
  if (process.ppid !== parent || !isAlive(parent)) process.exit(0);
}, LOOK_MS).unref();

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
