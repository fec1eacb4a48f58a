import * as vscode from 'vscode';
import { pickHost } from '../../hosts/pick-host.ts';
import { mustHaveTarget } from '../../hosts/targets.ts';
import type { CommandHandler } from '../../services/services.ts';
import { hostKey, hostLabel } from '../../settings/hosts.ts';

const { t } = vscode.l10n;

/** Opens the list of the shadow copies of a host. */
export const showShadowCopies: CommandHandler = async (services, node) => {
  const host = await pickHost(services, node, 'reachable');
  if (host === undefined) return;
  // Asked for here: the page itself asks nobody.
  await mustHaveTarget(services, host.host);
  await services.pages.show(
    { kind: 'shadows', host: hostKey(host.host) },
    `${t('Shadow Copies')} ${hostLabel(host.host)}`,
  );
};
