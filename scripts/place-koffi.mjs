// node scripts/place-koffi.mjs TARGET FOLDER: koffi with its binary for a target below FOLDER/node_modules, where programs of
// that system find it. Needs Node 24. What npm downloads stays in FOLDER.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { npm, root } from './lib/setup.mjs';
import { koffiFiles } from './package/koffi-files.ts';

const [target, folder] = process.argv.slice(2);
const download = (args) => npm(args, { stdio: ['ignore', 'ignore', 'inherit'] });
for (const [path, contents] of koffiFiles(root, folder, target, download)) {
  const file = join(folder, 'node_modules', path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, contents);
}
