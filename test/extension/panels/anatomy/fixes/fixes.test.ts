import assert from 'node:assert/strict';
import { copyFile, readFile, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, test, type TestContext } from 'node:test';
import * as vscode from 'vscode';
import { requests } from '../../../../../src/engine/api/methods.ts';
import { never } from '../../../../../src/engine/base/abort.ts';
import { noProgress } from '../../../../../src/engine/base/progress.ts';
import { EngineError } from '../../../../../src/engine/base/errors.ts';
import { rebaseImage } from '../../../../../src/engine/operations/images/rebase-image.ts';
import {
  repairImage,
  undoImageRepair,
} from '../../../../../src/engine/operations/images/repair-image.ts';
import { rescueImage } from '../../../../../src/engine/operations/images/rescue-image.ts';
import {
  fakeWindow,
  settled,
  type ExtensionWindow,
} from '../../../../support/extension/extension-window.ts';
import { failure, type FakeEngine } from '../../../../support/extension/fake-engine.ts';
import { temporaryFolder } from '../../../../support/files/temporary-folder.ts';
import { damage, differencingDisk } from '../../../../support/page/sample-files.ts';
import { choose, giveUp, press } from '../../../../support/vscode/script.ts';
import { workbench } from '../../../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

interface Fixing extends ExtensionWindow {
  readonly engine: FakeEngine;
  readonly image: string;
  readonly folder: string;
}

const crossing = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw error instanceof EngineError ? failure(error.code, error.message) : error;
  });

/** A damaged layer over its parent, in a window whose engine repairs in this process. */
async function damagedIn(t: TestContext): Promise<Fixing> {
  const window = await fakeWindow(t);
  window.engine
    .on(requests.repairImage, (params) => crossing(repairImage(params, noProgress, never)))
    .on(requests.undoImageRepair, (params) => crossing(undoImageRepair(params, never)))
    .on(requests.rescueImage, (params) => crossing(rescueImage(params, noProgress, never)))
    .on(requests.rebaseImage, (params) => crossing(rebaseImage(params, noProgress, never)));
  const image = await differencingDisk(await temporaryFolder(t));
  await damage(image);
  return { ...window, image, folder: dirname(image) };
}

const opened = (): readonly string[] =>
  workbench.ran
    .filter(({ id }) => id === 'vscode.openWith')
    .map(({ args }) => (args[0] as vscode.Uri).fsPath);

test('a repair shows what it would do, makes a copy and opens it; the image does not change', async (t) => {
  const { run, image, folder, engine } = await damagedIn(t);
  const before = await readFile(image);
  const target = join(folder, 'fixed.avhdx');
  const uri = vscode.Uri.file(image);
  workbench.play(giveUp());
  await run('refpoint.repairImage', uri);
  const [question] = workbench.asked;
  assert.equal(question?.text, 'Repair web-01_8C1F.avhdx?');
  assert.deepEqual(question.buttons, ['Repair a Copy…', 'Repair in Place…']);
  assert.match(question.detail, /\(vhdx\.header\.checksum\)[^]*This stays:[^]*vhdx\.bat/);
  assert.deepEqual(await readFile(image), before);
  workbench.play(press('Repair a Copy…'), giveUp());
  await run('refpoint.repairImage', uri);
  assert.deepEqual((await readdir(folder)).sort(), ['base.vhdx', 'web-01_8C1F.avhdx']);
  workbench.play(press('Repair a Copy…'), choose(target), press('Compare with Original'));
  await run('refpoint.repairImage', uri);
  await settled();
  assert.deepEqual(await readFile(image), before);
  assert.deepEqual(opened(), [vscode.Uri.file(target).fsPath]);
  assert.match(
    workbench.said('info').at(-1) ?? '',
    /^fixed\.avhdx is repaired\. \d+ problems? (is|are) left\.$/,
  );
  assert.deepEqual(
    workbench.panels.map(({ title }) => title),
    ['web-01_8C1F.avhdx ↔ fixed.avhdx'],
  );
  const { would } = await repairImage(
    { path: target, to: null, inPlace: false, replace: false, confirmed: false },
    noProgress,
    never,
  );
  assert.deepEqual(would, []);
  assert.ok(engine.paramsOf(requests.repairImage).every(({ inPlace }) => !inPlace));
  workbench.assertDone();
});

