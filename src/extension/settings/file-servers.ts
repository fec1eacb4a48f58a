import { DEFAULT_SMB, type SmbSettings } from '../../engine/api/host.ts';
import { canonicalUrl, isThisComputer } from './host-address.ts';
import type { HostSetting } from './hosts.ts';

/** Parts of `\\server\share\path`, also with slashes; undefined for any other text. */
export function parseUnc(
  text: string,
): { readonly server: string; readonly share: string } | undefined {
  const match = /^\\\\([^\\?.][^\\]*)\\([^\\]+)(?:\\|$)/.exec(text.trim().replaceAll('/', '\\'));
  const [, server = '', share = ''] = match ?? [];
  return server === '' || share === '' ? undefined : { server, share };
}

/** Name or address of a host, as a file server has it. */
export const serverOf = ({ url }: HostSetting): string =>
  isThisComputer(url) ? 'localhost' : new URL(canonicalUrl(url)).hostname.replace(/^\[|\]$/g, '');

/** File servers that may be contacted besides the host: those that the person approved, and those of mapped folders. */
export function approvedServers({ fileServers = [], pathMap = {} }: HostSetting): string[] {
  const mapped = Object.values(pathMap).flatMap((local) => parseUnc(local)?.server ?? []);
  return [...new Set([...fileServers, ...mapped])];
}

/** Whether a server may receive a proof of the account’s password. Case does not count. */
export function isApproved(host: HostSetting, server: string): boolean {
  const same = (name: string): boolean => name.toLowerCase() === server.toLowerCase();
  return [serverOf(host), ...approvedServers(host)].some(same);
}

/** The settings as the engine takes them. */
export function smbSettings(host: HostSetting): SmbSettings {
  const { smbPort = DEFAULT_SMB.port, smbEncryption = DEFAULT_SMB.encryption } = host;
  return { port: smbPort, encryption: smbEncryption, servers: approvedServers(host) };
}
