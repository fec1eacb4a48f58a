/**
 * Makes text from a file safe to show: removes control characters and characters that change the
 * text direction.
 */
export function plain(text: string, most = 300): string {
  const clean = text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '·');
  return clean.length > most ? `${clean.slice(0, most)}…` : clean;
}

/** Replaces characters of foreign text that a terminal cannot show safely. */
export function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '.');
}
