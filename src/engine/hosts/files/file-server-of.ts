import { LOCAL_HOST } from '../../api/host.ts';

/**
 * Returns the name or address of a host as a file server.
 * @param url address of WS-Management, or the name of a computer that PowerShell asks
 */
export function fileServerOf(url: string): string {
  if (url === LOCAL_HOST) return 'localhost';
  // The name hv01:5985 and the address fe80::1 are URLs too, without a host.
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return url;
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}
