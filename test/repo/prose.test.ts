import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { OPENINGS, TICS } from '../support/repo/prose.ts';
import { sourceFiles } from '../support/repo/source-files.ts';

interface Comment {
  readonly place: string;
  readonly text: string;
  /** A docstring, which begins with a verb. */
  readonly doc: boolean;
}

const files = sourceFiles('src');
const comments = files.flatMap(({ path, text }) => commentsOf(path, text));

/** The comments of a file, each as one line. Strings that hold `//`, as URLs, do not begin one. */
function commentsOf(path: string, source: string): Comment[] {
  const found: Comment[] = [];
  for (const match of source.matchAll(/\/\*\*?([\s\S]*?)\*\/|(?:^|[\s;{(,])\/\/ (.*)$/gm)) {
    const line = source.slice(0, match.index).split('\n').length;
    const doc = match[0].startsWith('/**');
    const text = (match[1] ?? match[2] ?? '').replaceAll(/\s*\n\s*\* ?/g, ' ').trim();
    found.push({ place: `${path}:${line}`, text: text.replaceAll(/`[^`]*`/g, 'x'), doc });
  }
  return found;
}

test('comments are plain: none has a turn of phrase that has to be read twice', () => {
  assert.ok(comments.length >= 3000, `only ${comments.length} comments were seen`);
  const wrong = comments.flatMap(({ place, text }) =>
    TICS.filter(({ pattern }) => pattern.test(text)).map(
      ({ instead }) => `${place}: “${text}” — write: ${instead}`,
    ),
  );
  assert.deepEqual(wrong, []);
});

test('docstrings begin with a verb, or with what the thing is', () => {
  const wrong = comments
    .filter(({ doc }) => doc)
    .flatMap(({ place, text }) =>
      OPENINGS.filter(({ pattern }) => pattern.test(text)).map(
        ({ instead }) => `${place}: “${text}” — write: ${instead}`,
      ),
    );
  assert.deepEqual(wrong, []);
});

test('texts that people see are as plain', () => {
  const bundle = JSON.parse(readFileSync('l10n/bundle.l10n.json', 'utf8')) as Record<
    string,
    string
  >;
  const settings = JSON.parse(readFileSync('package.nls.json', 'utf8')) as Record<string, string>;
  const texts = [...Object.values(bundle), ...Object.values(settings)];
  assert.ok(texts.length >= 400, `only ${texts.length} texts were seen`);
  const wrong = texts.flatMap((text) =>
    TICS.filter(({ pattern }) => pattern.test(text)).map(
      ({ instead }) => `“${text}” — write: ${instead}`,
    ),
  );
  assert.deepEqual(wrong, []);
});
