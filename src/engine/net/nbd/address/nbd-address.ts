import { isLoopback } from '../../auth/contract/loopback.ts';
import { MAX_TEXT } from '../codec/constants.ts';
import { nbdError } from '../contract/nbd-errors.ts';

/** Place of an export: a port of this computer, or a socket file. */
export type NbdAddress =
  | {
      readonly kind: 'tcp';
      readonly host: string;
      readonly port: number;
      readonly exportName: string;
    }
  | { readonly kind: 'unix'; readonly socket: string; readonly exportName: string };

/** The port that IANA assigned to NBD. */
const DEFAULT_PORT = 10_809;

const EXPECTED =
  'expected nbd://127.0.0.1:PORT/NAME or nbd+unix:///NAME?socket=PATH, on this computer';

/** Whether a text is meant as the address of an NBD export, good or bad, and not as a path. */
export const isNbdAddress = (text: string): boolean => /^nbds?(\+[a-z]+)?:/i.test(text);

/**
 * Parses the address of an export (the NBD URI specification, doc/uri.md). Throws `nbd.address`
 * for TLS, for anything that is not on this computer, and for what is not an address.
 */
export function parseNbdAddress(text: string): NbdAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^nbd(\+unix)?:\/\//i.test(text)) throw wrong(text, 'it is none');
  if (url.username !== '' || url.password !== '') throw wrong(text, 'it names a user');
  const exportName = decoded(text, url.pathname.replace(/^\//, ''));
  if (Buffer.byteLength(exportName) > MAX_TEXT) throw wrong(text, 'the name is too long');
  const parameters = queryOf(text, url.search);
  const socket = parameters.get('socket');
  if (url.protocol === 'nbd+unix:') {
    if (url.host !== '') throw wrong(text, `it names the host ${url.host}`);
    if (socket === undefined || socket === '') throw wrong(text, 'it names no socket');
    return { kind: 'unix', socket, exportName };
  }
  if (parameters.size > 0) throw wrong(text, 'it has parameters');
  if (!isLoopback(url.hostname)) throw wrong(text, `${url.hostname || 'no host'} is named`);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port);
  if (port === 0) throw wrong(text, 'port 0 is named');
  return { kind: 'tcp', host, port, exportName };
}

/** The address as a URI, as nbdinfo and qemu-img take it too. */
export function formatNbdAddress(address: NbdAddress): string {
  const name = encodeURIComponent(address.exportName);
  if (address.kind === 'unix') {
    return `nbd+unix:///${name}?socket=${encodeURIComponent(address.socket).replaceAll('%2F', '/').replaceAll("'", '%27')}`;
  }
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `nbd://${host}:${address.port}/${name}`;
}

/** Splits the query by hand: a plus sign is a plus sign here, other than in a form. */
function queryOf(text: string, search: string): ReadonlyMap<string, string> {
  const pairs = search.replace(/^\?/, '').split('&');
  return new Map(
    pairs
      .filter((pair) => pair !== '')
      .map((pair): [string, string] => {
        const at = pair.indexOf('=');
        const name = at < 0 ? pair : pair.slice(0, at);
        return [decoded(text, name), at < 0 ? '' : decoded(text, pair.slice(at + 1))];
      }),
  );
}

function decoded(text: string, part: string): string {
  try {
    const plain = decodeURIComponent(part);
    if (!plain.includes('\0')) return plain;
  } catch {
    // Reported below.
  }
  throw wrong(text, 'it has a percent sign or a character that cannot be decoded');
}

const wrong = (text: string, why: string): Error =>
  nbdError('nbd.address', `“${text.slice(0, 200)}” cannot be used: ${why}; ${EXPECTED}`, {
    data: { found: text.slice(0, 200) },
  });
