import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifest } from '../../src/extension/contributions/manifest.ts';

/** A file that is made, with what it must hold. */
export interface GeneratedFile {
  /** From the repository's root. */
  readonly path: string;
  readonly text: string;
}

/** package.json with the parts that come from the tables in place, and the English texts beside it. */
export function packageFiles(root: string): readonly GeneratedFile[] {
  const { fields, texts } = manifest();
  const old = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as object;
  const sorted = Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    { path: 'package.json', text: json({ ...old, ...fields }) },
    { path: 'package.nls.json', text: json(Object.fromEntries(sorted)) },
  ];
}

export const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
