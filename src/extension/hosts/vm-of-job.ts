import * as vscode from 'vscode';
import { ownFailure } from '../errors/own-failure.ts';
import type { HostServices } from './host-services.ts';
import type { SubjectNode } from '../nodes/nodes.ts';

const { t } = vscode.l10n;

/** The VM or group of a job on a host. */
interface OfJob {
  readonly host: string;
  readonly vm: string;
  readonly group?: boolean;
}

/** Connects to the host of a job where it is not. Throws where host, VM or group are gone. */
export async function vmOfJob(
  services: HostServices,
  { host: url, vm: id, group = false }: OfJob,
): Promise<SubjectNode | undefined> {
  const host = services.hosts.at(url);
  if (host === undefined) {
    throw ownFailure('http.url', t('The host {0} is no longer in the list: add it again.', url));
  }
  if (host.state !== 'connected') await services.hosts.connect(host.id, true);
  if (services.hosts.host(host.id)?.state !== 'connected') return undefined;
  if (group) {
    const found = (await services.groups.listed(host.id)).find(({ row }) => row.id === id);
    if (found !== undefined) return found;
    throw ownFailure('host.group.notFound', t('There is no VM group {0} on {1}', id, url));
  }
  const vm = services.hosts.vm(host.host, id);
  if (vm === undefined) {
    throw ownFailure('host.vm.notFound', t('There is no VM {0} on {1}', id, url));
  }
  return vm;
}
