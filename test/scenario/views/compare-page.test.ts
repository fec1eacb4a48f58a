import assert from 'node:assert/strict';
import { copyFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import { checkAccessibility, rulesFor } from '../../support/page/accessibility.ts';
import { withPage, type Page } from '../../support/page/browser.ts';
import {
  compareAnswers,
  compareInit,
  type CompareAnswers,
} from '../../support/page/compare-answers.ts';
import { clickOn, press, pressAll, typeText } from '../../support/page/press.ts';
import { damage, differencingDisk } from '../../support/page/sample-files.ts';
import { CUT_OFF, SETTLED } from '../../support/page/scripts.ts';
import { shoot } from '../../support/page/shoot.ts';
import { THEMES, type ThemeKind } from '../../support/page/themes.ts';
import { serveView, type ServedView } from '../../support/page/view-page.ts';
import { peer } from '../../support/process/peers.ts';

const MIB = 2 ** 20;

/** Two images in the view. */
async function withImages(
  t: TestContext,
  [left, right]: readonly [string, string],
  size: { readonly width: number; readonly height: number },
  work: (page: Page, served: ServedView, engine: CompareAnswers) => Promise<void>,
): Promise<void> {
  const chromium = peer(t, 'chromium');
  if (chromium === undefined) return;
  const engine = compareAnswers(left, right);
  const served = await serveView('disk-compare', compareInit(left, right), engine.answer);
  try {
    await withPage(chromium, size, [], async (page) => {
      await page.goto(served.url('vscode-dark'));
      await page.evaluate(SETTLED);
      await work(page, served, engine);
      assert.deepEqual(page.complaints, []);
    });
  } finally {
    await served.close();
    await engine.forget();
  }
}

const text = (page: Page, selector: string): Promise<string> =>
  page.evaluate(`document.querySelector(${JSON.stringify(selector)}).textContent`);
const count = (page: Page, selector: string): Promise<number> =>
  page.evaluate(`document.querySelectorAll(${JSON.stringify(selector)}).length`);

/** A layer with its parent, and the parent alone. */
async function layerAndBase(t: TestContext): Promise<readonly [string, string]> {
  const folder = await temporaryFolder(t);
  return [await differencingDisk(folder), join(folder, 'base.vhdx')];
}

const WIDE = { width: 1280, height: 800 };

test('the first difference is shown, N and P go through all of them, and differing bytes stand out', async (t) => {
  await withImages(t, await layerAndBase(t), WIDE, async (page) => {
    assert.match(await text(page, '.result-line'), /^The disks differ in \d+ ranges, .* in all\.$/);
    assert.match(
      await text(page, '.where'),
      /^0x100000 \(1,048,576\): .* — difference 1 of 11, 2 MiB$/,
    );
    const perRow = `document.querySelector('.hex-grid').dataset.perRow`;
    assert.equal(await page.evaluate(perRow), '8');
    const ranges = await page.evaluate<number>(
      `Number(document.querySelector('[role=option]').getAttribute('aria-setsize'))`,
    );
    assert.ok(ranges >= 11, String(ranges));
    // Both sides show the same rows; “block 1” of the child, nothing of the parent.
    const shown = (side: number): Promise<string> =>
      page.evaluate(
        `[...document.querySelectorAll('.hex-grid')][${side}].querySelector('.first').textContent`,
      );
    assert.deepEqual([await shown(0), await shown(1)], ['62', '00']);
    assert.ok((await count(page, '.side:first-child .differs')) > 0);
    await page.evaluate(`document.querySelector('.hex-grid').focus()`);
    const where: string[] = [];
    for (let i = 1; i < ranges; i++) {
      await pressAll(page, 'n');
      where.push(/0x[0-9a-f]+/.exec(await text(page, '.where'))?.[0] ?? '');
    }
    assert.equal(new Set(where).size, ranges - 1);
    await pressAll(page, 'n');
    assert.equal(
      await text(page, '#root .body > .hidden[role=status]'),
      'There is no difference behind this one.',
    );
    await pressAll(page, 'p');
    assert.equal(/0x[0-9a-f]+/.exec(await text(page, '.where'))?.[0], where.at(-2));
    // A byte is named for both disks.
    await page.evaluate(`document.querySelector('#go-to').focus()`);
    await typeText(page, '0x100000');
    await press(page, 'Enter');
    await page.evaluate(SETTLED);
    assert.equal(
      await text(page, '.where'),
      '0x100000 (1,048,576): 62 on the left, 00 on the right — difference 1 of 11, 2 MiB',
    );
    // One grid scrolls the other.
    await page.evaluate(`document.querySelector('.hex-grid').scrollTop += 2000`);
    await page.evaluate(SETTLED);
    const firstRow = (side: number): Promise<string> =>
      page.evaluate(
        `[...document.querySelectorAll('.hex-grid')][${side}].querySelector('.track .offset').textContent`,
      );
    assert.equal(await firstRow(0), await firstRow(1));
    assert.notEqual(await firstRow(0), '00100000');
  });
});

test('equal images say so, and so do images of other sizes with equal contents', async (t) => {
  const folder = await temporaryFolder(t);
  await differencingDisk(folder);
  const base = join(folder, 'base.vhdx');
  const copy = join(folder, 'copy.vhdx');
  await copyFile(base, copy);
  await withImages(t, [base, copy], WIDE, async (page) => {
    assert.equal(await text(page, '.result-line'), 'The disks are equal.');
    assert.equal(await page.evaluate(`document.querySelector('.differences').hidden`), true);
    assert.equal(await page.evaluate(`document.querySelector('.step-bar button').disabled`), true);
    await shoot(page, 'disk-compare', 'equal');
  });
  const [small, large] = [join(folder, 'small.img'), join(folder, 'large.img')];
  for (const [path, size] of [
    [small, MIB],
    [large, 3 * MIB],
  ] as const) {
    await copyFile(base, path);
    await truncate(path, 0);
    await truncate(path, size);
  }
  await withImages(t, [small, large], WIDE, async (page) => {
    assert.match(await text(page, '.result-line'), /equal\. Only their sizes differ\.$/);
    assert.match(await text(page, '.limits'), /^The sizes differ/);
    await page.evaluate(`document.querySelector('.hex-grid').focus()`);
    await press(page, 'Control+End');
    await page.evaluate(SETTLED);
    assert.match(await text(page, '.where'), /: behind the end on the left, 00 on the right$/);
  });
});

test('lost parts count as zeros and are named; a closed image is opened again', async (t) => {
  const [layer, base] = await layerAndBase(t);
  const damaged = layer.replace('web-01', 'web-02');
  await copyFile(layer, damaged);
  await damage(damaged);
  await withImages(t, [damaged, layer], WIDE, async (page, _served, engine) => {
    assert.match(await text(page, '.limits'), /^1 MiB of web-02_8C1F\.avhdx cannot be read/);
    assert.match(
      await text(page, '.where'),
      /^0x1e00000 .*: lost on the left, 62 on the right — difference 1 of 1, 1 MiB$/,
    );
    assert.ok((await count(page, '.side:first-child .lost-row')) > 0);
    await engine.forget();
    await page.evaluate(`document.querySelector('#go-to').focus()`);
    await typeText(page, '700 MiB');
    await press(page, 'Enter');
    await page.evaluate(SETTLED);
    assert.equal(engine.asked.filter(({ method }) => method === 'open').length, 2);
    assert.match(await text(page, '.where'), /: 62 on the left, 62 on the right$/);
  });
  assert.ok(base.endsWith('base.vhdx'));
});

test('nothing is cut off at any width, and axe-core finds nothing in any theme', async (t) => {
  const images = await layerAndBase(t);
  for (const width of [300, 1500]) {
    await withImages(t, images, { width, height: 800 }, async (page, served) => {
      const perRow = `document.querySelector('.hex-grid').dataset.perRow`;
      assert.equal(await page.evaluate(perRow), width === 1500 ? '16' : '8', String(width));
      for (const theme of Object.keys(THEMES) as ThemeKind[]) {
        await page.goto(served.url(theme));
        await page.evaluate(SETTLED);
        assert.deepEqual(await page.evaluate(CUT_OFF), [], `${width} ${theme}`);
        await shoot(page, 'disk-compare', `${theme}-${width}`);
        if (width === 1500 || theme === 'vscode-dark') {
          const { violations } = await checkAccessibility(page, rulesFor(theme));
          assert.deepEqual(violations, [], `${width} ${theme}`);
        }
      }
      await clickOn(page, '.differences .row:nth-child(2)');
      await page.evaluate(SETTLED);
      assert.match(await text(page, '.where'), /^0x701000 .* — difference 2 of 11, 8 KiB$/);
    });
  }
});
