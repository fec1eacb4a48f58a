import { Buffer } from 'node:buffer';

/** Maximum length of an encoded identifier; the known ones have about 10 bytes. */
const MAX_BYTES = 64;
const MAX_ARC = Number.MAX_SAFE_INTEGER / 128;

/** Returns the dotted form of an encoded identifier; undefined if it is malformed or too long. */
export function decodeOid(bytes: Buffer): string | undefined {
  if (bytes.length === 0 || bytes.length > MAX_BYTES) return undefined;
  const arcs: number[] = [];
  let arc = 0;
  let first = true;
  for (const byte of bytes) {
    if ((first && byte === 0x80) || arc > MAX_ARC) return undefined;
    arc = arc * 128 + (byte & 0x7f);
    first = (byte & 0x80) === 0;
    if (!first) continue;
    arcs.push(arc);
    arc = 0;
  }
  const [head] = arcs;
  if (!first || head === undefined) return undefined;
  const root = Math.min(Math.floor(head / 40), 2);
  return [root, head - root * 40, ...arcs.slice(1)].join('.');
}

/** Encodes an identifier in dotted form, without tag and length. */
export function encodeOid(oid: string): Buffer {
  const [root = 0, second = 0, ...rest] = oid.split('.').map(Number);
  return Buffer.from([root * 40 + second, ...rest].flatMap(arcBytes));
}

function arcBytes(arc: number): number[] {
  const bytes = [arc % 128];
  for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
    bytes.unshift(0x80 + (left % 128));
  }
  return bytes;
}
