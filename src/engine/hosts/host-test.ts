import type { HostTest } from '../api/host.ts';
import { isCimError } from '../cim/cim-errors.ts';
import type { CimClient, Identity } from '../cim/client.ts';
import { hostFindings, isLab, osVersion, visibleServices } from '../hyperv/inventory/host.ts';
import { featureRights, serviceOutcomes } from '../hyperv/inventory/rights.ts';
import { ownElevation } from '../win32/process/token.ts';
import { loginFindings } from './login-findings.ts';

/**
 * Connects to a host, logs in, checks its services and the rights of the account. Throws if the host
 * cannot be reached or rejects the login.
 *
 * @param isHere whether the host is this computer
 */
export async function testHost(
  client: CimClient,
  isHere: (signal: AbortSignal) => Promise<boolean>,
  signal: AbortSignal,
): Promise<HostTest> {
  const identity = await identified(client, signal);
  const outcomes = await serviceOutcomes(client, signal);
  const services = visibleServices(outcomes);
  const rights = await featureRights(client, outcomes, signal);
  return {
    host: client.url,
    reachable: true,
    identity: identity.productVendor,
    product: identity.productVersion,
    osVersion: osVersion(identity),
    lab: isLab(identity),
    authenticated: true,
    mechanism: client.security()?.mechanism ?? null,
    sealed: client.security()?.sealed ?? false,
    fallback: client.security()?.fallback ?? null,
    elevated: (await isHere(signal)) ? ownElevation() : null,
    services,
    rights,
    findings: [...hostFindings(identity, services), ...loginFindings(client)],
  };
}

/**
 * Returns the identity of the host; empty if it refuses to tell the account, whose rights are listed
 * then. Whether a host refuses this to accounts without rights is UNCONFIRMED.
 */
async function identified(client: CimClient, signal: AbortSignal): Promise<Identity> {
  try {
    return await client.identify(signal);
  } catch (error) {
    if (isCimError(error, 'denied')) return { productVendor: '', productVersion: '' };
    throw error;
  }
}
