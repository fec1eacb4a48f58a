import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { COMMANDS } from '../../src/extension/contributions/command-table.ts';
import { ITEM_MENU } from '../../src/extension/contributions/menu-table.ts';
import { SETTINGS } from '../../src/extension/contributions/setting-table.ts';
import { CONTEXT_KEYS, VIEWS } from '../../src/extension/contributions/view-table.ts';
import { root, sourceFiles } from '../support/repo/source-files.ts';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const json = (path: string): unknown => JSON.parse(read(path));

interface When {
  readonly command: string;
  readonly when: string;
}
interface PackageJson {
  readonly icon: string;
  readonly main: string;
  readonly activationEvents: readonly string[];
  readonly contributes: {
    readonly commands: readonly {
      readonly command: string;
      readonly title: string;
      readonly category: string;
    }[];
    readonly menus: Readonly<Record<string, readonly When[]>>;
    readonly viewsWelcome: readonly { readonly view: string; readonly when: string }[];
    readonly walkthroughs: readonly {
      readonly steps: readonly { readonly completionEvents: readonly string[] }[];
    }[];
    readonly jsonValidation: readonly { readonly url: string }[];
  };
}

const pack = json('package.json') as PackageJson;
const texts = json('package.nls.json') as Readonly<Record<string, string>>;
const { contributes } = pack;
const files = sourceFiles('src/extension');
const outside = files.filter(({ path }) => !path.includes('/contributions/'));
const commands = new Set(contributes.commands.map(({ command }) => command));
const whens = [
  ...Object.values(contributes.menus).flat(),
  ...contributes.viewsWelcome,
  ...contributes.commands.flatMap((each) =>
    'enablement' in each ? [String(each.enablement)] : [],
  ),
].map((each) => (typeof each === 'string' ? each : each.when));

test('there are enough contributions for the rules to mean something', () => {
  assert.ok(commands.size >= 35, `${commands.size} commands`);
  assert.ok(whens.length >= 80, `${whens.length} conditions`);
  assert.ok(outside.length >= 40, `${outside.length} files`);
});

test('every text that package.json names is there, and no text is left over', () => {
  const named = new Set(
    Array.from(read('package.json').matchAll(/"%([^%"]+)%"/g), (match) => match[1] ?? ''),
  );
  assert.deepEqual([...named].sort(), Object.keys(texts).sort());
});

test('every command has category, a title in Title Case, and a handler', () => {
  const register = read('src/extension/commands/register.ts');
  const wrong = contributes.commands.flatMap(({ command, title, category }) => {
    const text = texts[title.slice(1, -1)] ?? '';
    const small = /^(?:a|an|and|as|at|by|for|from|in|into|of|on|or|the|to)$/;
    const words = text.replace(/[()…]/g, '').split(' ');
    const cased = words.every((word, i) => /^[A-Z]/.test(word) || (i > 0 && small.test(word)));
    return [
      ...(texts[category.slice(1, -1)] === 'Refpoint' ? [] : [`${command}: another category`]),
      ...(text !== '' && cased ? [] : [`${command}: “${text}”`]),
      ...(register.includes(`'${command}':`) ? [] : [`${command}: no handler`]),
    ];
  });
  assert.deepEqual(wrong, []);
});

test('no two commands have one title', () => {
  const all = contributes.commands.map(({ title }) => texts[title.slice(1, -1)]);
  assert.equal(new Set(all).size, all.length);
});

