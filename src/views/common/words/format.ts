import { secondOptions } from './point-time.ts';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** Formats numbers in the user's language; binary units have the same names in all languages. */
export class Format {
  readonly #three: Intl.NumberFormat;
  readonly #one: Intl.NumberFormat;
  readonly #whole: Intl.NumberFormat;
  readonly #percent: Intl.NumberFormat;
  readonly #locales: string[];

  constructor(language: string) {
    const locales = supported(language);
    this.#three = new Intl.NumberFormat(locales, { maximumSignificantDigits: 4 });
    this.#one = new Intl.NumberFormat(locales, { maximumFractionDigits: 1 });
    this.#whole = new Intl.NumberFormat(locales, { maximumFractionDigits: 0 });
    this.#percent = new Intl.NumberFormat(locales, { style: 'percent', maximumFractionDigits: 1 });
    this.#locales = locales;
  }

  /** Formats bytes as `1.5 GiB`. Four digits distinguish neighbours and stay readable. */
  bytes(bytes: number): string {
    let value = bytes;
    let unit = 0;
    while (value >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    return `${this.#three.format(value)} ${UNITS[unit]}`;
  }

  /** Formats bytes as `1,028 GiB`: in the greatest unit that needs at most one decimal. */
  exactBytes(bytes: number): string {
    let unit = 0;
    let value = bytes;
    while (value >= 1024 && unit < UNITS.length - 1 && (value * 2) % 1024 === 0) {
      value /= 1024;
      unit++;
    }
    return `${this.#one.format(value)} ${UNITS[unit]}`;
  }

  count(value: number): string {
    return this.#whole.format(value);
  }

  /** Formats a duration in milliseconds without its unit: `0.4`, `12`, `1,250`. */
  milliseconds(value: number): string {
    return value < 10 ? this.#one.format(value) : this.#whole.format(value);
  }

  /** Formats a percentage; a share above zero is never shown as 0 %. */
  percent(part: number, whole: number): string {
    if (whole === 0 || part === 0) return this.#percent.format(0);
    const share = part / whole;
    return share < 0.001 ? `< ${this.#percent.format(0.001)}` : this.#percent.format(share);
  }

  /** Formats a time in milliseconds since 1970 to the millisecond, in local time. */
  exactTime(milliseconds: number): string {
    const time = new Date(milliseconds);
    if (Number.isNaN(time.getTime())) return String(milliseconds);
    const options = { ...secondOptions(time, new Date()), fractionalSecondDigits: 3 } as const;
    return time.toLocaleString(this.#locales, options);
  }

  /** Formats a time to the second, as the editor's trees do. */
  time(iso: string): string {
    const time = new Date(iso);
    if (Number.isNaN(time.getTime())) return iso;
    return time.toLocaleString(this.#locales, secondOptions(time, new Date()));
  }
}

function supported(language: string): string[] {
  try {
    return Intl.NumberFormat.supportedLocalesOf([language]);
  } catch {
    return [];
  }
}

/** Replaces {0}, {1} … in a translated text by values. */
export function fill(text: string, ...values: readonly string[]): string {
  return text.replaceAll(/\{(\d+)\}/g, (whole, i: string) => values[Number(i)] ?? whole);
}
