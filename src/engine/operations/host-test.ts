import type { HostTest } from '../api/host.ts';
import { hostFindings, hostServices, isLab, osVersion } from '../hyperv/inventory/host.ts';
import type { WsmanClient } from '../cim/client.ts';

/** Reaches a host, logs in and looks at its services. Throws where it cannot be reached or refuses the login. */
export async function testHost(client: WsmanClient, signal: AbortSignal): Promise<HostTest> {
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
