import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { systemLeaseClock } from './backup/lease/lease-clock.ts';
import { serve } from './server/server.ts';
import { userFolder } from './source/platform/user-folder.ts';

/** Interval of the check that the parent process still lives, in milliseconds. */
const LOOK_MS = 2000;

// Node waits for its thread pool at exit. A file system that does not respond, such as a mount
// without its server, would block it forever.
process.once('exit', () => {
  const waiting = process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));
  if (waiting) process.kill(process.pid, 'SIGKILL');
});

// The arguments choose the transport: --node-ipc or --stdio.
const connection = createConnection(ProposedFeatures.all);
serve(connection, userFolder(process.env));

// A closed channel ends the engine. On some systems a killed parent leaves the channel open, so the
// parent is watched too. Its process ID comes from the argument: after the parent's death the
// system reports another one.
const given = process.argv.find((arg) => arg.startsWith('--clientProcessId='));
const parent = given === undefined ? process.ppid : Number(given.slice(given.indexOf('=') + 1));
process.once('disconnect', () => process.exit(0));
setInterval(() => {
  if (process.ppid !== parent || !systemLeaseClock.isAlive(parent)) process.exit(0);
}, LOOK_MS).unref();
