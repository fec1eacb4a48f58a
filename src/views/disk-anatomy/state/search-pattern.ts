/** Maximum number of bytes that are searched for; the engine refuses more. */
const MOST_SEARCHED = 256;

export type SearchMode = 'hex' | 'text';

export type SearchPattern =
  /** Each as text of one character per byte, for btoa. */
  { readonly patterns: readonly string[] } | { readonly wrong: 'empty' | 'hex' | 'long' };

/**
 * Parses what to search for: bytes as pairs of hexadecimal digits, or text, which is searched as
 * UTF-8 and as UTF-16 (little-endian).
 */
export function parseSearch(input: string, mode: SearchMode): SearchPattern {
  if (mode === 'text') {
    if (input === '') return { wrong: 'empty' };
    const utf8 = String.fromCharCode(...new TextEncoder().encode(input.slice(0, 1000)));
    const utf16 = Array.from({ length: input.length }, (_, i) => {
      const unit = input.charCodeAt(i);
      return String.fromCharCode(unit & 0xff, unit >> 8);
    }).join('');
    const long = utf8.length > MOST_SEARCHED || utf16.length > MOST_SEARCHED;
    return long ? { wrong: 'long' } : { patterns: [utf8, utf16] };
  }
  const digits = input.replaceAll(/0x|[\s,:_-]/gi, '');
  if (digits === '') return { wrong: 'empty' };
  if (!/^(?:[0-9a-f]{2})+$/i.test(digits)) return { wrong: 'hex' };
  if (digits.length / 2 > MOST_SEARCHED) return { wrong: 'long' };
  const bytes = digits.match(/../g) ?? [];
  return { patterns: [String.fromCharCode(...bytes.map((pair) => Number.parseInt(pair, 16)))] };
}
