/** Returns the text before the first NUL, without blanks at its end; null if that is empty. */
export function labelText(text: string): string | null {
  const end = text.indexOf('\0');
  const cut = (end < 0 ? text : text.slice(0, end)).trimEnd();
  // Labels are displayed: replace control characters and unpaired surrogates.
  const clean = cut.toWellFormed().replaceAll(/\p{C}/gu, '\u{fffd}');
  return clean === '' ? null : clean;
}

/** Returns a label in UTF-8. */
export const utf8Label = (bytes: Uint8Array): string | null =>
  labelText(new TextDecoder('utf-8').decode(bytes));

/** Returns a serial number of FAT and exFAT as Windows prints it: "1234-ABCD". */
export function serialText(serial: number): string {
  const hex = serial.toString(16).toUpperCase().padStart(8, '0');
  return `${hex.slice(0, 4)}-${hex.slice(4)}`;
}

const ESCAPED = 0xdc00;

/**
 * Decodes a name in UTF-8. A byte that is not UTF-8 becomes the unpaired surrogate U+DC00 + byte,
 * so that different names stay different and name the same file again.
 */
export function nameFromUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return Array.from(bytes, (byte) =>
      String.fromCharCode(byte < 0x80 ? byte : ESCAPED + byte),
    ).join('');
  }
}
