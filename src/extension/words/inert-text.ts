import { plainText } from '../../views/common/words/plain-text.ts';

/**
 * A text that others wrote as plain text, also where the editor would make more of it: rows of picks and the status bar draw
 * `$(icon)`, messages turn `[text](command:…)` into a link that runs a command. A VM may be named like that; a space takes the
 * meaning away.
 */
export function inertText(text: string): string {
  return plainText(text).replaceAll('$(', '$ (').replaceAll('](', '] (');
}
