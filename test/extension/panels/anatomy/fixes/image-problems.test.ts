import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import * as vscode from 'vscode';
import type { ImageFinding } from '../../../../../src/engine/api/disk-contents.ts';
import { registerQuickFixes } from '../../../../../src/extension/panels/anatomy/fixes/quick-fixes.ts';
import { ImageProblems } from '../../../../../src/extension/panels/anatomy/fixes/image-problems.ts';
import {
  actionProviders,
  shownProblems,
  type Diagnostic,
} from '../../../../support/vscode/language.ts';
import { fakeWindow } from '../../../../support/extension/extension-window.ts';
import { giveUp, pick } from '../../../../support/vscode/script.ts';
import { workbench } from '../../../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

const IMAGE = vscode.Uri.file('/vm/disk.vhdx');

const finding = (change: Partial<ImageFinding> = {}): ImageFinding => ({
  code: 'vhdx.header.checksum',
  severity: 'error',
  message: 'the checksum of header 1 is wrong',
  path: IMAGE.fsPath,
  offset: 0x10000,
  section: 'MS-VHDX 2.2.2',
  fix: 'Use disk repair.',
  ...change,
});

const shown = (): readonly Diagnostic[] => shownProblems.get(String(IMAGE)) ?? [];

test('findings are problems of the image, with their place, their advice and the page of their code', (t) => {
  const problems = new ImageProblems(vscode.Uri.file('/ext'));
  t.after(() => problems.dispose());
  const parents = finding({ path: '/vm/base.vhdx' });
  const spoofed = finding({
    severity: 'warning',
    message: 'the parent is called [x](command:y)\u202e',
    offset: null,
    fix: null,
  });
  problems.show(IMAGE, { findings: [finding(), parents, spoofed], fixes: [] });
  const [first, second, ...more] = shown();
  assert.deepEqual(more, []);
  assert.equal(first?.message, 'The checksum of header 1 is wrong. At 0x10000. Use disk repair.');
  assert.equal(first.severity, vscode.DiagnosticSeverity.Error);
  assert.equal(first.source, 'Refpoint');
  const { value, target } = first.code as { value: string; target: vscode.Uri };
  assert.equal(value, 'vhdx.header.checksum');
  assert.match(String(target), /\/ext\/docs\/disk-findings\.md#vhdxheaderchecksum$/);
  assert.equal(second?.severity, vscode.DiagnosticSeverity.Warning);
  assert.doesNotMatch(second.message, /\]\(|\u202e/);
});

test('an image with errors has a badge, which goes when it is repaired', (t) => {
  const problems = new ImageProblems(vscode.Uri.file('/ext'));
  t.after(() => problems.dispose());
  const changed: string[] = [];
  problems.onDidChangeFileDecorations((uris) => changed.push(...uris.map(String)));
  assert.equal(problems.provideFileDecoration(IMAGE), undefined);
  problems.show(IMAGE, { findings: [finding(), finding({ severity: 'info' })], fixes: [] });
  assert.equal(problems.provideFileDecoration(IMAGE)?.tooltip, 'Damaged: 1 error');
  problems.show(IMAGE, { findings: [finding(), finding({ offset: 1 })], fixes: [] });
  assert.equal(problems.provideFileDecoration(IMAGE)?.tooltip, 'Damaged: 2 errors');
  // The same number again is no change.
  problems.show(IMAGE, { findings: [finding(), finding({ offset: 2 })], fixes: [] });
  problems.show(IMAGE, { findings: [], fixes: [] });
  assert.equal(problems.provideFileDecoration(IMAGE), undefined);
  assert.deepEqual(changed, [String(IMAGE), String(IMAGE), String(IMAGE)]);
  assert.deepEqual(shown(), []);
});

test('the link of a problem offers the fixes of the image, and the entry of its code', async (t) => {
  const { run } = await fakeWindow(t);
  const problems = new ImageProblems(vscode.Uri.file('/ext'));
  t.after(() => problems.dispose());
  problems.show(IMAGE, { findings: [finding()], fixes: ['repair', 'rescue'] });
  const [first] = shown();
  assert.ok(first !== undefined);
  const { target } = first.code as { target: vscode.Uri };
  assert.equal(target.scheme, 'command');
  assert.equal(target.path, 'refpoint.fixImage');
  const args = JSON.parse(target.query) as readonly unknown[];
  workbench.play(pick('Explain This Finding'));
  await run(target.path, ...args);
  workbench.assertDone();
  const [asked] = workbench.asked;
  assert.equal(asked?.text, 'Fix disk.vhdx');
  assert.deepEqual(asked.rows, [
    'Repair… |  | ',
    'Rescue What Can Be Read… |  | ',
    'Explain This Finding | vhdx.header.checksum | ',
  ]);
  const { id, args: opened } = workbench.ran.at(-1) ?? { id: '', args: [] };
  assert.equal(id, 'markdown.showPreview');
  assert.match(String(opened[0]), /disk-findings\.md#vhdxheaderchecksum$/);
  // Only a file, and only fixes that exist.
  await run('refpoint.fixImage', 'https://example.org/a.vhdx', 'x', ['repair']);
  workbench.play(giveUp());
  await run('refpoint.fixImage', String(IMAGE), 'x', ['constructor', 'format']);
  assert.deepEqual(workbench.asked.at(-1)?.rows, ['Explain This Finding | x | ']);
});

test('the fixes of the check are quick fixes of its problems, and of no others', (t) => {
  const problems = new ImageProblems(vscode.Uri.file('/ext'));
  const registered = registerQuickFixes(problems);
  t.after(() => registered.dispose());
  problems.show(IMAGE, { findings: [finding()], fixes: ['rebase', 'repair', 'rescue'] });
  const [provider] = actionProviders;
  const offered = (diagnostics: readonly unknown[], uri = IMAGE) =>
    provider?.provideCodeActions({ uri } as never, undefined as never, { diagnostics } as never);
  const actions = offered([...shown(), { source: 'other' }]) ?? [];
  assert.deepEqual(
    actions.map(({ command }) => (command as { command: string }).command),
    ['refpoint.rebaseImage', 'refpoint.repairImage', 'refpoint.rescueImage'],
  );
  const [action] = actions;
  assert.ok(action !== undefined);
  assert.deepEqual((action.command as { arguments: unknown[] }).arguments, [IMAGE]);
  assert.deepEqual(action.diagnostics, shown());
  assert.deepEqual(offered([{ source: 'other' }]), []);
  assert.deepEqual(offered(shown(), vscode.Uri.file('/vm/other.vhdx')), []);
});
