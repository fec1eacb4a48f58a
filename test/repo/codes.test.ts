import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { sourceFiles } from '../support/repo/source-files.ts';

const CODES = ['codes.ts', ...readdirSync('src/engine/api/codes').map((name) => `codes/${name}`)]
  .map((name) => readFileSync(`src/engine/api/${name}`, 'utf8'))
  .join('\n');

/** Literals of the unions whose name ends so. */
function codesOf(ending: string): string[] {
  return Array.from(CODES.matchAll(/type (\w+) =([^;]*);/g), ([, name = '', body = '']) =>
    name.endsWith(ending) ? Array.from(body.matchAll(/'([^']+)'/g), ([, code = '']) => code) : [],
  ).flat();
}

test('each code of the union of errors is thrown by one area, and each area throws no other', () => {
  const listed = codesOf('ErrorCode');
  assert.ok(listed.length >= 200, `${listed.length} codes`);
  const defined = sourceFiles('src/engine').flatMap(({ text }) =>
    Array.from(text.matchAll(/defineErrors\(\{([\s\S]*?)\n\}\)/g), ([, table = '']) =>
      Array.from(table.matchAll(/^ {2}'?([a-z][\w.-]*)'?:/gim), ([, code = '']) => code),
    ).flat(),
  );
  assert.deepEqual([...listed].sort(), [...defined].sort());
});

test('no code of a finding, a reason or a warning is listed twice, or used nowhere', () => {
  const sources = sourceFiles('src/engine')
    .filter(({ path }) => !/^src\/engine\/api\/codes(\/|\.ts)/.test(path))
    .map(({ text }) => text)
    .join('\n');
  for (const kind of ['FindingCode', 'ReasonCode', 'WarningCode']) {
    const codes = codesOf(kind);
    assert.ok(codes.length >= 3, `${kind}: ${codes.length} codes`);
    assert.equal(new Set(codes).size, codes.length, kind);
    assert.deepEqual(
      codes.filter((code) => !sources.includes(`'${code}'`)),
      [],
      `${kind}: used nowhere`,
    );
  }
});
