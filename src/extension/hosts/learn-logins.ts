import * as vscode from 'vscode';
import { requests } from '../../engine/api/methods.ts';
import { sayWarning } from '../ask/messages.ts';
import type { Engine } from '../engine/engine.ts';
import type { HostNode } from '../nodes/nodes.ts';
import { hostLabel } from '../settings/hosts.ts';
import type { HostServices } from './host-services.ts';

const { t } = vscode.l10n;

type Parts = Pick<HostServices, 'hosts' | 'connections' | 'output'> & { readonly engine: Engine };

/**
 * Asks once for each connection how the engine logged in, for the row of the host. A fall from Kerberos to NTLM is said once until the
 * person disconnects the host: a host that is not verified has received a proof of the password.
 */
export function learnLogins(parts: Parts): vscode.Disposable {
  const { hosts } = parts;
  const asked = new Set<string>();
  const warned = new Set<string>();
  return hosts.onChanged(() => {
    for (const node of hosts.hosts) {
      if (node.state === 'disconnected') warned.delete(node.id);
      if (node.state !== 'connected') asked.delete(node.id);
      else if (!asked.has(node.id)) {
        asked.add(node.id);
        void learn(parts, node, warned);
      }
    }
  });
}

async function learn(
  { hosts, connections, engine, output }: Parts,
  { id, host }: HostNode,
  warned: Set<string>,
): Promise<void> {
  try {
    const target = await connections.target(host, false);
    if (target === undefined) return;
    const login = await engine.request(requests.testHost, { target });
    hosts.setLogin(id, login);
    const node = hosts.host(id);
    if (login.fallback === null || node?.state !== 'connected' || warned.has(id)) return;
    warned.add(id);
    await warn(node, login.fallback);
  } catch (error) {
    // The list of VMs has arrived: what fails here shows where somebody asks for it.
    output.engine.debug('The login of the host is not known', (error as Error).message);
  }
}

async function warn(node: HostNode, reason: string): Promise<void> {
  const forbid = t('Forbid NTLM');
  const prepare = t('Prepare the Host…');
  const text = t(
    '{0}: Kerberos was not possible, so NTLM was used. It does not verify the host, which received a proof of your password. Reason: {1}',
    hostLabel(node.host),
    reason,
  );
  const chosen = await sayWarning(text, forbid, prepare);
  if (chosen === prepare) {
    await vscode.commands.executeCommand('refpoint.prepareHost', { code: 'http.auth.mechanism' });
  } else if (chosen === forbid) {
    await vscode.workspace
      .getConfiguration('refpoint')
      .update('ntlmFallback', false, vscode.ConfigurationTarget.Global);
  }
}
