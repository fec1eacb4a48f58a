import { connectWsman, type WsmanTarget } from '../net/wsman/connect-wsman.ts';
import { HypervBackupHost } from './hyperv-backup-host.ts';

/** A host over WS-Management. Nothing is sent before the first call. */
export function connectHost(target: WsmanTarget): HypervBackupHost {
  return new HypervBackupHost(connectWsman(target));
}
