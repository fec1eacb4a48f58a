import { baseError } from '../base-errors.ts';

/**
 * Converts an unsigned 64-bit number from outside to a safe integer. Offsets and lengths are
 * numbers everywhere in the engine: the largest disk (64 TiB) is far below 2^53. Opaque 64-bit IDs
 * stay bigint.
 */
export function toSafeInteger(value: bigint, what: string): number {
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw baseError('bytes.u64', `${what} is ${value}, more than ${Number.MAX_SAFE_INTEGER}`, {
      data: { what, found: value.toString() },
    });
  }
  return Number(value);
}

/**
 * Parses the decimal text of an unsigned 64-bit number (WMI sends uint64 as text) as a safe
 * integer.
 */
export function parseSafeInteger(text: string, what: string): number {
  if (!/^\d{1,20}$/.test(text)) {
    throw baseError('bytes.u64', `${what} is “${text.slice(0, 40)}”, not an unsigned number`, {
      data: { what, found: text.slice(0, 40) },
    });
  }
  return toSafeInteger(BigInt(text), what);
}
