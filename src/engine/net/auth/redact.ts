import { escapeXml } from '../../cim/xml/xml-writer.ts';
import type { Credential } from './contract/secret.ts';

const HIDDEN = '(secret)';
/**
 * Matches a header with credentials wherever it is quoted: in an answer's text, in an error page.
 */
const AUTHORIZATION = /((?:proxy-)?authorization["']?\s*[:=]\s*)[^\r\n<]+/gi;

/**
 * Returns a function that removes the secrets of a login from a text: the password, as plain text
 * and as XML, JSON and URLs encode it, its Base64 and that of `user:password`, and every
 * Authorization header.
 */
export function redactorOf(credential: Credential | undefined): (text: string) => string {
  const secrets = credential === undefined ? [] : spellings(credential);
  return (text) =>
    secrets
      .reduce((shown, secret) => shown.replaceAll(secret, HIDDEN), text)
      .replace(AUTHORIZATION, `$1${HIDDEN}`);
}

function spellings({ user, password }: Credential): string[] {
  const plain = password.reveal();
  if (plain === '') return [];
  const base64 = (text: string, encoding: 'utf8' | 'utf16le'): string =>
    Buffer.from(text, encoding).toString('base64').replace(/=+$/, '');
  const all = [
    plain,
    escapeXml(plain),
    JSON.stringify(plain).slice(1, -1),
    encodeURIComponent(plain),
    base64(`${user}:${plain}`, 'utf8'),
    base64(plain, 'utf8'),
    base64(plain, 'utf16le'),
  ];
  // Longest first: a short secret may be a part of a longer one.
  return [...new Set(all)].sort((a, b) => b.length - a.length);
}
