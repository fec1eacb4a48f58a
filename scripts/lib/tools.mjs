// Programs that only some scripts need: installed when they are first asked for, from a lock file of their own, so that `npm ci` stays small.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm, root, say } from './setup.mjs';

/** Where downloads and installed programs are kept; deleting it costs time only. */
export const cache = join(root, 'node_modules', '.cache', 'refpoint');

/** Installs the packages of scripts/tools/<name> and answers the folder with their node_modules. */
export function ensureTool(name) {
  const from = join(root, 'scripts', 'tools', name);
  const lock = readFileSync(join(from, 'package-lock.json'));
  const wanted = createHash('sha256').update(lock).digest('hex');
  const folder = join(cache, name);
  const marker = join(folder, 'installed');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return folder;
  say(`Installing ${name} (npm ci) …`);
  mkdirSync(folder, { recursive: true });
  rmSync(marker, { force: true });
  for (const file of ['package.json', 'package-lock.json']) {
    copyFileSync(join(from, file), join(folder, file));
  }
  npm(['ci', '--ignore-scripts', '--omit=optional', '--loglevel=error'], { cwd: folder });
  writeFileSync(marker, wanted);
  return folder;
}
