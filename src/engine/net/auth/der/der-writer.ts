import { Buffer } from 'node:buffer';
import { contextTag, TAG } from './der-reader.ts';
import { encodeOid } from './oid.ts';

/** Encodes an element with the shortest length. */
export function derElement(tag: number, ...parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(length)]), ...parts]);
}

/** Encodes `[number]` with one element in it. */
export function derContext(number: number, element: Buffer): Buffer {
  return derElement(contextTag(number), element);
}

/** Encodes an object identifier. */
export function derOid(oid: string): Buffer {
  return derElement(TAG.oid, encodeOid(oid));
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 + bytes.length, ...bytes];
}
