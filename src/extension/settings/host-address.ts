import { LOCAL_HOST } from '../../engine/api/host.ts';

/**
 * Addresses of hosts as people write them. A name alone means WinRM's port of plain HTTP, where messages are sealed: a host as it is
 * installed listens nowhere else.
 */

/** This computer as a host, which PowerShell asks without an address. */
export const isThisComputer = (url: string): boolean => url === LOCAL_HOST;

/** @param secure a certificate is expected: a name alone means HTTPS. */
export function completeAddress(text: string, secure = false): string {
  const trimmed = text.trim();
  if (isThisComputer(trimmed.toLowerCase())) return LOCAL_HOST;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed)) return trimmed;
  const bareIpv6 = /^[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*$/i.test(trimmed);
  const name = bareIpv6 ? `[${trimmed}]` : trimmed;
  const https = secure || /^[^/?#]*:5986$/.test(name);
  return `${https ? 'https' : 'http'}://${name}`;
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

/** A password that somebody wrote into an address goes nowhere from here. */
export function withoutCredentials(url: string): string {
  return url.replace(/^(https?:\/\/)[^/?#]*@/i, '$1');
}

export const usesTls = (url: string): boolean => /^https:/i.test(url);

/** Nothing crosses a network: the only address to which unsealed messages go over plain HTTP. */
export const isLoopback = (url: string): boolean =>
  URL.canParse(url) && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
