import * as vscode from 'vscode';
import type { PathMapping } from '../../engine/api/host.ts';

/** A host as the settings have it. */
export interface HostSetting {
  readonly name?: string;
  /** Without user and password, whatever the settings say. */
  readonly url: string;
  readonly user?: string;
  readonly authentication?: 'auto' | 'basic';
  readonly fingerprint?: string;
  readonly pathMap?: Readonly<Record<string, string>>;
  readonly exportDirectory?: string;
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

/** Scheme, host in lower case and port, WinRM's port by default. */
export function canonicalUrl(text: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  const port = url.port !== '' ? url.port : portInText(text, url.protocol);
  return `${url.protocol}//${url.hostname.toLowerCase()}:${port}`;
}

/** A URL forgets the port that is its scheme's own. */
function portInText(text: string, protocol: string): string {
  const given = /^\w+:\/\/(?:[^/?#@]*@)?(?:\[[^\]]*\]|[^/:?#]*):(\d+)/.exec(text)?.[1];
  return given ?? (protocol === 'https:' ? '5986' : '5985');
}

export function hostLabel(host: HostSetting): string {
  if (host.name !== undefined && host.name !== '') return host.name;
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
  const { url } = fields;
  if (typeof url !== 'string' || !URL.canParse(url) || !/^https?:\/\/./i.test(url))
    return undefined;
  const text = (name: string): string | undefined =>
    typeof fields[name] === 'string' && fields[name] !== '' ? fields[name] : undefined;
  const host = {
    name: text('name'),
    url: withoutCredentials(url),
    user: text('user'),
    authentication: fields['authentication'] === 'basic' ? ('basic' as const) : undefined,
    fingerprint: text('fingerprint')?.replaceAll(':', '').toLowerCase(),
    pathMap: toPathMap(fields['pathMap']),
    exportDirectory: text('exportDirectory'),
    lab: text('lab'),
  };
  return Object.fromEntries(
    Object.entries(host).filter(([, value]) => value !== undefined),
  ) as unknown as HostSetting;
}

/** A password that somebody wrote into an address goes nowhere from here. */
function withoutCredentials(url: string): string {
  return url.replace(/^(https?:\/\/)[^/?#]*@/i, '$1');
}

function toPathMap(value: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
