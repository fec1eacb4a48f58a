/** A number of the settings, which are written by hand: what is none is the default, what is out of bounds the nearest that is allowed. */
export function boundedNumber(
  value: unknown,
  bounds: { readonly default: number; readonly minimum: number; readonly maximum: number },
): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) return bounds.default;
  return Math.min(bounds.maximum, Math.max(bounds.minimum, value));
}

/** One of some words of the settings; the default where it is none of them. */
export function oneOf<Word extends string>(
  value: unknown,
  words: { readonly default: Word; readonly enum: readonly Word[] },
): Word {
  return words.enum.find((word) => word === value) ?? words.default;
}
