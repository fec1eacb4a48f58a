import { parseSafeInteger } from '../base/bytes/u64.ts';
import type { EndpointReference, WireInstance, WireValue } from '../cim/model.ts';
import { hostError } from './hyperv-errors.ts';

/**
 * Typed access to an instance. Absent and nil are the same here (null): arrays that are empty come as no element at
 * all. What has another type than the class documents is `host.value`, naming class and property.
 */
export class WmiRecord {
  readonly className: string;
  readonly #properties: ReadonlyMap<string, WireValue>;

  constructor(instance: WireInstance) {
    this.className = instance.className;
    this.#properties = instance.properties;
  }

  text(name: string): string | null {
    const value = this.#properties.get(name) ?? null;
    if (value === null || typeof value === 'string') return value;
    throw this.#wrong(name, 'text');
  }

  /** Throws where the property is null. */
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
    return value === null ? null : value.toLowerCase() === 'true';
  }

  texts(name: string): readonly string[] {
    const value = this.#properties.get(name) ?? null;
    if (value === null) return [];
    if (typeof value === 'string') return [value];
    if (!Array.isArray(value) || !value.every((each) => typeof each === 'string')) {
      throw this.#wrong(name, 'an array of text');
    }
    return value;
  }

  numbers(name: string): readonly number[] {
    return this.texts(name).map((text) => parseSafeInteger(text, `${this.className}.${name}`));
  }

  reference(name: string): EndpointReference | null {
    const value = this.#properties.get(name) ?? null;
    if (value === null) return null;
    if (typeof value === 'object' && 'resourceUri' in value) return value;
    throw this.#wrong(name, 'a reference');
  }

  /** Every property as JSON-safe text, for the settings that are kept with a point. */
  toJson(): Record<string, string | readonly string[] | null> {
    const out: Record<string, string | readonly string[] | null> = {};
    for (const [name, value] of this.#properties) {
      if (value === null || typeof value === 'string') out[name] = value;
      else if (Array.isArray(value) && value.every((each) => typeof each === 'string')) {
        out[name] = value;
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
