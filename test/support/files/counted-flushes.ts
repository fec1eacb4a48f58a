import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Runs before a program, and writes the path of every file and folder that it flushes, one a line, when it ends. Plain
 * JavaScript of a module that every Node loads first.
 */
const PRELOAD = `
const fs = require('node:fs');
const flushed = [];
const paths = new WeakMap();
let patched = false;
function patch(prototype) {
  if (patched) return;
  patched = true;
  for (const name of ['sync', 'datasync']) {
    const real = prototype[name];
    prototype[name] = function () {
      flushed.push(String(paths.get(this) ?? '?'));
      return real.call(this);
    };
  }
}
const { open } = fs.promises;
fs.promises.open = async (path, ...rest) => {
  const handle = await open(path, ...rest);
  patch(Object.getPrototypeOf(handle));
  paths.set(handle, path);
  return handle;
};
for (const name of ['fsync', 'fdatasync', 'fsyncSync', 'fdatasyncSync']) {
  const real = fs[name];
  fs[name] = (...args) => {
    flushed.push(name);
    return real(...args);
  };
}
process.once('exit', () => fs.writeFileSync(process.env.COUNTED_FLUSHES, flushed.join('\\n')));
`;

/** Counts the flushes (fsync, fdatasync) of a program of ours that is started with `env`. */
export interface CountedFlushes {
  readonly env: Readonly<Record<string, string>>;
  /** What the program flushed, in order; once it has ended. */
  paths(): Promise<readonly string[]>;
}

/** @param folder in which the test may write. */
export async function countFlushes(folder: string): Promise<CountedFlushes> {
  const preload = join(folder, 'count-flushes.cjs');
  const out = join(folder, 'flushes.txt');
  await writeFile(preload, PRELOAD);
  // Quoted: NODE_OPTIONS is split at blanks, and backslashes in it escape.
  const quoted = `"${preload.replaceAll('\\', '\\\\')}"`;
  return {
    env: { NODE_OPTIONS: `--require ${quoted}`, COUNTED_FLUSHES: out },
    paths: async () => (await readFile(out, 'utf8')).split('\n').filter((line) => line !== ''),
  };
}
