import * as vscode from 'vscode';
import { requestTimeout } from './connection.ts';
import { showError } from '../errors/present-error.ts';
import { hostLabel, type HostSetting } from '../settings/hosts.ts';
import { withNotification } from '../ask/messages.ts';
import type { HostServices } from './host-services.ts';
import type { HostNode } from '../nodes/nodes.ts';
import { choose, type Item } from '../ask/choose.ts';

const { t } = vscode.l10n;

export async function reviewCertificate(services: HostServices, host: HostSetting): Promise<void> {
  if (await services.connections.certificates.review(host, requestTimeout())) {
    await connectTo(services, host);
  }
}

/** Connects, asks for what is missing, and opens the host’s node. What goes wrong is said. Answers whether it is connected. */
export async function connectTo(
  services: HostServices,
  host: HostSetting,
  waits: 'caller' | 'row' = 'caller',
): Promise<boolean> {
  const { hosts, views, output } = services;
  // One that was saved just now may not have been told yet.
  if (hosts.hostOf(host) === undefined) hosts.readSettings();
  const node = hosts.hostOf(host);
  if (node === undefined) return false;
  try {
    await vscode.window.withProgress({ location: { viewId: 'refpoint.hosts' } }, () =>
      hosts.connect(node.id, true, waits),
    );
  } catch (error) {
    void showError(output, error, hosts.host(node.id));
    return false;
  }
  const now = hosts.host(node.id);
  if (now?.state !== 'connected') return false;
  // The tree keeps an existing row collapsed, so it is revealed expanded: the user wants to see its VMs.
  try {
    await views.hosts.reveal(now, { expand: true, focus: false, select: false });
  } catch (error) {
    // A view that the person has hidden cannot show it, and that is all.
    output.engine.debug('The host cannot be shown', (error as Error).message);
  }
  return true;
}

/**
 * The hosts that are connected, for a command that needs one: connects hosts with stored passwords first. If there is no other host, the user connects one. Returns an empty list if it is cancelled or there is no host.
 */
export async function connectedHosts(services: HostServices): Promise<readonly HostNode[]> {
  const { hosts } = services;
  await connectKept(services);
  if (hosts.connected.length > 0 || hosts.hosts.length === 0) return hosts.connected;
  const host = await choose(t('Connect to which host'), hosts.hosts.map(hostItem));
  if (host !== undefined) await connectTo(services, host.host);
  return hosts.connected;
}

export const hostItem = (value: HostNode): Item<HostNode> => ({
  label: hostLabel(value.host),
  description: [value.host.url, value.host.user ?? ''].filter(Boolean).join(', '),
  icon: value.lab ? 'beaker' : 'server-environment',
  value,
});

/** Connects to hosts that were not asked yet, if nothing has to be asked for that. The person can stop waiting for those that are slow. */
async function connectKept({ hosts }: HostServices): Promise<void> {
  const waiting = hosts.hosts.filter(({ state }) => state === 'disconnected');
  if (waiting.length === 0) return;
  // A host that fails shows it in its row; the command goes on with the others.
  const all = Promise.all(waiting.map(({ id }) => hosts.connect(id, false).catch(() => undefined)));
  await withNotification(t('Connecting to the hosts'), true, async (_report, token) => {
    await Promise.race([
      all,
      new Promise<void>((resolve) => {
        token.onCancellationRequested(() => resolve());
      }),
    ]);
  });
}
