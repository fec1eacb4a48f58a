// npm run accept: writes the files that come from others: package.json's contributions, texts, the bundle of localised texts.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onNode24, root, say } from './lib/setup.mjs';

if (onNode24()) {
  const { generatedFiles } = await import('./generated/files.ts');
  for (const { path, text } of await generatedFiles(root)) {
    const file = join(root, path);
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    say(`wrote ${path}`);
  }
}
