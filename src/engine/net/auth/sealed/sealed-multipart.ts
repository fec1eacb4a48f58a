/**
 * Body of a sealed message: `multipart/encrypted` as WinRM writes it (MS-WSMV 2.2.9.1). One part names the protocol and the
 * original content, the next holds the sealed bytes. There are no blank lines.
 *
 * ```
 * --Encrypted Boundary\r\n
 * \tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n
 * \tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=1424\r\n
 * --Encrypted Boundary\r\n
 * \tContent-Type: application/octet-stream\r\n
 * <uint32 LE: length of the signature><signature><sealed bytes>--Encrypted Boundary--\r\n
 * ```
 *
 * Sealed bytes may hold the boundary and line ends, so their end follows from the two lengths alone. Rejects a
 * body whose lengths do not fill it exactly.
 */
import { authError } from '../contract/auth-errors.ts';
import type { Message } from '../contract/scheme.ts';
import type { SealedBytes } from '../contract/security-context.ts';

/** Name of the protocol in the headers: it follows the HTTP scheme, not the mechanism. */
export type SealedProtocol = 'spnego' | 'kerberos';

/** Indentation of the headers of a part: Windows writes a TAB, OMI rejects it. */
export type PartIndent = '\t' | '';

/** A sealed message, and the style in which it was written. */
export interface SealedMessage {
  readonly protocol: SealedProtocol;
  readonly indent: PartIndent;
  /** Content type of the plain message, such as `application/soap+xml;charset=UTF-8`. */
  readonly originalType: string;
  /** Length of the plain message in bytes, as the sender states it. */
  readonly originalLength: number;
  readonly sealed: SealedBytes;
}

const BOUNDARY = 'Encrypted Boundary';
const PROTOCOLS: Readonly<Record<SealedProtocol, string>> = {
  spnego: 'application/HTTP-SPNEGO-session-encrypted',
  kerberos: 'application/HTTP-Kerberos-session-encrypted',
};
/** Maximum length of a header line in bytes; Windows writes fewer than 100. */
const MAX_LINE = 512;
/** Maximum number of header lines in a part; WinRM writes one or two. */
const MAX_HEADERS = 8;
/** Maximum length of a signature in bytes: NTLM writes 16, Kerberos 60. */
const MAX_SIGNATURE = 1024;

/** Whether a content type announces a sealed message. */
export const isSealedType = (contentType: string): boolean =>
  /^\s*multipart\/(?:x-multi-)?encrypted\s*(?:;|$)/i.test(contentType);

/** Writes a sealed message. */
export function encodeSealed(message: SealedMessage): Message {
  const { protocol, indent, originalType, originalLength, sealed } = message;
  const name = PROTOCOLS[protocol];
  const head = [
    `--${BOUNDARY}`,
    `${indent}Content-Type: ${name}`,
    // python3-winrm reads the length up to the end of the line, so it is the last parameter.
    `${indent}OriginalContent: type=${originalType};Length=${originalLength}`,
    `--${BOUNDARY}`,
    `${indent}Content-Type: application/octet-stream`,
    '',
  ].join('\r\n');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(sealed.signature.length);
  return {
    contentType: `multipart/encrypted;protocol="${name}";boundary="${BOUNDARY}"`,
    body: Buffer.concat([
      Buffer.from(head, 'latin1'),
      length,
      sealed.signature,
      sealed.data,
      Buffer.from(`--${BOUNDARY}--\r\n`, 'latin1'),
    ]),
  };
}

/** Reads a sealed message. Throws `http.auth.sealed` for anything else. */
export function decodeSealed({ body, contentType }: Message): SealedMessage {
  const delimiter = delimiterOf(contentType);
  const reader = new HeadReader(body);
  const first = reader.part(delimiter);
  const original = originalOf(first.headers.get('originalcontent'));
  const protocol = protocolOf(first.headers.get('content-type'));
  const second = reader.part(delimiter);
  const type = second.headers.get('content-type') ?? '';
  if (!/^application\/octet-stream\s*(?:;|$)/i.test(type)) {
    throw broken(`its second part is “${shown(type)}”`, 'application/octet-stream');
  }
  const start = reader.at;
  const left = body.length - start - 4;
  const signatureLength = left < 0 ? 0 : body.readUInt32LE(start);
  if (left < 0 || signatureLength > MAX_SIGNATURE || signatureLength > left) {
    throw broken(
      `its signature has ${signatureLength} bytes with ${Math.max(0, left)} bytes left`,
      `at most ${MAX_SIGNATURE}`,
    );
  }
  const dataStart = start + 4 + signatureLength;
  const dataEnd = dataStart + original.length;
  if (!isEnd(body.subarray(dataEnd), delimiter) || dataEnd > body.length) {
    throw broken(
      `it does not end after the ${original.length} sealed bytes that it announces`,
      'the closing boundary there',
    );
  }
  return {
    protocol,
    indent: first.indent,
    originalType: original.type,
    originalLength: original.length,
    sealed: {
      signature: body.subarray(start + 4, dataStart),
      data: body.subarray(dataStart, dataEnd),
    },
  };
}

