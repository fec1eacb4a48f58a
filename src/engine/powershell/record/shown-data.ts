import { createHash } from 'node:crypto';

/** Data of calls and answers for a recording: without the marks of texts, secrets and contents. */

/** Removes the secrets of a login from a text, and those that the text names. */
export type Clean = (text: string) => string;

const HIDDEN = '(secret)';
/** Names of properties and arguments whose value is a secret. */
const SECRET = /password|passphrase|secret|credential|sessionkey|securitytoken/i;
/** Shortest series of octets, and shortest text of Base64, that count as contents. */
const MIN_OCTETS = 32;
const BASE64 = /^[A-Za-z0-9+/\r\n]{255,}={0,2}$/;
/** Maximum depth of objects within objects; deeper ones are left out. */
const MAX_DEPTH = 32;

/** Returns data as JSON. Never throws for data that JSON can hold. */
export function shownData(value: unknown, clean: Clean): string {
  return JSON.stringify(new Shown(clean).of(value, 0));
}

class Shown {
  readonly #clean: Clean;
  /** Names of the properties of each class, which only its first row has. */
  readonly #names = new Map<string, readonly unknown[]>();

  constructor(clean: Clean) {
    this.#clean = clean;
  }

  of(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return this.#text(value);
    if (typeof value !== 'object' || value === null) return value;
    if (depth > MAX_DEPTH) return '…';
    if (Array.isArray(value)) return this.#list(value, depth);
    const fields = value as Readonly<Record<string, unknown>>;
    const { c, p, v } = fields;
    if (typeof c === 'string' && Array.isArray(v)) return this.#instance(c, p, v, depth);
    return Object.fromEntries(
      Object.entries(fields).map(([name, each]) => [
        name,
        SECRET.test(name) && each !== null ? HIDDEN : this.of(each, depth + 1),
      ]),
    );
  }

  /** An instance with the names of its properties beside their values. */
  #instance(c: string, p: unknown, v: readonly unknown[], depth: number): unknown {
    const names = Array.isArray(p) ? (p as readonly unknown[]) : (this.#names.get(c) ?? []);
    this.#names.set(c, names);
    const pairs = v.map((value, at) => {
      const known = names[at];
      const name = typeof known === 'string' ? known : String(at);
      return [name, isSecret(name, value) ? HIDDEN : this.of(value, depth + 1)];
    });
    return { class: c, ...Object.fromEntries(pairs) };
  }

  /** In pairs of names and values, the value of a secret name is hidden. */
  #list(list: readonly unknown[], depth: number): unknown {
    const isOctets =
      list.length >= MIN_OCTETS &&
      list.every((each) => Number.isInteger(each) && Number(each) >= 0 && Number(each) < 256);
    if (isOctets) return contents('octets', Buffer.from(list as readonly number[]));
    return list.map((each, at) => {
      const before = list[at - 1];
      const isHidden = typeof before === 'string' && isSecret(before, each);
      return isHidden ? HIDDEN : this.of(each, depth + 1);
    });
  }

  #text(marked: string): string {
    const text = marked.startsWith('=') ? marked.slice(1) : marked;
    if (BASE64.test(text)) return contents('base64', Buffer.from(text, 'base64'));
    return this.#clean(text);
  }
}

/** Flags and numbers tell nothing; names of this kind may be flags: `PasswordRequired`. */
const isSecret = (name: string, value: unknown): boolean =>
  SECRET.test(name) && value !== null && typeof value !== 'boolean' && typeof value !== 'number';

const contents = (kind: string, bytes: Buffer): string =>
  `(${kind}: ${bytes.length} bytes, SHA-256 ${createHash('sha256').update(bytes).digest('hex')})`;
