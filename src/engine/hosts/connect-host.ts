import { connectWsman, type WsmanTarget } from '../net/wsman/connect-wsman.ts';
import { HypervBackupHost } from './hyperv-backup-host.ts';

/** Creates a host over WS-Management. Sends nothing before the first call. */
export function connectHost(target: WsmanTarget): HypervBackupHost {
  return new HypervBackupHost(connectWsman(target));
}
