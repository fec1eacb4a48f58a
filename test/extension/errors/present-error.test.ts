import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import * as vscode from 'vscode';
import { COMMANDS } from '../../../src/extension/contributions/command-table.ts';
import { SETTINGS } from '../../../src/extension/contributions/setting-table.ts';
import { VIEWS } from '../../../src/extension/contributions/view-table.ts';
import { Cancelled } from '../../../src/extension/engine/engine-error.ts';
import { ERROR_MEANINGS } from '../../../src/extension/errors/error-table.ts';
import { STEPS } from '../../../src/extension/errors/areas/next-step.ts';
import {
  presentCode,
  presentError,
  showError,
} from '../../../src/extension/errors/present-error.ts';
import { Output } from '../../../src/extension/output/output.ts';
import { settled } from '../../support/extension/extension-window.ts';
import { failure } from '../../support/extension/fake-engine.ts';
import { press } from '../../support/vscode/script.ts';
import { workbench } from '../../support/vscode/workbench.ts';
import { sourceFiles } from '../../support/repo/source-files.ts';

beforeEach(() => workbench.reset());

/** Codes that the extension and the border between it and the engine make themselves. */
const OWN = [
  'internal',
  'engine.start',
  'engine.lost',
  'engine.crashing',
  'engine.stopped',
  'job.start',
  'job.silent',
  'view.caFile',
  'view.notFile',
  'view.unknownStore',
];

