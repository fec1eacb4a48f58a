import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../support/repo/source-files.ts';

const FOLDER = join(root, '.github', 'workflows');
/** npm's own commands; `test` and `start` are scripts. */
const OWN = ['ci', 'install', 'pack', 'audit'];

test('every npm script that a workflow names is there', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const named = readdirSync(FOLDER).flatMap((file) => {
    const text = readFileSync(join(FOLDER, file), 'utf8');
    return Array.from(
      text.matchAll(/\bnpm (?:run )?(?:--?[\w-]+ )*([\w:-]+)/g),
      ([, name = '']) => name,
    );
  });
  const wanted = named.filter((name) => !OWN.includes(name));
  assert.ok(wanted.length >= 5 && wanted.includes('test'), wanted.join(' '));
  assert.deepEqual(
    wanted.filter((name) => !(name in scripts)),
    [],
  );
});

test('every script of package.json runs a file that is there', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const there = readdirSync(join(root, 'scripts')).map((name) => `scripts/${name}`);
  const files = Object.values(scripts).flatMap((text) => /^node (\S+)/.exec(text)?.[1] ?? []);
  assert.ok(files.length >= 10);
  assert.deepEqual(
    files.filter((file) => !there.includes(file)),
    [],
  );
});
