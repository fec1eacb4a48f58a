const LONGEST = 500;

/**
 * Makes foreign text safe to show: replaces invisible characters and those that change the text
 * direction.
 */
export function plainText(text: string, longest = LONGEST): string {
  // Fast path for plain ASCII: nearly every text is, and a thousand rows have ten texts each.
  const shown = /^[ -~]*$/.test(text)
    ? text
    : text.replaceAll(
        /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
        (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
      );
  return shown.length > longest ? `${shown.slice(0, longest)}…` : shown;
}

/**
 * Capitalises a message to stand as a sentence: the engine's begin in lower case, since they also
 * follow other text.
 */
export function sentence(message: string): string {
  const text = plainText(message);
  const [first = ''] = text;
  const rest = text.slice(first.length);
  return `${first.toUpperCase()}${rest}${/[.!?…]$/.test(text) ? '' : '.'}`;
}
