import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root, sourceFiles } from '../support/repo/source-files.ts';

interface PackageJson {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const pack = JSON.parse(read('package.json')) as PackageJson;
const all = { ...pack.dependencies, ...pack.devDependencies };

test('every dependency has an exact version', () => {
  assert.ok(Object.keys(all).length >= 8, 'dependencies were seen');
  const loose = Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version));
  assert.deepEqual(loose, []);
});

test('every dependency is justified by a line in ARCHITECTURE.md', () => {
  const text = read('ARCHITECTURE.md');
  const missing = Object.keys(all).filter((name) => !text.includes(`\`${name}\``));
  assert.deepEqual(missing, []);
});

test('what the engine imports from outside is a declared dependency', () => {
  const outside = sourceFiles('src/engine').flatMap((file) =>
    file.imports
      .filter((name) => !name.startsWith('src/') && !name.startsWith('node:'))
      .map((name) =>
        name.startsWith('@') ? name.split('/').slice(0, 2).join('/') : name.split('/')[0],
      ),
  );
  assert.ok(outside.length > 0, 'imports from packages were seen');
  const declared = Object.keys(pack.dependencies ?? {});
  assert.deepEqual(
    [...new Set(outside)].filter((name) => !declared.includes(name ?? '')),
    [],
  );
});

test('npm scripts need no shell', () => {
  const shell = Object.entries(pack.scripts).filter(([, text]) =>
    /[&|;<>$`*]|\bcd\b|\bNODE_/.test(text),
  );
  assert.deepEqual(shell, []);
});

test('the lock file names no download address', () => {
  assert.ok(!read('package-lock.json').includes('"resolved"'));
});
