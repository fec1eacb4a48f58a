import * as vscode from 'vscode';
import type { PathMapping } from '../engine/api/host.ts';

/** A host as the settings have it. */
export interface HostSetting {
  readonly name?: string;
  readonly url: string;
  readonly user?: string;
  readonly authentication?: 'auto' | 'basic';
  readonly fingerprint?: string;
  readonly pathMap?: Readonly<Record<string, string>>;
  readonly exportDirectory?: string;
  readonly lab?: string;
}

/** The hosts of `refpoint.hosts`; only the person's own settings count. */
export function readHosts(): readonly HostSetting[] {
  const found = vscode.workspace.getConfiguration('refpoint').inspect<unknown>('hosts');
  const value = found?.globalValue;
  if (!Array.isArray(value)) return [];
  return value.filter(
    (each): each is HostSetting => typeof (each as HostSetting | null)?.url === 'string',
  );
}

export async function writeHosts(hosts: readonly HostSetting[]): Promise<void> {
  await vscode.workspace
    .getConfiguration('refpoint')
    .update('hosts', hosts, vscode.ConfigurationTarget.Global);
}

/** Adds a host, or replaces the one of the same address and user. */
export async function saveHost(host: HostSetting, replaces = host): Promise<void> {
  const key = hostKey(replaces);
  const hosts = readHosts();
  const at = hosts.findIndex((each) => hostKey(each) === key);
  await writeHosts(at < 0 ? [...hosts, host] : hosts.with(at, host));
}

/** What a host is known by, whatever it is called: canonical address, user, way of logging in. */
export function hostKey({ url, user = '', authentication = 'auto' }: HostSetting): string {
  return `${canonicalUrl(url)}|${user.toLowerCase()}|${authentication}`;
}

/** Scheme, host in lower case and port, WinRM's where none is given. */
export function canonicalUrl(text: string): string {
  try {
    const url = new URL(text);
    const port = url.port !== '' ? url.port : portInText(text, url.protocol);
    return `${url.protocol}//${url.hostname.toLowerCase()}:${port}`;
  } catch {
    return text;
  }
}

/** A URL forgets the port that is its scheme's own. */
function portInText(text: string, protocol: string): string {
  const given = /^\w+:\/\/(?:\[[^\]]*\]|[^/:?#]*):(\d+)/.exec(text)?.[1];
  return given ?? (protocol === 'https:' ? '5986' : '5985');
}

export function hostLabel(host: HostSetting): string {
  if (host.name !== undefined && host.name !== '') return host.name;
  return canonicalUrl(host.url).replace(/^https?:\/\//, '');
}

export function pathMapOf({ pathMap = {} }: HostSetting): readonly PathMapping[] {
  return Object.entries(pathMap).map(([host, local]) => ({ host, local }));
}
