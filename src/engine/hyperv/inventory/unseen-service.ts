import { isAnswer } from '../../cim/cim-errors.ts';
import type { CimClient } from '../../cim/client.ts';
import { ENDED_DURING_CALL } from '../../cim/wmi-numbers.ts';
import { invoke } from '../calls/invoke.ts';
import { OPERATION } from '../calls/operations.ts';
import { hostError } from '../hyperv-errors.ts';
import { numberOf } from './class-outcome.ts';

/** RPC faults of a provider whose process does not run, or ended during the call. */
const PROVIDER_GONE: ReadonlySet<number> = new Set([0x800706ba, ENDED_DURING_CALL, 0x800706bf]);

/** A file that no host has. */
const NO_FILE = String.raw`C:\refpoint-service-check.vhdx`;

/**
 * Returns the error of a host that shows no instance of the management service. Lists are empty
 * without rights as well as without the service vmms, but a method fails without vmms because its
 * provider does not run: `host.vmms`. Any other answer means missing rights: `host.rights`. The
 * answer of a real host to that call is UNCONFIRMED.
 */
export async function unseenService(client: CimClient, signal: AbortSignal): Promise<Error> {
  if (await isProviderGone(client, signal)) {
    return hostError(
      'host.vmms',
      'The host shows no services and no VMs, and its Hyper-V provider cannot be reached: the service vmms (Hyper-V Virtual Machine Management) does not run',
    );
  }
  return hostError(
    'host.rights',
    'The management service of the host is not visible: the account is not a Hyper-V administrator, or the service vmms is stopped',
  );
}

async function isProviderGone(client: CimClient, signal: AbortSignal): Promise<boolean> {
  // Sent once: the client repeats reads of a host that is busy, and here that is the answer.
  const operation = { ...OPERATION.getVirtualHardDiskSettingData, repeatable: false };
  try {
    await invoke(client, operation, { Path: NO_FILE }, signal);
    return false;
  } catch (error) {
    if (!isAnswer(error)) throw error;
    return PROVIDER_GONE.has(numberOf(error));
  }
}
