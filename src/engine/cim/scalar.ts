import { cimError } from './cim-errors.ts';
import type { CimScalar, CimType } from './model.ts';
import { fromCimDatetime, isDuration, isPoint } from './datetime.ts';

/** Bits of the integer types; negative: signed. */
const BITS: Readonly<Partial<Record<CimType, number>>> = {
  uint8: 8,
  uint16: 16,
  uint32: 32,
  uint64: 64,
  sint8: -8,
  sint16: -16,
  sint32: -32,
  sint64: -64,
};

/**
 * Decodes a scalar of a known type from its text (DSP0201, DSP0230). 64-bit integers become bigint,
 * other numbers `number`, datetimes ISO 8601 or xs:duration; char16 arrives as the number of its
 * code unit. Throws `wsman.value` for text of another type.
 * @param where names the value in messages: `Class.Property`.
 */
export function parseScalar(type: CimType, text: string, where: string): CimScalar {
  const value = decode(type, text);
  if (value !== undefined) return value;
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  throw cimError('wsman.value', `${where}: expected ${type}, found “${shown}”`, {
    data: { where, expected: type, found: shown },
  });
}

function decode(type: CimType, text: string): CimScalar | undefined {
  const word = text.trim();
  switch (type) {
    case 'string':
      return text;
    case 'boolean':
      return parseBoolean(word);
    case 'real32':
    case 'real64':
      return parseReal(word);
    case 'char16':
      return /^\d{1,5}$/.test(word) && Number(word) <= 0xffff
        ? String.fromCharCode(Number(word))
        : undefined;
    case 'datetime':
      return fromCimDatetime(word) ?? (isPoint(word) || isDuration(word) ? word : undefined);
    default:
      return parseInteger(BITS[type] ?? 0, word);
  }
}

/** Hosts write `true`, `TRUE` and `1`. */
function parseBoolean(word: string): boolean | undefined {
  const lower = word.toLowerCase();
  if (lower === 'true' || lower === '1') return true;
  return lower === 'false' || lower === '0' ? false : undefined;
}

function parseReal(word: string): number | undefined {
  const special: Readonly<Record<string, number>> = {
    INF: Infinity,
    '+INF': Infinity,
    '-INF': -Infinity,
    NaN: Number.NaN,
  };
  if (Object.hasOwn(special, word)) return special[word];
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(word) ? Number(word) : undefined;
}

function parseInteger(bits: number, word: string): number | bigint | undefined {
  if (!/^[+-]?\d{1,20}$/.test(word)) return undefined;
  const value = BigInt(word.replace('+', ''));
  const size = BigInt(Math.abs(bits));
  const fits = bits > 0 ? BigInt.asUintN(Number(size), value) : BigInt.asIntN(Number(size), value);
  if (fits !== value) return undefined;
  return size === 64n ? value : Number(value);
}

/** Formats a scalar for an element or a VALUE; booleans in the case of the form. */
export function formatScalar(value: CimScalar, booleans: 'lower' | 'upper'): string {
  if (typeof value === 'boolean') {
    return booleans === 'upper' ? String(value).toUpperCase() : String(value);
  }
  if (typeof value !== 'number' || Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'INF' : '-INF';
}
