import { linuxMachine } from './linux-machine.ts';
import type { MachineIdentity } from './machine-identity.ts';
import { windowsMachine } from './windows-machine.ts';

const unknown: MachineIdentity = { boot: null, namespace: null, startOf: () => null };

let known: Promise<MachineIdentity> | undefined;

/**
 * Returns the identity of this machine, read once. Systems other than Linux and Windows need native
 * code for it, so their leases are handled like those of a remote machine, by watching their file.
 */
export function thisMachine(): Promise<MachineIdentity> {
  known ??= read().catch(() => unknown);
  return known;
}

function read(): Promise<MachineIdentity> {
  if (process.platform === 'linux') return linuxMachine();
  if (process.platform === 'win32') return windowsMachine();
  return Promise.resolve(unknown);
}
