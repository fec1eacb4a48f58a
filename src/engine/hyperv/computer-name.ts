import type { WsmanClient } from '../net/wsman/client.ts';
import { hostError } from './hyperv-errors.ts';
import { CLASS } from './wmi-classes.ts';
import { WmiRecord } from './wmi-record.ts';

/**
 * Returns the host's own computer name, upper case, as its services report it (SystemName equals Name in the host's row
 * of Msvm_ComputerSystem). Throws `host.rights` if the account cannot see the service.
 */
export async function hostComputerName(client: WsmanClient, signal: AbortSignal): Promise<string> {
  for await (const instance of client.enumerate(CLASS.managementService, signal)) {
    return new WmiRecord(instance).requireText('SystemName').toUpperCase();
  }
  throw hostError(
    'host.rights',
    'The management service of the host is not visible: the account is not a Hyper-V administrator, or the service vmms is stopped',
  );
}
