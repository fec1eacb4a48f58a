import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { sourcesBelow, textsOf } from '../../scripts/generated/l10n-bundle.ts';
import {
  callsOfT,
  isT,
  parse,
  placeOf,
  walk,
  type SourceText,
  type Syntax,
} from '../../scripts/generated/texts.ts';
import { root } from '../support/repo/source-files.ts';

/** What reads like a text and is none that a translator could change. */
const NO_TEXT = new Set([
  'Administrator',
  'Refpoint',
  'KiB',
  'MiB',
  'GiB',
  'TiB',
  'PiB',
  'WebGL2, ',
  'Canvas 2D',
  'Foreground',
  'VHD Set',
  // Faults of ours, not of what people do.
  'a view asked for ',
  'No map is open',
  'No file is open',
  'This page cannot draw',
]);

/** Members whose strings people read, however short. */
const SHOWN =
  /^(?:title|label|description|detail|prompt|place[hH]older|tooltip|openLabel|saveLabel|message|spoken|textContent|ariaLabel)$/;

/** Paths, addresses, icons, names of formats. */
const NAMES = /^(?:[A-Z]:\\|\/|https:\/\/|\$\([\w-]+\) ?$|[A-Z]+$)/;

/** Two words, or one that begins like a sentence. */
const READS_LIKE_TEXT = /[A-Za-z]{2,}[ ,]+[A-Za-z]{2,}|^[A-Z][a-z]+/;

function untranslated(source: SourceText): readonly string[] {
  const found: string[] = [];
  walk(parse(source), (node, parents) => {
    const parent = parents.at(-1);
    if (parent === undefined || isNoText(node, parents, parent)) return;
    for (const text of stringsOf(node)) {
      const shown = /[A-Za-z]{2}/.test(text) && SHOWN.test(memberOf(node, parent));
      if (NO_TEXT.has(text) || NAMES.test(text) || !(shown || READS_LIKE_TEXT.test(text))) continue;
      found.push(`${placeOf(source, node)}: ${JSON.stringify(text)}`);
    }
  });
  return found;
}

function stringsOf(node: Syntax): readonly string[] {
  if (node.type === 'Literal') return typeof node['value'] === 'string' ? [node['value']] : [];
  if (node.type !== 'TemplateLiteral') return [];
  const quasis = node['quasis'] as readonly { readonly value: { readonly cooked: string } }[];
  return quasis.map(({ value }) => value.cooked);
}

function isNoText(node: Syntax, parents: readonly Syntax[], parent: Syntax): boolean {
  const around = [...parents, node];
  return (
    around.some(isTranslatedOrLogged) ||
    // Classes of style sheets.
    around.some((each) => each.type === 'Property' && nameIn(each, 'key') === 'class') ||
    // Pages, shaders and scripts.
    around.some((each) => /^(?:<!DOCTYPE|#version|#!|@echo)/.test(stringsOf(each)[0] ?? '')) ||
    /^(?:Import|Export|SwitchCase$|BinaryExpression$|TS)/.test(parent.type) ||
    // An error's name.
    (parent.type === 'PropertyDefinition' && nameIn(parent, 'key') === 'name')
  );
}

const isTranslatedOrLogged = ({ type, callee }: Syntax): boolean =>
  type === 'CallExpression' && (isT(callee as Syntax) || isLog(callee as Syntax));

const isLog = (callee: Syntax): boolean =>
  callee.type === 'MemberExpression' &&
  /^(?:trace|debug|info|warn|error)$/.test(nameIn(callee, 'property'));

function nameIn(node: Syntax, member: string): string {
  const name = (node[member] as Syntax | undefined)?.['name'];
  return typeof name === 'string' ? name : '';
}

/** What a string is the value of: a property, or the member that it is assigned to. */
function memberOf(node: Syntax, parent: Syntax): string {
  if (parent.type === 'Property' && parent['value'] === node) return nameIn(parent, 'key');
  if (parent.type !== 'AssignmentExpression') return '';
  const left = parent['left'] as Syntax;
  return left.type === 'MemberExpression' ? nameIn(left, 'property') : '';
}

test('what the extension and its views show is translated', () => {
  const sources = [...sourcesBelow(root, 'src/extension'), ...sourcesBelow(root, 'src/views')]
    // The tables become package.nls.json, those of the views are translated key by key.
    .filter(({ path }) => !path.includes('/contributions/') && !path.endsWith('-strings.ts'));
  assert.ok(sources.length >= 80, `${sources.length} files`);
  assert.deepEqual(sources.flatMap(untranslated), []);
});

test('a text that is not translated is found', () => {
  const text = `
    import { t } from './t.ts';
    const a = t('Read by a person');
    show('Shown to a person');
    const b = { label: 'short', kind: 'short' };
    button.textContent = \`word \${a}\`;
    log.info('Written to a log');
  `;
  assert.deepEqual(untranslated({ path: 'a.ts', text }), [
    'a.ts:4: "Shown to a person"',
    'a.ts:5: "short"',
    'a.ts:6: "word "',
  ]);
});

test('texts are looked up when they are shown, and written out where they are', async () => {
  const { calls, tables } = await textsOf(root);
  assert.ok(calls.length >= 250, `${calls.length} texts`);
  assert.ok(tables.length >= 50, `${tables.length} strings of views`);
  assert.deepEqual(
    calls.filter(({ early }) => early).map(({ place }) => place),
    [],
  );
  assert.deepEqual(
    callsOfT({ path: 'a.ts', text: 'const f = () => vscode.l10n.t(`a ${b}`);' }).map(
      (call) => call.text,
    ),
    [undefined],
  );
});

test('package.json shows no text of its own', () => {
  const shown =
    /^(?:.*[dD]escriptions?|title|displayName|name|category|contents|altText|patternErrorMessage|contextualTitle)$/;
  const { contributes, capabilities } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  ) as Readonly<Record<string, unknown>>;
  const found: string[] = [];
  let seen = 0;
  const look = (value: unknown, key: string): void => {
    if (typeof value === 'string') {
      if (!shown.test(key)) return;
      seen++;
      if (!/^%[\w.]+%$/.test(value)) found.push(`${key}: ${value}`);
    } else if (Array.isArray(value)) for (const each of value) look(each, key);
    else if (typeof value === 'object' && value !== null)
      for (const [name, each] of Object.entries(value)) look(each, name);
  };
  look({ contributes, capabilities }, '');
  assert.ok(seen >= 120, `${seen} texts`);
  assert.deepEqual(found, []);
});
