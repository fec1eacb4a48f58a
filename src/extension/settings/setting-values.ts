/** Returns a number of the settings, which are written by hand: the default if it is not a number, otherwise the nearest allowed value. */
export function boundedNumber(
  value: unknown,
  bounds: { readonly default: number; readonly minimum: number; readonly maximum: number },
): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) return bounds.default;
  return Math.min(bounds.maximum, Math.max(bounds.minimum, value));
}

/** Returns a word of the settings; the default if it is not an allowed one. */
export function oneOf<Word extends string>(
  value: unknown,
  words: { readonly default: Word; readonly enum: readonly Word[] },
): Word {
  return words.enum.find((word) => word === value) ?? words.default;
}
