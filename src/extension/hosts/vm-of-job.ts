import * as vscode from 'vscode';
import { ownFailure } from '../errors/own-failure.ts';
import type { HostServices } from './host-services.ts';
import type { VmNode } from '../nodes/nodes.ts';

const { t } = vscode.l10n;

/** Connects to the host of a job where it is not. Throws where host or VM are gone. */
export async function vmOfJob(
  services: HostServices,
  url: string,
  vmId: string,
): Promise<VmNode | undefined> {
  const host = services.hosts.at(url);
  if (host === undefined) {
    throw ownFailure('http.url', t('The host {0} is no longer in the list: add it again.', url));
  }
  if (host.state !== 'connected') await services.hosts.connect(host.id, true);
  if (services.hosts.host(host.id)?.state !== 'connected') return undefined;
  const vm = services.hosts.vm(host.host, vmId);
  if (vm === undefined) {
    throw ownFailure('host.vm.notFound', t('There is no VM {0} on {1}', vmId, url));
  }
  return vm;
}
