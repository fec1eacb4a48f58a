import * as vscode from 'vscode';
import {
  AUTHENTICATION_CHOICES,
  type HostTarget,
  type PathMapping,
  type SmbSettings,
} from '../../engine/api/host.ts';
import { toFileAccess } from './file-access-fields.ts';
import {
  canonicalUrl,
  completeAddress,
  isThisComputer,
  withoutCredentials,
} from './host-address.ts';

export type Authentication = HostTarget['authentication'];

/** A host as the settings have it. */
export interface HostSetting {
  readonly name?: string;
  /** With its scheme; without user and password, whatever the settings say. */
  readonly url: string;
  readonly user?: string;
  readonly authentication?: Authentication;
  /** PEM files of the client certificate and its key. */
  readonly certificateFile?: string;
  readonly keyFile?: string;
  /** PEM file of an authority that may vouch for the host. */
  readonly caFile?: string;
  readonly fingerprint?: string;
  readonly pathMap?: Readonly<Record<string, string>>;
  readonly exportDirectory?: string;
  /** Port of SMB, encryption, and file servers besides the host that the person approved. */
  readonly smbPort?: number;
  readonly smbEncryption?: SmbSettings['encryption'];
  readonly fileServers?: readonly string[];
  readonly lab?: string;
}

/** The hosts of `refpoint.hosts`, one for each key; only the person's own settings count. */
export function readHosts(): readonly HostSetting[] {
  const hosts = new Map<string, HostSetting>();
  for (const entry of rawHosts()) {
    const host = toHost(entry);
    if (host !== undefined && !hosts.has(hostKey(host))) hosts.set(hostKey(host), host);
  }
  return [...hosts.values()];
}

/** Number of invalid entries in the settings. */
export function countWrongHosts(): number {
  return rawHosts().filter((entry) => toHost(entry) === undefined).length;
}

/** Adds a host, or replaces the one of the key of `replaces`. Entries that are not understood stay as they are. */
export async function saveHost(host: HostSetting, replaces = host): Promise<void> {
  const key = hostKey(replaces);
  const raw = rawHosts();
  const at = raw.findIndex((entry) => isOf(entry, key));
  await writeRaw(at < 0 ? [...raw, host] : raw.with(at, host));
}

export async function removeHostSetting(host: HostSetting): Promise<void> {
  const key = hostKey(host);
  await writeRaw(rawHosts().filter((entry) => !isOf(entry, key)));
}

/** A host as the settings have it now, by its key: nodes may hold an older one. */
export function currentHost(host: HostSetting): HostSetting {
  const key = hostKey(host);
  return readHosts().find((each) => hostKey(each) === key) ?? host;
}

/** Key of a host, independent of its name: canonical address, user, authentication scheme. */
export function hostKey({ url, user = '', authentication = 'auto' }: HostSetting): string {
  return `${canonicalUrl(url)}|${user.toLowerCase()}|${authentication}`;
}

export function hostLabel(host: HostSetting): string {
  if (host.name !== undefined && host.name !== '') return host.name;
  if (isThisComputer(host.url)) return vscode.l10n.t('This Computer');
  return canonicalUrl(host.url).replace(/^https?:\/\//, '');
}

export function pathMapOf({ pathMap = {} }: HostSetting): readonly PathMapping[] {
  return Object.entries(pathMap).map(([host, local]) => ({ host, local }));
}

function rawHosts(): readonly unknown[] {
  const found = vscode.workspace.getConfiguration('refpoint').inspect<unknown>('hosts');
  return Array.isArray(found?.globalValue) ? found.globalValue : [];
}

async function writeRaw(hosts: readonly unknown[]): Promise<void> {
  await vscode.workspace
    .getConfiguration('refpoint')
    .update('hosts', hosts, vscode.ConfigurationTarget.Global);
}

function isOf(entry: unknown, key: string): boolean {
  const host = toHost(entry);
  return host !== undefined && hostKey(host) === key;
}

/** Settings are written by hand: values of another type are ignored, and so is an entry without an address. */
function toHost(entry: unknown): HostSetting | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const fields = entry as Readonly<Record<string, unknown>>;
  const text = (name: string): string | undefined =>
    typeof fields[name] === 'string' && fields[name] !== '' ? fields[name] : undefined;
  const secure = text('fingerprint') !== undefined || text('caFile') !== undefined;
  const url = completeAddress(text('url') ?? '', secure);
  const web = URL.canParse(url) && /^https?:\/\/./i.test(url);
  if (!web && !isThisComputer(url)) return undefined;
  const host = {
    name: text('name'),
    url: withoutCredentials(url),
    user: text('user'),
    authentication: AUTHENTICATION_CHOICES.find(
      (choice) => choice !== 'auto' && choice === fields['authentication'],
    ),
    certificateFile: text('certificateFile'),
    keyFile: text('keyFile'),
    caFile: text('caFile'),
    fingerprint: text('fingerprint')?.replaceAll(':', '').toLowerCase(),
    pathMap: toPathMap(fields['pathMap']),
    exportDirectory: text('exportDirectory'),
    ...toFileAccess(fields),
    lab: text('lab'),
  };
  return Object.fromEntries(
    Object.entries(host).filter(([, value]) => value !== undefined),
  ) as unknown as HostSetting;
}

function toPathMap(value: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