test('in place a second question comes first; the old bytes are kept, and come back by a button', async (t) => {
  const { run, image, folder, engine } = await damagedIn(t);
  const before = await readFile(image);
  const uri = vscode.Uri.file(image);
  workbench.play(press('Repair in Place…'), giveUp());
  await run('refpoint.repairImage', uri);
  assert.deepEqual(await readFile(image), before);
  // On a slow computer, what the comparison of the test before says may come now.
  const asked = workbench.asked.findLast(({ buttons }) => buttons.includes('Repair in Place'));
  assert.match(asked?.detail ?? '', /old bytes are first written/);
  assert.equal(
    engine.paramsOf(requests.repairImage).some(({ confirmed }) => confirmed),
    false,
  );
  workbench.play(press('Repair in Place…'), press('Repair in Place'));
  await run('refpoint.repairImage', uri);
  assert.notDeepEqual(await readFile(image), before);
  const records = (await readdir(folder)).filter((name) => name.endsWith('.undo'));
  assert.equal(records.length, 1);
  assert.ok(
    workbench
      .said('info')
      .at(-1)
      ?.includes(records[0] ?? '?'),
  );
  const record = join(folder, records[0] ?? '');
  await undoImageRepair({ path: image, record }, never);
  workbench.play(press('Repair in Place…'), press('Repair in Place'), press('Undo Repair'));
  await run('refpoint.repairImage', uri);
  while (engine.count(requests.undoImageRepair) === 0) await settled();
  while (!/old bytes again/.test(workbench.said('info').at(-1) ?? '')) await settled();
  assert.deepEqual(await readFile(image), before);
  workbench.assertDone();
});

test('an image that needs no repair says so; in a window without trust nothing is asked', async (t) => {
  const { run, folder, engine } = await damagedIn(t);
  const base = vscode.Uri.file(join(folder, 'base.vhdx'));
  await run('refpoint.repairImage', base);
  assert.match(
    workbench.said('info')[0] ?? '',
    /^base\.vhdx: nothing can be repaired without a guess/,
  );
  workbench.isTrusted = false;
  const calls = engine.calls.length;
  for (const fix of ['repair', 'rescue', 'rebase']) await run(`refpoint.${fix}Image`, base);
  assert.equal(engine.calls.length, calls);
  assert.equal(workbench.said('warning').filter((text) => /Restricted Mode/.test(text)).length, 3);
  workbench.assertDone();
});

test('a rescue asks for a file, opens it and says what is lost; a store is no place for it', async (t) => {
  const { run, image, folder } = await damagedIn(t);
  const uri = vscode.Uri.file(image);
  workbench.play(giveUp());
  await run('refpoint.rescueImage', uri);
  assert.equal(workbench.asked[0]?.text, 'Copy of What Can Be Read of web-01_8C1F.avhdx');
  const target = join(folder, 'rescued.vhdx');
  workbench.play(choose(target));
  await run('refpoint.rescueImage', uri);
  assert.deepEqual(opened(), [vscode.Uri.file(target).fsPath]);
  assert.match(
    workbench.said('warning')[0] ?? '',
    /^rescued\.vhdx holds what could be read\. 1 range of 1 MiB is lost/,
  );
  // The copy stands alone.
  await rm(join(folder, 'base.vhdx'));
  const again = join(folder, 'again.vhdx');
  workbench.play(choose(again));
  await run('refpoint.rescueImage', vscode.Uri.file(target));
  assert.match(workbench.said('info').at(-1) ?? '', /^again\.vhdx holds the whole disk/);
  await copyFile(again, join(folder, 'refpoint-store.json'));
  workbench.play(choose(join(folder, 'third.vhdx')));
  await run('refpoint.rescueImage', uri);
  assert.match(workbench.said('error')[0] ?? '', /store/);
  assert.equal((await readdir(folder)).includes('third.vhdx'), false);
  workbench.assertDone();
});

test('a rebase asks for the parent, confirms what changes, and says how it was proven', async (t) => {
  const { run, folder, engine } = await damagedIn(t);
  await rm(folder, { recursive: true });
  const whole = await differencingDisk(await temporaryFolder(t));
  const moved = join(await temporaryFolder(t), 'moved.vhdx');
  await copyFile(join(dirname(whole), 'base.vhdx'), moved);
  const uri = vscode.Uri.file(whole);
  workbench.play(giveUp());
  await run('refpoint.rebaseImage', uri);
  workbench.play(choose(moved), giveUp());
  await run('refpoint.rebaseImage', uri);
  assert.equal(engine.count(requests.rebaseImage), 0);
  const question = workbench.asked.at(-1);
  assert.equal(question?.text, 'Change the parent of web-01_8C1F.avhdx?');
  assert.ok(question.detail.includes('moved.vhdx'));
  workbench.play(choose(moved), press('Change Parent'));
  await run('refpoint.rebaseImage', uri);
  assert.match(
    workbench.said('info').at(-1) ?? '',
    /names its parent again: the identity is the recorded one/,
  );
  // Another disk is refused, with the reason.
  workbench.play(choose(whole), press('Change Parent'));
  await run('refpoint.rebaseImage', uri);
  assert.equal(workbench.said('error').length, 1);
  workbench.assertDone();
});
