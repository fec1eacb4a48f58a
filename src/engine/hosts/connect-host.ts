import { DEFAULT_SMB, LOCAL_HOST, type SmbSettings } from '../api/host.ts';
import type { TransportTarget } from './transports/transport.ts';
import { transportOf } from './transports/transports.ts';
import { fileAccount } from './files/file-account.ts';
import { fileServerOf } from './files/file-server-of.ts';
import { remoteFiles } from './files/remote-files.ts';
import { localDisks } from './local/local-disks.ts';
import { isThisHost } from '../win32/process/this-host.ts';
import { HypervBackupHost } from './hyperv-backup-host.ts';
import { localCommand, remoteCommand } from './shadows/remote-command.ts';
import { HypervShadowHost } from './shadows/hyperv-shadow-host.ts';

/** A host, and how its files are reached. */
export interface HostToConnect extends TransportTarget {
  /** `DEFAULT_SMB` if absent. */
  readonly smb?: SmbSettings | undefined;
}

/**
 * Creates a host that is reached by the transport of its address. Sends nothing before the first
 * call.
 */
export function connectHost(target: HostToConnect): HypervBackupHost {
  const client = transportOf(target).connect(target);
  const { smb: settings = DEFAULT_SMB, timeoutSeconds, recorder } = target;
  const host = fileServerOf(client.url);
  const server = { host, account: fileAccount(target), settings, timeoutSeconds, recorder };
  const isHere = (signal: AbortSignal): Promise<boolean> => isThisHost(host, signal);
  return new HypervBackupHost(
    client,
    (pathMap, sessions) => remoteFiles(server, pathMap, sessions),
    () => localDisks(host),
    isHere,
    new HypervShadowHost(
      client,
      target.url === LOCAL_HOST ? localCommand() : remoteCommand(target),
      isHere,
    ),
  );
}
