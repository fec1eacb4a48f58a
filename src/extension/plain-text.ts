const LONGEST_SHOWN = 500;

/** A text that others wrote, so that it reads as what it is: nothing invisible, nothing that turns the direction of reading. */
export function plainText(text: string): string {
  const shown = text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return shown.length > LONGEST_SHOWN ? `${shown.slice(0, LONGEST_SHOWN)}…` : shown;
}

/**
 * The same where the editor would make more of it: rows of picks and the status bar draw `$(icon)`, messages turn
 * `[text](command:…)` into a link that runs a command. A VM may be named like that; a space takes the meaning away.
 */
export function inertText(text: string): string {
  return plainText(text).replaceAll('$(', '$ (').replaceAll('](', '] (');
}
