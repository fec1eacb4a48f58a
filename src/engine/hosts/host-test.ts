import type { HostTest } from '../api/host.ts';
import type { CimClient } from '../cim/client.ts';
import { hostFindings, hostServices, isLab, osVersion } from '../hyperv/inventory/host.ts';
import { loginFindings } from './login-findings.ts';

/**
 * Connects to a host, logs in and checks its services. Throws if the host cannot be reached or
 * rejects the login.
 */
export async function testHost(client: CimClient, signal: AbortSignal): Promise<HostTest> {
  const identity = await client.identify(signal);
  const services = await hostServices(client, signal);
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
    services,
    rights: [],
    findings: [...hostFindings(identity, services), ...loginFindings(client)],
  };
}
