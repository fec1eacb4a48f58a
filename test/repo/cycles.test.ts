import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceFiles } from '../support/repo/source-files.ts';

test('no file imports itself over others', () => {
  const files = sourceFiles('src');
  assert.ok(files.length >= 120, `only ${files.length} files were seen`);
  const graph = new Map(files.map((file) => [file.path, file.imports] as const));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) {
      cycles.push([...trail.slice(at), path].join(' → '));
      return;
    }
    if (done.has(path)) return;
    for (const next of graph.get(path) ?? []) if (graph.has(next)) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const file of files) visit(file.path, []);
  assert.deepEqual(cycles, []);
});
