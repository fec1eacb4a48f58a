import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

interface Metafile {
  readonly inputs: Readonly<Record<string, unknown>>;
}
interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

/** Licences that ask for no more than that their text comes along. */
const PLAIN = new Set([
  'MIT',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
]);

/** The licences of all that the bundles hold of others, from esbuild's record of what it read, and of `more` packages. */
export function notices(root: string, metafile: Metafile, more: readonly string[]): string {
  const folders = Object.keys(metafile.inputs).flatMap(
    (path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [],
  );
  const all = [...new Set([...folders, ...more.map((name) => `node_modules/${name}`)])].sort();
  if (all.length < 5) throw new Error('the bundles hold no packages?');
  const parts = all.map((folder) => noticeOf(join(root, folder)));
  return `Refpoint contains software of others.\n\n${[...new Set(parts)].join('\n')}`;
}

function noticeOf(folder: string): string {
  const { name, version, license } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  ) as PackageJson;
  if (license === undefined || !PLAIN.has(license)) {
    throw new Error(`${name} ${version}: look at its licence (${license ?? 'none named'})`);
  }
  const file = readdirSync(folder).find((each) => /^licen[cs]e(?:\.|$)/i.test(each));
  const text =
    file === undefined ? `Licence: ${license}` : readFileSync(join(folder, file), 'utf8');
  return `${'-'.repeat(80)}\n${name} ${version} (${license})\n\n${text.replaceAll('\r', '').trim()}\n`;
}
