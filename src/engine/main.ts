import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { systemLeaseClock } from './backup/lease/lease-clock.ts';
import { serve } from './server/server.ts';
import { userFolder } from './source/platform/user-folder.ts';

/** How often it is looked whether whoever started the engine still lives. */
const LOOK_MS = 2000;

// A file system that does not answer (a mount whose server is gone) holds the threads that Node waits for at its end.
process.once('exit', () => {
  const waiting = process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));
  if (waiting) process.kill(process.pid, 'SIGKILL');
});

// The transport is told by the arguments: --node-ipc, --stdio.
const connection = createConnection(ProposedFeatures.all);
serve(connection, userFolder(process.env));

// A closed channel ends the engine by itself; a parent that was killed may leave it open on some systems. Who that is says the
// argument: by now it may be dead, and the system names another.
const given = process.argv.find((arg) => arg.startsWith('--clientProcessId='));
const parent = given === undefined ? process.ppid : Number(given.slice(given.indexOf('=') + 1));
process.once('disconnect', () => process.exit(0));
setInterval(() => {
  if (process.ppid !== parent || !systemLeaseClock.isAlive(parent)) process.exit(0);
}, LOOK_MS).unref();
