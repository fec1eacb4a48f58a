import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { json, type GeneratedFile } from './package-json.ts';
import { callsOfT, type FoundCall, type SourceText } from './texts.ts';

/** Strings of a view are a table, which this function of the extension translates key by key. */
const TABLES = { file: 'src/extension/panels/frame/view-channel.ts', function: 'translated' };

/** The English texts of the extension and of its views: what a translator starts from. */
export async function l10nFile(root: string): Promise<GeneratedFile> {
  const { calls, tables } = await textsOf(root);
  const wrong = calls.filter(
    ({ text, place, inside }) => text === undefined && !isTables(place, inside),
  );
  if (wrong.length > 0) {
    const places = wrong.map(({ place }) => place).join(', ');
    throw new Error(`l10n.t needs its text written out: ${places}`);
  }
  const texts = new Set([...calls.flatMap(({ text }) => text ?? []), ...tables]);
  const sorted = [...texts].sort();
  const bundle = Object.fromEntries(sorted.map((text) => [text, text]));
  return { path: 'l10n/bundle.l10n.json', text: json(bundle) };
}

/** Every call of `l10n.t`, and every string of the views' tables. */
export async function textsOf(
  root: string,
): Promise<{ readonly calls: readonly FoundCall[]; readonly tables: readonly string[] }> {
  const calls = sourcesBelow(root, 'src/extension').flatMap(callsOfT);
  const tables: string[] = [];
  const api = join(root, 'src', 'views', 'api');
  for (const name of readdirSync(api).filter((each) => each.endsWith('-strings.ts'))) {
    const module = (await import(pathToFileURL(join(api, name)).href)) as Readonly<
      Record<string, object>
    >;
    for (const table of Object.values(module)) tables.push(...Object.values(table));
  }
  return { calls, tables };
}

const isTables = (place: string, inside: string): boolean =>
  place.startsWith(`${TABLES.file}:`) && inside === TABLES.function;

export function sourcesBelow(root: string, folder: string): readonly SourceText[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}
