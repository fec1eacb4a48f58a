// npm run accept: writes the files that come from others: package.json's contributions, texts, the bundle of localised texts.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensureInstalled, node24, root, run, say } from './setup.mjs';

ensureInstalled();
const [major] = process.versions.node.split('.').map(Number);
if (major < 24) {
  // The tables are TypeScript, which Node 24 runs as it is.
  run(node24, ['--no-warnings', process.argv[1]]);
} else {
  const { generatedFiles } = await import('./generated/files.ts');
  for (const { path, text } of generatedFiles(root)) {
    const file = join(root, path);
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    say(`wrote ${path}`);
  }
}