/** Every code of the engine’s closed unions: the keys of its `defineErrors` tables. */
const codes = sourceFiles('src/engine')
  .filter(({ text }) => text.includes('defineErrors({'))
  .flatMap(({ text }) =>
    Array.from(
      text.matchAll(/^ {2}'?([a-zA-Z][\w.-]*)'?: (?:\{|[a-z]+,)/gm),
      ([, code = '']) => code,
    ),
  );

test('every code of the engine has a sentence of its own, and a next step that exists', () => {
  assert.ok(codes.length >= 170, `${codes.length} codes`);
  assert.ok(codes.includes('http.auth.failed') && codes.includes('usage'));
  const sentence = (code: string): string => presentCode(code, '').sentence;
  const fallback = sentence('no.such.area');
  const wrong = [...codes, ...OWN].filter((code) => sentence(code) === fallback);
  assert.deepEqual(wrong, []);
});

test('every entry of the table is the meaning of some code', () => {
  const keys = Object.keys(ERROR_MEANINGS);
  // The longest that a code begins with counts.
  const keyOf = (code: string): string | undefined =>
    keys
      .filter((key) => code === key || code.startsWith(`${key}.`))
      .toSorted((a, b) => b.length - a.length)[0];
  const used = new Set([...codes, ...OWN].map(keyOf));
  assert.deepEqual(
    keys.filter((key) => !used.has(key)),
    [],
  );
});

test('sentences are sentences, short and plain, without a code', () => {
  for (const [key, { says }] of Object.entries(ERROR_MEANINGS)) {
    assert.match(says(), /^[A-Z][^\n]{5,200}[.?]$/, key);
    if (key.includes('.')) assert.ok(!says().includes(key), key);
  }
});

test('every next step is a command that exists', () => {
  const known = new Set<string>([
    ...Object.keys(COMMANDS),
    ...Object.keys(VIEWS).map((view) => `${view}.focus`),
  ]);
  for (const step of Object.values(STEPS)) assert.ok(known.has(step().command), step().command);
});

test('what could be tried again and what the person can mend lead somewhere', () => {
  for (const code of [...codes, ...OWN]) {
    const { next, text } = presentCode(code, 'What was found');
    assert.ok(next.length >= 1, code);
    assert.ok(text.endsWith(`What was found. (${code})`), text);
  }
});

test('faults of the issue each have their message and their step', () => {
  const table: readonly (readonly [string, RegExp, string])[] = [
    ['http.unreachable', /cannot be reached/, 'refpoint.connect'],
    ['http.tls.unknownCertificate', /not trusted. Nothing was sent/, 'refpoint.connect'],
    ['http.tls.fingerprint', /not the one that was trusted. Nothing was sent/, 'refpoint.connect'],
    ['http.auth.failed', /refused the user or the password/, 'refpoint.connect'],
    ['engine.lost', /The engine ended/, 'refpoint.refresh'],
    ['store.notFound', /Was its folder moved/, 'refpoint.addStore'],
    ['vhdx.signature', /is not a VHDX/, 'refpoint.showLog'],
    ['host.vm.notFound', /no longer on the host/, 'refpoint.refresh'],
    ['lease.held', /Another process/, 'refpoint.jobs.focus'],
    ['source.full', /no space left/, 'refpoint.addStore'],
  ];
  for (const [code, sentence, command] of table) {
    const { sentence: says, next } = presentCode(code, '');
    assert.match(says, sentence);
    assert.equal(next[0]?.command, command, code);
  }
});

test('a login that NTLM might have completed names the setting that forbids it', async () => {
  const words = 'There is no service HTTP/hv01';
  const login = (data: Readonly<Record<string, string>>) =>
    presentError(failure('http.auth.spn', words, { permanent: true }, data));
  const forbidden = login({ ntlm: 'forbidden' });
  assert.match(
    forbidden.text,
    /no service HTTP\/hv01\. The setting refpoint\.ntlmFallback allows NTLM\. \(http\.auth\.spn\)$/,
  );
  assert.ok(Object.hasOwn(SETTINGS, 'refpoint.ntlmFallback'));
  // Where NTLM is allowed or was tried, the setting would not help.
  for (const data of [{}, { ntlm: 'tried' }]) {
    assert.doesNotMatch(login(data).text, /NTLM|refpoint\./);
  }
});

test('no stack trace and no second line gets into a message; the log has both', async () => {
  const output = new Output();
  const error = new TypeError('cannot read x\n    at Object.y (/secret/path.ts:1:2)');
  await showError(output, error);
  const [said] = workbench.said('error');
  assert.equal(said, 'Something went wrong in Refpoint itself. cannot read x. (internal)');
  const log = workbench.outputs.get('Refpoint')?.join('\n') ?? '';
  assert.match(log, /present-error\.test\./, 'the stack');
});

test('a message offers the step and the log, and does what is pressed', async () => {
  const asked: unknown[] = [];
  vscode.commands.registerCommand('refpoint.connect', (...args) => asked.push(args));
  const output = new Output();
  const node = { kind: 'host', id: 'host:x' };
  workbench.play(press('Enter Password…'));
  await showError(output, failure('http.auth.failed', 'hv refused admin'), node);
  await settled();
  assert.deepEqual(workbench.asked[0]?.buttons, [
    'Enter Password…',
    'Edit Host…',
    'Prepare the Host…',
    'Show Log',
  ]);
  assert.deepEqual(asked, [[node, { ask: true }]]);
  workbench.assertDone();
});

test('an error of a host that is not prepared opens the page at its entry; others do not offer it', async () => {
  const opened: unknown[] = [];
  vscode.commands.registerCommand('refpoint.prepareHost', (...args) => opened.push(args));
  workbench.play(press('Prepare the Host…'));
  await showError(new Output(), failure('http.unreachable', 'hv01:5985 refused'));
  await settled();
  assert.deepEqual(opened, [[undefined, { code: 'http.unreachable' }]]);
  workbench.assertDone();
  for (const code of ['http.lost', 'http.tls.fingerprint', 'host.busy', 'store.space']) {
    const titles = presentCode(code, '').next.map(({ title }) => title);
    assert.ok(!titles.includes('Prepare the Host…'), code);
  }
});

test('what the person cancelled is not said', async () => {
  const output = new Output();
  await showError(output, new Cancelled('cancelled'));
  await showError(output, new vscode.CancellationError());
  assert.deepEqual(workbench.asked, []);
});

test('a name in an error makes no link', async () => {
  const output = new Output();
  await showError(output, failure('host.busy', 'The VM [x](command:evil) is busy'));
  assert.equal(workbench.said()[0]?.includes(']('), false);
});

test('a detail that ends in a stop gets no second one', () => {
  assert.match(
    presentError(failure('host.busy', 'It is merging.')).text,
    /merging\. \(host\.busy\)$/,
  );
});
