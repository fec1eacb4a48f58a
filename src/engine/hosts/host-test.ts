import type { Finding, HostTest } from '../api/host.ts';
import { isCimError } from '../cim/cim-errors.ts';
import { selectNames } from '../cim/wql.ts';
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
  const elevated = (await isHere(signal)) ? ownElevation() : null;
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
    elevated,
    services,
    rights,
    findings: [
      ...hostFindings(identity, services),
      ...loginFindings(client),
      ...(await shadowFindings(client, elevated, signal)),
    ],
  };
}

/**
 * Returns a finding if this process of the host is not elevated, or the account may not list shadow
 * copies: then the method vss is not possible. Whether every other account is elevated is UNCONFIRMED.
 */
async function shadowFindings(
  client: CimClient,
  elevated: boolean | null,
  signal: AbortSignal,
): Promise<Finding[]> {
  if (elevated === false) {
    const message =
      'This process is not elevated: the method vss needs a program that was started as administrator.';
    return [{ code: 'vss.denied', severity: 'info', message }];
  }
  const wql = selectNames(['ID'], 'Win32_ShadowCopy');
  try {
    for await (const _ of client.query({ namespace: 'root/cimv2', wql }, signal)) return [];
    return [];
  } catch (error) {
    if (!isCimError(error, 'denied')) {
      if (signal.aborted || !isCimError(error)) throw error;
      return [];
    }
    const message =
      'The account may not list shadow copies: the method vss needs an administrator, in an elevated process.';
    return [{ code: 'vss.denied', severity: 'info', message }];
  }
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
