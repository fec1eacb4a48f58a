/**
 * List of attributes in the server's CHALLENGE and in the client's response (MS-NLMP 2.2.2.1):
 * `u16 id | u16 length | value`, ended by id 0.
 */
import { Buffer } from 'node:buffer';
import { authError } from '../../contract/auth-errors.ts';
import { fromUtf16, utf16 } from './text.ts';

/** Identifiers of attributes. */
export const AV = {
  nbComputerName: 1,
  nbDomainName: 2,
  dnsComputerName: 3,
  dnsDomainName: 4,
  flags: 6,
  timestamp: 7,
  targetName: 9,
  channelBindings: 10,
} as const;

/** Bit of {@link AV.flags}: the AUTHENTICATE message has a MIC. */
export const AV_FLAG_MIC = 0x2;

/** Lengths of the values that do not vary. */
const LENGTHS: Readonly<Record<number, number>> = {
  [AV.flags]: 4,
  [AV.timestamp]: 8,
  [AV.channelBindings]: 16,
};

const END = 0;
/** The specification has 10; a later one may add some. */
const MAX_PAIRS = 64;

/** Attributes by their identifiers, in the order of the list. */
export type AvPairs = ReadonlyMap<number, Buffer>;

/** Reads a list. Bytes after its end are ignored. Throws `http.auth.token`. */
export function parseAvPairs(bytes: Buffer): AvPairs {
  const pairs = new Map<number, Buffer>();
  for (let at = 0; ;) {
    if (at + 4 > bytes.length) throw invalid(`the list of ${bytes.length} bytes has no end`);
    const id = bytes.readUInt16LE(at);
    const length = bytes.readUInt16LE(at + 2);
    at += 4;
    if (id === END) return pairs;
    if (at + length > bytes.length) {
      throw invalid(`attribute ${id} has ${length} bytes at ${at} of ${bytes.length}`);
    }
    const expected = LENGTHS[id] ?? length;
    if (length !== expected) {
      throw invalid(`attribute ${id}: expected ${expected} bytes, found ${length}`);
    }
    if (pairs.has(id)) throw invalid(`attribute ${id} occurs twice`);
    if (pairs.size === MAX_PAIRS) throw invalid(`there are more than ${MAX_PAIRS} attributes`);
    pairs.set(id, bytes.subarray(at, at + length));
    at += length;
  }
}

/** Encodes attributes in the map's order. */
export function encodeAvPairs(pairs: AvPairs): Buffer {
  const parts: Buffer[] = [];
  for (const [id, value] of pairs) {
    const head = Buffer.alloc(4);
    head.writeUInt16LE(id, 0);
    head.writeUInt16LE(value.length, 2);
    parts.push(head, value);
  }
  return Buffer.concat([...parts, Buffer.alloc(4)]);
}

/** Returns a text attribute; undefined if it is missing. */
export function avText(pairs: AvPairs, id: number): string | undefined {
  const value = pairs.get(id);
  return value && fromUtf16(value);
}

/** Returns the flags attribute; 0 if it is missing. */
export function avFlags(pairs: AvPairs): number {
  return pairs.get(AV.flags)?.readUInt32LE(0) ?? 0;
}

/** Server's names, as attributes. */
export interface ServerNames {
  readonly nbComputer: string;
  readonly nbDomain: string;
  readonly dnsComputer: string;
  readonly dnsDomain: string;
}

/** Returns the attributes that a server sends, in the order of Windows. */
export function serverAvPairs(names: ServerNames, timestamp: Buffer): AvPairs {
  return new Map([
    [AV.nbDomainName, utf16(names.nbDomain)],
    [AV.nbComputerName, utf16(names.nbComputer)],
    [AV.dnsDomainName, utf16(names.dnsDomain)],
    [AV.dnsComputerName, utf16(names.dnsComputer)],
    [AV.timestamp, timestamp],
  ]);
}

function invalid(found: string): Error {
  return authError('http.auth.token', `Invalid list of NTLM attributes: ${found}`, {
    data: { structure: 'NTLM attributes', found },
  });
}