test('menus, welcome texts, the walkthrough and the code name commands that exist', () => {
  const named = [
    ...Object.values(contributes.menus)
      .flat()
      .map(({ command }) => command),
    ...Array.from(JSON.stringify(texts).matchAll(/\(command:([\w.]+)/g), (match) => match[1]),
    ...contributes.walkthroughs
      .flatMap(({ steps }) => steps.flatMap(({ completionEvents }) => completionEvents))
      .flatMap((event) => (event.startsWith('onCommand:') ? [event.slice(10)] : [])),
    ...outside.flatMap(({ text }) =>
      Array.from(
        text.matchAll(/(?:executeCommand(?:<[^>]*>)?\(\s*|command: )'(refpoint\.\w+)'/g),
        (match) => match[1],
      ),
    ),
  ];
  assert.ok(named.length >= 90, `${named.length} names were seen`);
  assert.deepEqual(
    [...new Set(named)].filter((name) => !commands.has(name ?? '')),
    [],
  );
});

test('every command can be reached: from the palette or from a menu', () => {
  const inMenus = new Set(
    Object.entries(contributes.menus)
      .filter(([menu]) => menu !== 'commandPalette')
      .flatMap(([, items]) => items.map(({ command }) => command)),
  );
  const hidden = contributes.menus['commandPalette']?.filter(({ when }) => when === 'false') ?? [];
  assert.deepEqual(
    hidden.filter(({ command }) => !inMenus.has(command)),
    [],
  );
});

test('a condition looks at context keys that are declared, and each of them is set and looked at', () => {
  const events = contributes.walkthroughs
    .flatMap(({ steps }) => steps.flatMap(({ completionEvents }) => completionEvents))
    .filter((event) => event.startsWith('onContext:'));
  const used = new Set(
    [...whens, ...events]
      .map((when) => when.replaceAll(/\bview\s*==\s*[\w.]+/g, ''))
      .flatMap((when) => when.match(/\brefpoint\.\w+/g) ?? []),
  );
  const declared = new Set<string>(CONTEXT_KEYS);
  assert.deepEqual(
    [...used].filter((key) => !declared.has(key)),
    [],
    'not declared',
  );
  assert.deepEqual(
    [...declared].filter((key) => !used.has(key)),
    [],
    'looked at by nothing',
  );
  const setting = read('src/extension/update-context.ts');
  assert.deepEqual(
    [...declared].filter((key) => !setting.includes(`'${key}'`)),
    [],
    'never set',
  );
});

test('a condition names views that exist, and words that rows carry', () => {
  const views = whens.flatMap((when) =>
    Array.from(when.matchAll(/\bview\s*==\s*([\w.]+)/g), (match) => match[1] ?? ''),
  );
  assert.deepEqual(
    [...new Set(views)].filter((view) => !(view in VIEWS)),
    [],
  );
  const words = new Set(
    whens.flatMap((when) =>
      Array.from(when.matchAll(/viewItem =~ \/ (\w+) \//g), (match) => match[1] ?? ''),
    ),
  );
  assert.ok(words.size >= 15, `${words.size} words`);
  const rows = files
    .filter(({ path }) => path.startsWith('src/extension/tree/'))
    .map(({ text }) => text)
    .join('\n');
  assert.deepEqual(
    [...words].filter((word) => !rows.includes(`'${word}'`)),
    [],
  );
  // One that VS Code cannot parse is never true.
  const plain =
    /^!?[\w.]+$|^(?:view|resourceScheme) == [\w.]+$|^viewItem =~ \/ \w+ \/$|^resourceExtname =~ \/\^\\\.\([\w|?]+\)\$\/i$/;
  const parts = whens.flatMap((when) => when.split(/\s*(?:&&|\|\|)\s*/));
  assert.deepEqual(
    [...new Set(parts)].filter((part) => !plain.test(part)),
    [],
  );
});

test('inline actions have an icon', () => {
  const without = ITEM_MENU.filter(({ group }) => group.startsWith('inline'))
    .map(({ command }) => command)
    .filter((command) => !('icon' in COMMANDS[command]));
  assert.deepEqual(without, []);
});

test('every setting that the code reads is declared, and every declared one is read', () => {
  const declared = Object.keys(SETTINGS).map((id) => id.replace('refpoint.', ''));
  const readers = outside.filter(({ text }) => text.includes('getConfiguration('));
  const found = readers.flatMap(({ text }) =>
    Array.from(
      text.matchAll(/\.(?:get|inspect|update)(?:<[^()]*>)?\(\s*'([a-z][\w.]*)'/gi),
      (match) => match[1] ?? '',
    ),
  );
  // The language client reads that one itself.
  assert.deepEqual([...new Set([...found, 'trace.server'])].sort(), declared.sort());
});

test('what wakes the extension is declared precisely', () => {
  assert.ok(!pack.activationEvents.includes('*'));
  const restored = outside.filter(({ text }) => text.includes('registerWebviewPanelSerializer('));
  const woken = pack.activationEvents.filter((event) => event.startsWith('onWebviewPanel:'));
  assert.equal(woken.length, restored.length, 'one for each panel that comes back after a reload');
});

test('the files that package.json names are there, or made by the build', () => {
  const named = JSON.stringify(json('package.json')).match(
    /(?<=")(?:\.\/)?(?:media|dist)\/[\w./-]+(?=")/g,
  );
  const paths = (named ?? []).map((path) => path.replace(/^\.\//, ''));
  assert.ok(paths.length >= 5, `${paths.length} files`);
  // The pictures of the walkthrough are made by the end-to-end run: all of them or none.
  const pictures = existsSync(join(root, 'media/walkthrough'));
  const missing = paths
    .filter((path) => pictures || !path.startsWith('media/walkthrough/'))
    .filter((path) => !existsSync(join(root, path)));
  assert.deepEqual(missing, []);
});
