import * as vscode from 'vscode';
import type { ImportNetwork, ImportPlan } from '../../../engine/api/backup.ts';
import { askText } from '../../ask/ask-text.ts';
import { choose, type Item } from '../../ask/choose.ts';
import { connectedHosts, hostItem } from '../../hosts/connect-host.ts';
import { mapFolder } from '../../hosts/map-folder.ts';
import type { Services } from '../../services/services.ts';
import { hostKey } from '../../settings/hosts.ts';
import type { RestoreDraft } from './restore-draft.ts';
import { askHostFolder } from './restore-folder.ts';

const { t } = vscode.l10n;

/** Longest name of a VM (the engine's limit). */
const MAX_NAME = 100;

/** Each asks for one choice of a restore as a VM; undefined: nothing changes. */

export async function changeHost(
  services: Services,
  draft: RestoreDraft,
): Promise<RestoreDraft | undefined> {
  const all = await connectedHosts(services);
  const chosen = await choose(t('Host'), all.map(hostItem), { always: true });
  if (chosen === undefined) return undefined;
  const { host } = chosen;
  return hostKey(host) === hostKey(draft.host) ? undefined : { ...draft, host, found: [] };
}

export async function changeName(
  draft: RestoreDraft,
  plan: Pick<ImportPlan, 'name'>,
): Promise<RestoreDraft | undefined> {
  const name = await askText({
    title: t('Name of the new VM'),
    prompt: t('As Hyper-V shows it'),
    value: plan.name,
    validate: (text) =>
      text.trim() !== '' && text.length <= MAX_NAME && !/\p{Cc}/u.test(text)
        ? undefined
        : t('A name has 1 to {0} characters', MAX_NAME),
  });
  return name === undefined ? undefined : { ...draft, name: name.trim() };
}

export async function changeFolder(draft: RestoreDraft): Promise<RestoreDraft | undefined> {
  const hostFolder = await askHostFolder(draft.host, draft.hostFolder);
  return hostFolder === undefined ? undefined : { ...draft, hostFolder };
}

/** Maps a folder of the host to one of this machine. */
export async function changePathMap(draft: RestoreDraft): Promise<RestoreDraft | undefined> {
  return (await mapFolder(draft.host, draft.hostFolder)) ? draft : undefined;
}

/** Asks for a switch of the host for the adapters of a switch of the point, or for none. */
export async function changeNetwork(
  draft: RestoreDraft,
  { networks, switches }: ImportPlan,
  network: ImportNetwork,
): Promise<RestoreDraft | undefined> {
  const none: Item<{ readonly to: string | null }> = {
    label: t('Leave Disconnected'),
    icon: 'debug-disconnect',
    value: { to: null },
  };
  const chosen = await choose(
    t('Switch of the host for “{0}”', network.switch),
    [
      none,
      ...switches.map((to) => ({
        label: to,
        ...(to === network.switch ? { description: t('the same name') } : {}),
        icon: 'type-hierarchy-sub',
        value: { to },
      })),
    ],
    { always: true },
  );
  if (chosen === undefined) return undefined;
  const now = (networks ?? []).map(({ switch: from, to }) => [from, to] as const);
  return { ...draft, networks: new Map([...now, [network.switch, chosen.to]]) };
}