/** Reads the lines before the sealed bytes, which are the only text of the body. */
class HeadReader {
  readonly #body: Buffer;
  at = 0;

  constructor(body: Buffer) {
    this.#body = body;
  }

  /** Reads a delimiter and the header lines after it, without what follows them. */
  part(delimiter: RegExp): { readonly headers: Map<string, string>; readonly indent: PartIndent } {
    const line = this.#line();
    if (!delimiter.test(line))
      throw broken(`“${shown(line)}” stands where a part begins`, BOUNDARY);
    const headers = new Map<string, string>();
    let indent: PartIndent = '';
    while (headers.size < MAX_HEADERS) {
      const begin = this.at;
      const match = /^([\t ]*)([A-Za-z-]{1,40}):[\t ]*(.*)$/.exec(this.#peek() ?? '');
      if (match === null) break;
      this.at = begin + match[0].length + 2;
      if (match[1] !== '') indent = '\t';
      const name = (match[2] ?? '').toLowerCase();
      if (headers.has(name)) throw broken(`it has the header ${name} twice`, 'one');
      headers.set(name, match[3] ?? '');
      // The sealed bytes follow the one header of the second part, and may look like a header.
      if (/^application\/octet-stream/i.test(match[3] ?? '')) break;
    }
    return { headers, indent };
  }

  #line(): string {
    const line = this.#peek();
    if (line === undefined) throw broken(`no line ends within ${MAX_LINE} bytes`, 'a header line');
    this.at += line.length + 2;
    return line;
  }

  /** Returns the line at the current place; undefined if it is too long or has no end. */
  #peek(): string | undefined {
    const text = this.#body.toString('latin1', this.at, this.at + MAX_LINE);
    const end = text.indexOf('\r\n');
    return end === -1 ? undefined : text.slice(0, end);
  }
}

/** Matches the line that begins a part. Some older stacks write a space after the two dashes. */
function delimiterOf(contentType: string): RegExp {
  if (!/^\s*multipart\/encrypted\s*(?:;|$)/i.test(contentType)) {
    throw broken(`its content type is “${shown(contentType)}”`, 'multipart/encrypted');
  }
  const match = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType);
  const boundary = match?.[1] ?? match?.[2] ?? BOUNDARY;
  return new RegExp(`^-- ?${boundary.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)}[\\t ]*$`);
}

function isEnd(rest: Buffer, delimiter: RegExp): boolean {
  if (rest.length === 0 || rest.length > MAX_LINE) return false;
  const line = rest.toString('latin1').replace(/(?:\r\n)?$/, '');
  return line.endsWith('--') && delimiter.test(line.slice(0, -2));
}

function protocolOf(type = ''): SealedProtocol {
  const bare = type.replace(/;.*$/, '').trim().toLowerCase();
  for (const [protocol, name] of Object.entries(PROTOCOLS)) {
    if (bare === name.toLowerCase()) return protocol as SealedProtocol;
  }
  throw broken(`its protocol is “${shown(type)}”`, Object.values(PROTOCOLS).join(' or '));
}

function originalOf(text = ''): { readonly type: string; readonly length: number } {
  const length = /;\s*length=(\d{1,9})\s*(?:;|$)/i.exec(text);
  const type = /(?:^|;)\s*type=([^;]{1,100})/i.exec(text);
  const charset = /;\s*charset="?([\w-]{1,40})"?/i.exec(text);
  if (length === null || type === null) {
    throw broken(`it describes its content as “${shown(text)}”`, 'a type and a Length');
  }
  const encoding = charset === null ? '' : `;charset=${charset[1]}`;
  return { type: `${type[1]?.trim()}${encoding}`, length: Number(length[1]) };
}

const shown = (text: string): string => text.slice(0, 60).replace(/[^\x20-\x7e]/g, '.');

const broken = (found: string, expected: string): Error =>
  authError(
    'http.auth.sealed',
    `The sealed message cannot be read: ${found}; expected ${expected}`,
    { data: { found, expected } },
  );
