import type { HostTest } from '../api/host.ts';
import type { CimClient } from '../cim/client.ts';
import { hostFindings, hostServices, isLab, osVersion } from '../hyperv/inventory/host.ts';

/** Reaches a host, logs in and looks at its services. Throws if it cannot be reached or refuses the login. */
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
    services,
    findings: hostFindings(identity, services),
  };
}
