import { parseSafeInteger } from '../base/bytes/u64.ts';
import {
  isCimReference,
  type CimInstance,
  type CimReference,
  type CimValue,
} from '../cim/model.ts';
import { fromCimDatetime, isNever, isPoint } from '../cim/datetime.ts';
import { octetsOf } from '../cim/octets.ts';
import { parseScalar } from '../cim/scalar.ts';
import { hostError } from './hyperv-errors.ts';

/**
 * Typed access to an instance. Absent and null are equal here (null): an empty array may be sent as
 * no property at all. A scalar may be text or have its own type. Throws `host.value` with class and
 * property if a property does not have the documented type.
 */
export class WmiRecord {
  readonly className: string;
  readonly #properties: ReadonlyMap<string, CimValue>;

  constructor(instance: CimInstance) {
    this.className = instance.className;
    this.#properties = instance.properties;
  }

  text(name: string): string | null {
    const value = this.#properties.get(name) ?? null;
    if (value === null) return null;
    if (typeof value !== 'object') return String(value);
    throw this.#wrong(name, 'text');
  }

  /** Throws if the property is null. */
  requireText(name: string): string {
    const value = this.text(name);
    if (value === null) throw this.#wrong(name, 'text, not null');
    return value;
  }

  number(name: string): number | null {
    const value = this.text(name);
    return value === null || value === ''
      ? null
      : parseSafeInteger(value, `${this.className}.${name}`);
  }

  boolean(name: string): boolean | null {
    const value = this.text(name);
    return value === null
      ? null
      : parseScalar('boolean', value, `${this.className}.${name}`) === true;
  }

  /** Returns a number of up to 64 bits, signed or not; null if it has no text. */
  bigint(name: string): bigint | null {
    const value = this.text(name);
    if (value === null || value === '') return null;
    if (!/^-?\d{1,20}$/.test(value)) throw this.#wrong(name, 'a whole number');
    return BigInt(value);
  }

  /** Returns a real number, which may be infinite or NaN. */
  real(name: string): number | null {
    const value = this.text(name);
    if (value === null || value === '') return null;
    return Number(parseScalar('real64', value, `${this.className}.${name}`));
  }

  /** Returns an array of uint8, sent as numbers or as base64; empty if it is null. */
  bytes(name: string): Uint8Array {
    return octetsOf(this.texts(name), `${this.className}.${name}`);
  }

  /** Returns a point in time in ISO 8601; null for “never”, which Windows writes as 1601. */
  time(name: string): string | null {
    const value = this.text(name);
    if (value === null || value === '') return null;
    const time = fromCimDatetime(value) ?? value;
    if (!isPoint(time)) throw this.#wrong(name, 'a time');
    return isNever(time) ? null : time;
  }

  texts(name: string): readonly string[] {
    const value = this.#properties.get(name) ?? null;
    if (value === null) return [];
    const texts = textsOf(value);
    if (texts === undefined) throw this.#wrong(name, 'an array of text');
    return texts;
  }

  numbers(name: string): readonly number[] {
    return this.texts(name).map((text) => parseSafeInteger(text, `${this.className}.${name}`));
  }

  reference(name: string): CimReference | null {
    const value = this.#properties.get(name) ?? null;
    if (value === null || isCimReference(value)) return value;
    throw this.#wrong(name, 'a reference');
  }

  /** Returns every property as JSON-safe text, for the settings stored with a point. */
  toJson(): Record<string, string | readonly string[] | null> {
    const out: Record<string, string | readonly string[] | null> = {};
    for (const [name, value] of this.#properties) {
      if (value === null) out[name] = null;
      else if (typeof value !== 'object') out[name] = String(value);
      else if (Array.isArray(value)) {
        const texts = textsOf(value);
        if (texts !== undefined) out[name] = texts;
      }
    }
    return out;
  }

  #wrong(name: string, expected: string): Error {
    return hostError('host.value', `${this.className}.${name} is not ${expected}`, {
      data: { class: this.className, property: name, expected },
    });
  }
}

/** Returns a scalar or an array of scalars as text; undefined for anything else. */
function textsOf(value: CimValue): readonly string[] | undefined {
  const list = Array.isArray(value) ? (value as readonly CimValue[]) : [value];
  const texts = list.flatMap((each) =>
    each === null || typeof each === 'object' ? [] : [String(each)],
  );
  return texts.length === list.length ? texts : undefined;
}
