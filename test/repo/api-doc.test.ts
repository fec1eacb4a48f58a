import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { notifications, requests } from '../../src/engine/api/methods.ts';
import type { ErrorFlags } from '../../src/engine/base/errors.ts';
import { root, sourceFiles } from '../support/repo/source-files.ts';

const API = join('src', 'engine', 'api');
const read = (path: string): string =>
  readFileSync(join(root, path), 'utf8').replaceAll('\r\n', '\n');
const page = read(join(API, 'API.md'));

/** The cells of each row of a table whose first cell is code. */
const rows = Array.from(
  page.matchAll(/^\| `([^`]+)` *\|(.*)\|$/gm),
  ([, name = '', rest = '']) => ({
    name,
    cells: rest.split('|').map((cell) => cell.trim()),
  }),
);

/** Codes of the engine with their flags, as the modules that make errors have them. */
async function flagsByCode(): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const { path, text } of sourceFiles('src/engine')) {
    if (!text.includes('defineErrors({')) continue;
    const module = (await import(join(root, path))) as Readonly<Record<string, unknown>>;
    for (const value of Object.values(module)) {
      const { flags } = value as { readonly flags?: Readonly<Record<string, ErrorFlags>> };
      for (const [code, set] of Object.entries(flags ?? {})) {
        const names = Object.entries(set).filter(([, on]) => on);
        found.set(code, names.map(([name]) => name).join(', '));
      }
    }
  }
  return found;
}

test('the page was read when the contract changed', () => {
  const files = readdirSync(join(root, API), { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts'))
    .sort();
  assert.ok(files.length >= 10);
  const hash = createHash('sha256');
  for (const name of files) hash.update(`${name}\n${read(join(API, name))}`);
  const now = hash.digest('hex').slice(0, 16);
  const noted = /^<!-- contract ([0-9a-f]{16}) -->/.exec(page)?.[1];
  assert.equal(
    noted,
    now,
    `The types in ${API} changed. Read API.md, say there what they mean now, then put ${now} in its first line.`,
  );
});

test('each request has its row, with what it needs of whoever runs it', () => {
  const all = Object.values(requests);
  assert.ok(all.length >= 26);
  for (const { method, readOnly, retryable, long, areas } of all) {
    const found = rows.filter(({ name }) => `refpoint/${name}` === method);
    assert.equal(found.length, 1, `${method} has ${found.length} rows`);
    const [params, result, what, kind, again, progress, listed] = found[0]?.cells ?? [];
    assert.ok(params !== undefined && result !== undefined && (what ?? '').length > 10, method);
    const facts = [readOnly ? 'reads' : 'changes', retryable ? 'yes' : 'no', long ? 'yes' : 'no'];
    assert.deepEqual([kind, again, progress], facts, method);
    assert.deepEqual(listed?.split(' ').filter(Boolean), areas, `the areas of ${method}`);
  }
  for (const { method } of Object.values(notifications)) {
    assert.ok(
      rows.some(({ name }) => `refpoint/${name}` === method),
      method,
    );
  }
});

test('each code of the engine is listed with its flags, and no other', async () => {
  const codes = await flagsByCode();
  assert.ok(codes.size >= 170, `${codes.size} codes`);
  const table = new Map(
    Array.from(
      page.slice(page.indexOf('## Errors')).matchAll(/^\| `([^`]+)` *\| *([^|]*?) *\|$/gm),
      ([, code = '', flags = '']) => [code, flags] as const,
    ),
  );
  const missing = [...codes].filter(([code, flags]) => table.get(code) !== flags);
  assert.deepEqual(
    missing.map(([code, flags]) => `| \`${code}\` | ${flags} |`),
    [],
    'rows that API.md lacks or has otherwise',
  );
  assert.deepEqual(
    [...table.keys()].filter((code) => !codes.has(code)),
    [],
    'rows of codes that are none',
  );
});

test('each area of a request is one that has codes', async () => {
  const areas = new Set([...(await flagsByCode()).keys()].map((code) => code.split('.')[0]));
  const unknown = Object.values(requests).flatMap(({ method, areas: named }) =>
    named.filter((area) => !areas.has(area)).map((area) => `${method}: ${area}`),
  );
  assert.deepEqual(unknown, []);
});
