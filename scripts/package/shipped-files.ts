import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { notices } from './notices.ts';

/** Members of package.json that mean something to the editor; scripts and dependencies mean nothing there. */
const FIELDS = [
  'name',
  'displayName',
  'description',
  'version',
  'publisher',
  'license',
  'icon',
  'main',
  'l10n',
  'categories',
  'keywords',
  'extensionKind',
  'capabilities',
  'activationEvents',
  'contributes',
];

/** What ships besides the bundles and koffi, as it is. */
const AS_IS = [
  'package.nls.json',
  'CHANGELOG.md',
  'LICENSE',
  'docs/disk-findings.md',
  'docs/prepare-a-host.md',
  'media/icon.png',
  'media/refpoint.svg',
  'media/refpoint-dark.svg',
];

/**
 * Everything that ships, by path; what is not named here does not. `koffi` and the native library lie below dist, where the
 * bundles find them.
 */
export function shippedFiles(
  root: string,
  koffi: ReadonlyMap<string, Buffer>,
  native: ReadonlyMap<string, Buffer>,
): ReadonlyMap<string, Buffer> {
  const read = (path: string): Buffer => readFileSync(join(root, path));
  const files = new Map<string, Buffer>();
  files.set('package.json', Buffer.from(shippedManifest(read('package.json').toString())));
  files.set('README.md', Buffer.from(shippedReadme(read('README.md').toString())));
  for (const path of AS_IS) files.set(path, read(path));
  for (const folder of ['l10n', 'media/walkthrough', 'dist', 'dist/cli', 'dist/views']) {
    for (const path of filesIn(root, folder)) files.set(path, read(path));
  }
  for (const [path, contents] of koffi) files.set(`dist/node_modules/${path}`, contents);
  for (const [path, contents] of native) files.set(`dist/${path}`, contents);
  const metafile = JSON.parse(read('dist/meta.json').toString()) as Parameters<typeof notices>[1];
  files.set('dist/NOTICES.txt', Buffer.from(notices(root, metafile, ['koffi'])));
  return files;
}

const SHIPPED = /\.(?:[cm]?js|css|png|schema\.json|l10n(?:\.[\w-]+)?\.json)$|^dist\/package\.json$/;

const filesIn = (root: string, folder: string): readonly string[] =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder))
        .map((name) => `${folder}/${name}`)
        .filter((path) => SHIPPED.test(path))
    : [];

function shippedManifest(text: string): string {
  const all = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const { vscode } = all['engines'] as { readonly vscode: string };
  const kept = Object.fromEntries(FIELDS.flatMap((key) => (key in all ? [[key, all[key]]] : [])));
  return `${JSON.stringify({ ...kept, engines: { vscode } }, undefined, 2)}\n`;
}

/** Links to files of the repository lead nowhere from an installed package: their words stay, pictures go. */
function shippedReadme(text: string): string {
  return text
    .replaceAll(/^!\[[^\]]*\]\((?!https:)[^)]*\)\n?/gm, '')
    .replaceAll(/\[([^\]]*)\]\((?!https:)[^)]*\)/g, '$1');
}
