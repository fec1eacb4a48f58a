import { tryParseGuid, type Guid } from './guid.ts';

/**
 * Creates the area's error. `at` is the field's path (`disks[0].file`), `problem` completes a
 * sentence.
 */
export type JsonFailure = (at: string, problem: string) => Error;

/**
 * Reads one JSON object field by field. Each field must exist, have its type and lie within its
 * bounds. `end` rejects fields that were not read, so that a misspelt or newer field is noticed.
 * Formats that grow within a version use {@link JsonFields.ignoringUnknown} instead.
 */
export class JsonFields {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #at: string;
  readonly #fail: JsonFailure;
  readonly #lenient: boolean;
  readonly #asked = new Set<string>();

  constructor(value: unknown, at: string, fail: JsonFailure, lenient = false) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw fail(at, `is ${describe(value)}, not an object`);
    }
    this.#fields = value as Readonly<Record<string, unknown>>;
    this.#at = at;
    this.#fail = fail;
    this.#lenient = lenient;
  }

  /** Returns a reader of the same object that ignores unknown fields, at every depth. */
  ignoringUnknown(): JsonFields {
    return new JsonFields(this.#fields, this.#at, this.#fail, true);
  }

  /** The parsed object, including unknown fields. */
  get parsed(): Readonly<Record<string, unknown>> {
    return this.#fields;
  }

  /** Whether the field exists; for fields that earlier versions did not write. */
  has(name: string): boolean {
    return Object.hasOwn(this.#fields, name);
  }

  /** Reads text of at most `max` UTF-16 units. */
  text(name: string, max: number): string {
    const value = this.#take(name);
    if (typeof value !== 'string') throw this.#wrong(name, value, 'text');
    if (value.length > max) {
      throw this.#fail(this.#path(name), `has ${value.length} characters, more than ${max}`);
    }
    return value;
  }

  /** Reads text that matches `form`; `what` names the form in errors. */
  match(name: string, form: RegExp, what: string): string {
    const value = this.text(name, 1024);
    if (!form.test(value)) throw this.#wrong(name, value, what);
    return value;
  }

  /** Reads text that `valid` accepts. */
  checked(name: string, max: number, valid: (text: string) => boolean, what: string): string {
    const value = this.text(name, max);
    if (!valid(value)) throw this.#wrong(name, value, what);
    return value;
  }

  guid(name: string): Guid {
    const value = this.#take(name);
    const guid = typeof value === 'string' ? tryParseGuid(value) : undefined;
    if (guid === undefined || guid !== value) {
      throw this.#wrong(name, value, 'a GUID in lower case without braces');
    }
    return guid;
  }

  /** Reads a UTC time in the form `2026-11-22T14:03:05Z`, with or without a fraction. */
  time(name: string): string {
    const value = this.match(
      name,
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/,
      'a time such as 2026-11-22T14:03:05Z',
    );
    if (Number.isNaN(Date.parse(value))) throw this.#wrong(name, value, 'a time that exists');
    return value;
  }

  integer(name: string, min = 0, max: number = Number.MAX_SAFE_INTEGER): number {
    const value = this.#take(name);
    if (!Number.isSafeInteger(value)) throw this.#wrong(name, value, 'a whole number');
    const number = value as number;
    if (number < min || number > max) {
      throw this.#fail(this.#path(name), `is ${number}, outside ${min} to ${max}`);
    }
    return number;
  }

  flag(name: string): boolean {
    const value = this.#take(name);
    if (typeof value !== 'boolean') throw this.#wrong(name, value, 'true or false');
    return value;
  }

  oneOf<T extends string | number>(name: string, values: readonly T[]): T {
    const value = this.#take(name);
    if (!(values as readonly unknown[]).includes(value)) {
      throw this.#wrong(name, value, `one of ${values.join(', ')}`);
    }
    return value as T;
  }

  /** Reads an array of at most `max` items. */
  list<T>(name: string, max: number, read: (item: unknown, at: string) => T): readonly T[] {
    const value = this.#take(name);
    if (!Array.isArray(value)) throw this.#wrong(name, value, 'an array');
    if (value.length > max) {
      throw this.#fail(this.#path(name), `has ${value.length} items, more than ${max}`);
    }
    return value.map((item, i) => read(item, `${this.#path(name)}[${i}]`));
  }

  /** Reads an array of texts of at most `maxText` UTF-16 units each. */
  texts(name: string, max: number, maxText: number): readonly string[] {
    return this.list(name, max, (item, at) => {
      if (typeof item !== 'string') throw this.#fail(at, `is ${describe(item)}, not text`);
      if (item.length > maxText) throw this.#fail(at, `is longer than ${maxText} characters`);
      return item;
    });
  }

  object<T>(name: string, read: (fields: JsonFields) => T): T {
    return this.item(this.#take(name), this.#path(name), read);
  }

  /** Reads an object inside a list of this object. */
  item<T>(value: unknown, at: string, read: (fields: JsonFields) => T): T {
    const inner = new JsonFields(value, at, this.#fail, this.#lenient);
    const result = read(inner);
    inner.end();
    return result;
  }

  /** Reads an array of at most `max` objects. */
  objects<T>(name: string, max: number, read: (fields: JsonFields) => T): readonly T[] {
    return this.list(name, max, (item, at) => this.item(item, at, read));
  }

  /** Returns null if the field is null, else the result of `read`. */
  nullable<T>(name: string, read: () => T): T | null {
    if (this.#take(name) === null) return null;
    return read();
  }

  /**
   * Returns null if the field is absent or null, else the result of `read`; for fields added within
   * a version.
   */
  optional<T>(name: string, read: () => T): T | null {
    return Object.hasOwn(this.#fields, name) ? this.nullable(name, read) : null;
  }

  /** Reads a number from 0 to 1. */
  fraction(name: string): number {
    const value = this.#take(name);
    if (typeof value === 'number' && value >= 0 && value <= 1) return value;
    throw this.#wrong(name, value, 'a number from 0 to 1');
  }

  /** Reads a flat map of at most `max` JSON scalars. */
  scalars(name: string, max: number): Readonly<Record<string, string | number | boolean | null>> {
    const value = this.#take(name);
    const at = this.#path(name);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.#wrong(name, value, 'an object');
    }
    const entries = Object.entries(value as Record<string, unknown>);
    if (entries.length > max)
      throw this.#fail(at, `has ${entries.length} entries, not up to ${max}`);
    for (const [key, item] of entries) {
      if (key.length > 200) throw this.#fail(at, 'has a name of over 200 characters');
      const plain =
        item === null ||
        typeof item === 'boolean' ||
        (typeof item === 'number' && Number.isFinite(item)) ||
        (typeof item === 'string' && item.length <= 4096);
      if (!plain) throw this.#fail(`${at}.${key}`, `is ${describe(item)}, not a short plain value`);
    }
    return Object.fromEntries(entries) as Record<string, string | number | boolean | null>;
  }

  /** Rejects fields that were not read, unless unknown fields are ignored. */
  end(): void {
    if (this.#lenient) return;
    const extra = Object.keys(this.#fields).find((name) => !this.#asked.has(name));
    if (extra !== undefined) throw this.#fail(this.#path(extra.slice(0, 60)), 'is not known');
  }

  #take(name: string): unknown {
    this.#asked.add(name);
    if (!Object.hasOwn(this.#fields, name)) throw this.#fail(this.#path(name), 'is missing');
    return this.#fields[name];
  }

  #path(name: string): string {
    return this.#at === '' ? name : `${this.#at}.${name}`;
  }

  #wrong(name: string, found: unknown, expected: string): Error {
    return this.#fail(this.#path(name), `is ${describe(found)}, not ${expected}`);
  }
}

/** Decodes UTF-8 JSON whose top level is an object. */
export function parseJsonObject(bytes: Uint8Array, fail: JsonFailure): JsonFields {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw fail('', `is not JSON in UTF-8 (${(error as Error).message.slice(0, 120)})`);
  }
  return new JsonFields(value, '', fail);
}

/** Formats JSON with two spaces of indent and a final newline; fields keep the record's order. */
export function formatJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'string') return `“${value.slice(0, 60)}”`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'undefined' ? 'missing' : `an ${typeof value}`;
}
