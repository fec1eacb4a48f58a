import { httpError } from '../http/http-errors.ts';

const DEFAULT_PORT = { 'http:': '5985', 'https:': '5986' } as const;

/**
 * Completes a host's address with scheme, port and path. A name alone means plain HTTP on WinRM's
 * port with sealed messages: a host as it is installed listens nowhere else. Throws `http.url`.
 *
 * @param secure a certificate is expected: a name alone means HTTPS.
 */
export function wsmanUrl(text: string, secure = false): URL {
  const whole = withScheme(text.trim(), secure);
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  if (
    url === undefined ||
    url.hostname === '' ||
    (url.protocol !== 'http:' && url.protocol !== 'https:')
  ) {
    // A password may hold slashes, so everything before the last @ is left out.
    const shown = text.replace(/^([a-z]+:\/\/)?.*@/is, '$1…@');
    throw httpError(
      'http.url',
      `“${shown}” is not the address of a host; expected a name such as hv01, or an address such as https://hv01:5986`,
      { data: { found: shown } },
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw httpError('http.url', 'The address must not hold a user or a password', {
      data: { found: 'credentials' },
    });
  }
  // The URL class drops a port that is the scheme's default; the text still has it.
  if (
    url.port === '' &&
    !/^\w+:\/\/[^/?#]*:\d+(?:[/?#]|$)/.test(whole.replace(/\[[^\]]*\]/, 'host'))
  ) {
    url.port = DEFAULT_PORT[url.protocol];
  }
  if (url.pathname === '/') url.pathname = '/wsman';
  return url;
}

/** Adds the scheme to a name or an IP address, with or without a port. */
function withScheme(text: string, secure: boolean): string {
  if (text === '' || /^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return text;
  const bareIpv6 = /^[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*$/i.test(text);
  const name = bareIpv6 ? `[${text}]` : text;
  const https = secure || /^[^/?#]*:5986$/.test(name);
  return `${https ? 'https' : 'http'}://${name}`;
}
