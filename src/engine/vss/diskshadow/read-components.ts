/** Maximum number of components; those of a domain controller with a thousand VMs are fewer. */
const MAX_COMPONENTS = 65_536;
const BULLET = /^\s*\+ /;

/**
 * Reads the names of the components that take part, which `create` prints with `set verbose on`: a line
 * with the bullet `+`, words in the language of the host, and `\LOGICAL PATH\NAME` at its end.
 * @param lines of the log
 */
export function readComponents(lines: readonly string[]): readonly string[] {
  const found: string[] = [];
  for (const line of lines) {
    const at = line.lastIndexOf('\\');
    if (at < 0 || !BULLET.test(line)) continue;
    const name = line.slice(at + 1).trim();
    if (name !== '' && found.length < MAX_COMPONENTS) found.push(name);
  }
  return found;
}
