const LONGEST = 500;

/** A text that others wrote, so that it reads as what it is: nothing invisible, nothing that turns the direction of reading. */
export function plainText(text: string, longest = LONGEST): string {
  // Nearly every text is of the first kind, and a thousand rows have ten each.
  const shown = /^[ -~]*$/.test(text)
    ? text
    : text.replaceAll(
        /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
        (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
      );
  return shown.length > longest ? `${shown.slice(0, longest)}…` : shown;
}

/** A message as a sentence of its own: the engine's begin small, since they also stand within others. */
export function sentence(message: string): string {
  const text = plainText(message);
  const [first = ''] = text;
  const rest = text.slice(first.length);
  return `${first.toUpperCase()}${rest}${/[.!?…]$/.test(text) ? '' : '.'}`;
}
