import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceFiles } from '../support/repo/source-files.ts';

/** Layers that may name options: a lab is used by the command line alone. */
const ALLOWED = /^src\/engine\/(?:cli|lab|main\.ts)/;

/** Commands of a program that is not ours, which a text may name with their options. */
const FOREIGN = /`qemu-img [^`]*`/g;

test('layers below the command line name none of its options: their messages are shown in the editor, too', () => {
  const files = sourceFiles('src/engine').filter(
    ({ path }) => !ALLOWED.test(path.replaceAll('\\', '/')),
  );
  assert.ok(files.length >= 150, `${files.length} files`);
  const found = files.flatMap(({ path, text }) =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => !/^(?:\/\/|\*|\/\*)/.test(line))
      .map((line) => line.replaceAll(FOREIGN, ''))
      .filter((line) => /['"`][^'"`]*[\s(]--[a-z][a-z-]+/.test(line))
      // What a lease says of the command that holds it is its name.
      .filter((line) => !/takeLease\(|Lease\.acquire\(/.test(line))
      .map((line) => `${path}: ${line}`),
  );
  assert.deepEqual(found, []);
});
