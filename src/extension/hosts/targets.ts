import * as vscode from 'vscode';
import type { HostTarget } from '../../engine/api/host.ts';
import { hostKey, type HostSetting } from '../settings/hosts.ts';
import type { HostServices } from './host-services.ts';

/** Returns the target of a host; asks for what is missing. Throws CancellationError if the user cancels. */
export async function mustHaveTarget(
  services: HostServices,
  host: HostSetting,
): Promise<HostTarget> {
  const target = await services.connections.target(host, true);
  if (target === undefined) throw new vscode.CancellationError();
  return target;
}

/** The same for several hosts, one after the other: two boxes at once would hide each other. By key. */
export async function targetsOf(
  services: HostServices,
  hosts: readonly HostSetting[],
): Promise<ReadonlyMap<string, HostTarget>> {
  const targets = new Map<string, HostTarget>();
  for (const host of hosts) {
    const key = hostKey(host);
    if (!targets.has(key)) targets.set(key, await mustHaveTarget(services, host));
  }
  return targets;
}
