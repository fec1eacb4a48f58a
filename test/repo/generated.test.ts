import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { generatedFiles } from '../../scripts/generated/files.ts';
import { root } from '../support/repo/source-files.ts';

for (const { path, text } of await generatedFiles(root)) {
  test(`${path} is what the sources make of it`, () => {
    const file = join(root, path);
    assert.ok(existsSync(file), `${path} is not there: npm run accept`);
    assert.equal(readFileSync(file, 'utf8'), text, 'npm run accept writes it again');
  });
}
