import * as vscode from 'vscode';
import { approveServer } from '../../hosts/files/approve-server.ts';
import { askPlace } from '../../hosts/files/ask-place.ts';
import { pickHost } from '../../hosts/pick-host.ts';
import { mustHaveTarget } from '../../hosts/targets.ts';
import type { CommandHandler } from '../../services/services.ts';
import { parseUnc, serverOf } from '../../settings/file-servers.ts';
import { currentHost, hostKey, hostLabel } from '../../settings/hosts.ts';

const { t } = vscode.l10n;

/** Logs in to the file server of a host, or to a share, and shows how its messages are protected. Option: the `place`, which is not asked for then. */
export const testFileAccess: CommandHandler = async (services, node, _selected, options) => {
  const found = await pickHost(services, node);
  if (found === undefined) return;
  const host = currentHost(found.host);
  const title = t('Test File Access of {0}', hostLabel(host));
  const { place: given } = (options ?? {}) as { readonly place?: unknown };
  const place = typeof given === 'string' ? given : await askPlace(title, host);
  if (place === undefined) return;
  const server = placeServer(place) ?? serverOf(host);
  const why = t('You test access to {0}.', place);
  if (!(await approveServer(host, server, why))) return;
  // Asked for here: the page itself asks nobody.
  await mustHaveTarget(services, host);
  await services.pages.show(
    { kind: 'files', host: hostKey(host), place },
    `${t('File Access')} ${place === '' ? hostLabel(host) : tabName(place)}`,
  );
};

/** Name of a place for a tab, which has no backslashes. */
const tabName = (place: string): string => place.split('\\').filter(Boolean).join(' ');

/** Server of a place; undefined for the host itself. */
const placeServer = (place: string): string | undefined =>
  place === '' ? undefined : (parseUnc(place)?.server ?? place);
