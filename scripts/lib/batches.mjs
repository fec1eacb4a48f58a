// Most test files take less time than the start of their process and the loading of the sources: those that leave the process as it is
// run several in one, neighbours together, since they load the same sources.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root } from './setup.mjs';

/** Files in one process. */
const SIZE = 10;

/** Tests below these try values, codecs and decisions, or the extension in a window of the tests; others start programs. */
const FOLDERS = ['test/engine/', 'test/extension/', 'test/views/'];
/** Tests of the extension share one window. Several files in a process reset it several times before each test. */
const RESET = /^beforeEach\(\(\) => workbench\.reset\(\)\);$/m;

/**
 * Matches a file that needs a process of its own: one that changes or measures the process, measures time, starts a program that may outlive
 * it, loads a module later, or has hooks for all tests of its process.
 */
const OWN_PROCESS =
  /\bprocess\.(?!platform\b|versions\b|execPath\b|arch\b)|\bglobalThis\b|\bchild_process\b|\bworker_threads\b|\bimport\(|\bbackup-lab\b|\bcommand\.ts|\bperformance\.now\b|\bDate\.now\(\)|\bmock\.|^(?:const .*= )?await |^(?:before|after)(?:Each)?\(/m;

/**
 * Returns the files to run: those that can run with others are replaced by files that load ten of them each.
 * @param files paths relative to the repository
 * @param alone beginnings of paths that keep a process of their own
 * @param folder where the files are made, relative to the repository; it is emptied
 */
export function inBatches(files, { alone, folder }) {
  rmSync(join(root, folder), { recursive: true, force: true });
  mkdirSync(join(root, folder), { recursive: true });
  const { batches, others } = batchesOf(files, alone);
  const made = batches.map(({ name, files: names }) => {
    const file = join(folder, `${name}.test.cjs`);
    writeFileSync(join(root, file), loader(names.map((path) => [path, join(root, path)])));
    return file;
  });
  return [...made, ...others];
}

/**
 * Divides files into batches that can share a process, and the others.
 * @param files paths relative to the repository
 * @param alone beginnings of paths that keep a process of their own
 */
export function batchesOf(files, alone) {
  const isBatched = (path) => {
    const slashed = path.replaceAll('\\', '/');
    return (
      FOLDERS.some((name) => slashed.startsWith(name)) &&
      !alone.some((name) => slashed.startsWith(name)) &&
      !OWN_PROCESS.test(readFileSync(join(root, path), 'utf8').replace(RESET, ''))
    );
  };
  const shared = files.filter(isBatched).sort();
  const batches = [];
  for (let at = 0; at < shared.length; at += SIZE) {
    const names = shared.slice(at, at + SIZE);
    const first = basename(names[0] ?? '', '.test.ts');
    batches.push({ name: `${String(at).padStart(3, '0')}-${first}`, files: names });
  }
  return { batches, others: files.filter((path) => !shared.includes(path)) };
}

/**
 * Loads all test files before the first test runs. If a file cannot be loaded, a test with its name fails, and the tests of the other files
 * still run.
 */
const loader = (names) => `'use strict';
const { test } = require('node:test');
for (const [name, path] of ${JSON.stringify(names, undefined, 2)}) {
  try {
    require(path);
  } catch (error) {
    test(name + ' is loaded', () => { throw error; });
  }
}
`;
