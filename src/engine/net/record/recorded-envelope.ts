import { createHash } from 'node:crypto';

/**
 * Prepares an envelope for a recording: removes secrets, and replaces contents of files and
 * pictures by their length and hash. Texts of requests and answers are searched, not parsed, since
 * an answer may be no XML at all; each expression is linear in the length of the text.
 */
export function recordedEnvelope(envelope: string, redact: (text: string) => string): string {
  const named = SECRET_VALUES.reduce(
    (text, form) => text.replace(form, (_, open: string) => `${open}${HIDDEN}`),
    redact(envelope),
  );
  return withoutOctets(named).replace(BASE64, (_, before: string, text: string) => {
    const bytes = Buffer.from(text.replace(/\s/g, ''), 'base64');
    return `${before}${contents('base64', bytes)}`;
  });
}

const HIDDEN = '(secret)';
/** Names of elements and properties whose value is a secret, wherever they stand in the name. */
const SECRET =
  '[\\w.-]{0,64}(?:[Pp]assword|[Pp]assphrase|[Ss]ecret|[Cc]redential|[Ss]essionKey|SecurityToken)[\\w.-]{0,64}';
/**
 * Openings of values with such a name: an element of WS-Management, a property of CIM-XML, and both
 * again in a text, where their brackets and quotes are entities. The value ends at the next bracket
 * of the same form.
 */
const SECRET_VALUES = [
  new RegExp(`(<(?:[\\w.-]{1,64}:)?${SECRET}(?:\\s[^<>]{0,500})?>)[^<]+`, 'g'),
  new RegExp(`(NAME=["']${SECRET}["'][^<>]{0,500}>\\s{0,20}<VALUE>)[^<]+`, 'g'),
  new RegExp(
    `(&lt;(?:[\\w.-]{1,64}:)?${SECRET}(?:\\s(?:(?!&lt;|&gt;)[^<>]){0,500})?&gt;)(?:[^<&]|&(?!lt;))+`,
    'g',
  ),
  new RegExp(
    `(NAME=(?:"|'|&quot;|&apos;)${SECRET}(?:"|'|&quot;|&apos;)(?:(?!&lt;|&gt;)[^<>]){0,500}&gt;\\s{0,20}&lt;VALUE&gt;)(?:[^<&]|&(?!lt;))+`,
    'g',
  ),
];

/** Shortest series of octets that counts as contents; lists of states and flags are shorter. */
const MIN_OCTETS = 32;
/** Text of Base64 from this length on is contents; IDs and names are shorter, or have other characters. */
const BASE64 = /([>;])([A-Za-z0-9+/](?:[A-Za-z0-9+/\r\n]{254,})={0,2})(?=<|&lt;)/g;

const OCTET = /<([\w.-]{1,64}:)?([\w.-]{1,128})>(\d{1,3})<\/\1?\2>\s{0,8}/y;

/** Replaces each series of elements of one name whose values are octets: `uint8[]` in WS-Management. */
function withoutOctets(text: string): string {
  const parts: string[] = [];
  let kept = 0;
  let at = text.indexOf('<');
  while (at >= 0) {
    const series = octetsAt(text, at);
    if (series.bytes.length >= MIN_OCTETS) {
      const tag = `${series.prefix}${series.name}`;
      parts.push(
        text.slice(kept, at),
        `<${tag}>${contents('octets', Buffer.from(series.bytes))}</${tag}>`,
      );
      kept = series.end;
    }
    at = text.indexOf('<', Math.max(series.end, at + 1));
  }
  return parts.length === 0 ? text : parts.join('') + text.slice(kept);
}

function octetsAt(
  text: string,
  start: number,
): {
  readonly bytes: number[];
  readonly end: number;
  readonly prefix: string;
  readonly name: string;
} {
  const bytes: number[] = [];
  let [end, prefix, name] = [start, '', ''];
  for (;;) {
    OCTET.lastIndex = end;
    const found = OCTET.exec(text);
    const value = Number(found?.[3]);
    if (found === null || value > 255) break;
    if (bytes.length === 0) [prefix, name] = [found[1] ?? '', found[2] ?? ''];
    else if (found[2] !== name) break;
    bytes.push(value);
    end = OCTET.lastIndex;
  }
  return { bytes, end, prefix, name };
}

const contents = (kind: string, bytes: Buffer): string =>
  `(${kind}: ${bytes.length} bytes, SHA-256 ${createHash('sha256').update(bytes).digest('hex')})`;
