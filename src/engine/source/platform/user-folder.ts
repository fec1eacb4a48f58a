import os from 'node:os';
import path from 'node:path';

/** Returns the folder of this user's own ledger; REFPOINT_HOME overrides it. */
export function userFolder(env: Readonly<Record<string, string | undefined>>): string {
  const own = env['REFPOINT_HOME'];
  if (own !== undefined && own !== '') return own;
  if (process.platform === 'win32') {
    return path.join(
      env['LOCALAPPDATA'] ?? path.join(os.homedir(), 'AppData', 'Local'),
      'Refpoint',
    );
  }
  return path.join(env['XDG_DATA_HOME'] ?? path.join(os.homedir(), '.local', 'share'), 'refpoint');
}
