import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { test } from 'node:test';
import { sourceFiles } from './source-files.ts';

/** Layers whose folders are in order. */
const LAYERS = ['base', 'cim', 'net', 'hyperv', 'lab', 'hosts'];
const MOST_SOURCES = 15;

const files = LAYERS.flatMap((layer) => sourceFiles(`src/engine/${layer}`));

test('a folder holds few sources', () => {
  assert.ok(files.length >= 150, `only ${files.length} files were seen`);
  const counts = new Map<string, number>();
  for (const { path } of files) {
    const folder = posix.dirname(path);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  const full = [...counts].filter(([, count]) => count > MOST_SOURCES);
  assert.deepEqual(full, []);
});

test('no folder imports itself over others; a folder and one within it count as two', () => {
  const graph = new Map<string, Set<string>>();
  for (const { path, imports } of files) {
    const folder = posix.dirname(path);
    const to = graph.get(folder) ?? new Set();
    graph.set(folder, to);
    for (const target of imports) {
      if (target.startsWith('src/') && posix.dirname(target) !== folder)
        to.add(posix.dirname(target));
    }
  }
  assert.ok(graph.size >= 20, `only ${graph.size} folders were seen`);
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (folder: string, trail: readonly string[]): void => {
    const at = trail.indexOf(folder);
    if (at >= 0) {
      cycles.push([...trail.slice(at), folder].join(' → '));
      return;
    }
    if (done.has(folder)) return;
    for (const next of graph.get(folder) ?? []) visit(next, [...trail, folder]);
    done.add(folder);
  };
  for (const folder of graph.keys()) visit(folder, []);
  assert.deepEqual(cycles, []);
});
