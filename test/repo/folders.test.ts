import assert from 'node:assert/strict';
import { test } from 'node:test';
import { posix } from 'node:path';
import { sourceFiles, type SourceFile } from '../support/repo/source-files.ts';

/** A folder with more sources holds two concepts: it gets rooms. */
const MOST_SOURCES = 15;

const files = sourceFiles('src');
const tests = sourceFiles('test');
const folderOf = (path: string): string => posix.dirname(path);

test('there are enough folders for these rules to mean something', () => {
  const folders = new Set(files.map(({ path }) => folderOf(path)));
  assert.ok(folders.size >= 90, `only ${folders.size} folders were seen`);
  assert.ok(tests.length >= 300, `only ${tests.length} files of tests were seen`);
});

test('no folder holds more sources than a reader can keep in mind', () => {
  const counts = new Map<string, number>();
  for (const { path } of [...files, ...tests]) {
    counts.set(folderOf(path), (counts.get(folderOf(path)) ?? 0) + 1);
  }
  const crowded = [...counts].filter(([, count]) => count > MOST_SOURCES);
  assert.deepEqual(crowded, []);
});

test('no folder imports itself over others, nor a folder below it that imports it', () => {
  assert.deepEqual(folderCycles(files), []);
});

test('such a cycle would be seen', () => {
  const file = (path: string, ...imports: string[]): SourceFile => ({ path, text: '', imports });
  const found = folderCycles([
    file('src/a/one.ts', 'src/a/b/two.ts'),
    file('src/a/b/two.ts', 'src/a/three.ts'),
    file('src/a/three.ts'),
    file('src/c/four.ts', 'src/a/one.ts'),
  ]);
  assert.deepEqual(found, ['src/a → src/a/b → src/a: one.ts, two.ts']);
});

/** Cycles of folders, each with the files whose imports make it. A folder is what lies directly in it. */
function folderCycles(all: readonly SourceFile[]): string[] {
  const known = new Set(all.map(({ path }) => path));
  const graph = new Map<string, Map<string, string>>();
  for (const { path, imports } of all) {
    const from = folderOf(path);
    const edges = graph.get(from) ?? new Map<string, string>();
    graph.set(from, edges);
    for (const target of imports) {
      const to = folderOf(target);
      if (known.has(target) && to !== from && !edges.has(to)) edges.set(to, path);
    }
  }
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (folder: string, trail: readonly string[]): void => {
    const at = trail.indexOf(folder);
    if (at >= 0) {
      const loop = [...trail.slice(at), folder];
      const why = loop
        .slice(0, -1)
        .map((each, n) => posix.basename(graph.get(each)?.get(loop[n + 1] ?? '') ?? ''));
      cycles.push(`${loop.join(' → ')}: ${why.join(', ')}`);
      return;
    }
    if (done.has(folder)) return;
    for (const next of graph.get(folder)?.keys() ?? []) visit(next, [...trail, folder]);
    done.add(folder);
  };
  for (const folder of graph.keys()) visit(folder, []);
  return cycles;
}
