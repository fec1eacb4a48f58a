// Test files are found, never listed by hand.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';

/** Paths relative to the repository; `patterns` keep those that contain any of them. */
export function findTests(patterns = []) {
  return readdirSync(join(root, 'test'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((path) => {
      const slashed = path.replaceAll('\\', '/');
      return patterns.length === 0 || patterns.some((pattern) => slashed.includes(pattern));
    })
    .sort();
}
