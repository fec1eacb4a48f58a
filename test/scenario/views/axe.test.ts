import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterwards } from '../../support/checks/afterwards.ts';
import { ALL_CASES } from '../../support/process/all-cases.ts';
import { peer } from '../../support/process/peers.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import {
  checkAccessibility,
  isWhole,
  rulesFor,
  type AxeRules,
} from '../../support/page/accessibility.ts';
import { anatomyAnswers, anatomyInit } from '../../support/page/anatomy-answers.ts';
import { withPage, type Page } from '../../support/page/browser.ts';
import { damage, differencingDisk, oddFiles } from '../../support/page/sample-files.ts';
import { answers, chainContents, INIT } from '../../support/page/sample-map.ts';
import { CUT_OFF, SETTLED } from '../../support/page/scripts.ts';
import { THEMES, type ThemeKind } from '../../support/page/themes.ts';
import { serveView } from '../../support/page/view-page.ts';

const SIZES = [
  { width: 1280, height: 800 },
  { width: 300, height: 900 },
];

const sizesFor = (theme: ThemeKind): typeof SIZES => (isWhole(theme) ? SIZES : SIZES.slice(0, 1));

async function assertAccessible(
  page: Page,
  rules: AxeRules,
  what: string,
  least = rules === 'all' ? 25 : 1,
): Promise<void> {
  const { passes, violations } = await checkAccessibility(page, rules);
  // In a page that is not there fewer rules find anything to look at.
  assert.ok(passes >= least, `${what}: only ${passes} rules were tried`);
  assert.deepEqual(violations, [], what);
}

for (const theme of Object.keys(THEMES) as ThemeKind[]) {
  test(`axe-core finds nothing in the disk anatomy in ${theme}`, async (t) => {
    const chromium = peer(t, 'chromium');
    if (chromium === undefined) return;
    const path = await differencingDisk(await temporaryFolder(t));
    await damage(path);
    const { answer, close } = anatomyAnswers(path);
    const served = await serveView('disk-anatomy', anatomyInit(path), answer);
    afterwards(t, () => Promise.all([served.close(), close()]));
    for (const size of sizesFor(theme)) {
      await withPage(chromium, size, [], async (page) => {
        await page.goto(served.url(theme));
        for (const tab of ['structure', 'parts', 'blocks', 'parents', 'findings']) {
          await page.evaluate(SETTLED);
          await page.evaluate(`document.getElementById('tab-${tab}').click()`);
          await page.evaluate(SETTLED);
          await assertAccessible(page, rulesFor(theme), `${tab} at ${size.width}`);
        }
        await page.evaluate(`document.getElementById('tab-sectors').click()`);
        await page.evaluate(SETTLED);
        await assertAccessible(page, rulesFor(theme), `sectors at ${size.width}`);
        await page.evaluate(`document.getElementById('tab-bytes').click()`);
        // What is wrong with an offset is told in place.
        await page.evaluate(`document.querySelector('#go-to').value = 'x'`);
        await page.evaluate(`document.querySelector('.go-to [type=submit]').click()`);
        await assertAccessible(page, rulesFor(theme), 'a wrong offset');
      });
    }
  });

  test(`axe-core finds nothing in the change map in ${theme}`, async (t) => {
    const chromium = peer(t, 'chromium');
    if (chromium === undefined) return;
    const served = await serveView('change-map', INIT, answers(chainContents).answer);
    afterwards(t, () => served.close());
    for (const size of sizesFor(theme)) {
      await withPage(chromium, size, [], async (page) => {
        await page.goto(served.url(theme, 'canvas2d'));
        for (const shown of ['Map', 'Table']) {
          await page.evaluate(SETTLED);
          await page.evaluate(
            `[...document.querySelectorAll('button')].find((b) => b.textContent === '${shown}').click()`,
          );
          await page.evaluate(SETTLED);
          await assertAccessible(page, rulesFor(theme), `${shown} at ${size.width}`);
        }
      });
    }
  });
}

test('axe-core finds nothing where a file or a map cannot be shown', async (t) => {
  const chromium = peer(t, 'chromium');
  if (chromium === undefined) return;
  for (const theme of Object.keys(THEMES) as ThemeKind[]) {
    const { answer } = anatomyAnswers('/nowhere/disk.vhdx');
    const gone = (): never => {
      throw new Error('The engine is not running');
    };
    const served = [
      await serveView('disk-anatomy', anatomyInit('/nowhere/disk.vhdx'), answer),
      await serveView('change-map', INIT, answers(gone).answer),
    ];
    afterwards(t, () => Promise.all(served.map((view) => view.close())));
    await withPage(chromium, { width: 800, height: 600 }, [], async (page) => {
      for (const view of served) {
        await page.goto(view.url(theme));
        await page.evaluate(SCREEN_SHOWN);
        await assertAccessible(page, rulesFor(theme), theme, isWhole(theme) ? 15 : 1);
      }
    });
  }
});

test('odd files are as usable, at any width', async (t) => {
  const chromium = peer(t, 'chromium');
  if (chromium === undefined) return;
  const files = await oddFiles(await temporaryFolder(t));
  for (const [i, path] of files.entries()) {
    const { answer, close } = anatomyAnswers(path);
    const served = await serveView('disk-anatomy', anatomyInit(path), answer);
    afterwards(t, () => Promise.all([served.close(), close()]));
    for (const [k, size] of SIZES.entries()) {
      await withPage(chromium, size, [], async (page) => {
        await page.goto(served.url('vscode-light'));
        await page.evaluate(SETTLED);
        for (const tab of ['structure', 'parts', 'parents', 'findings']) {
          await page.evaluate(`document.getElementById('tab-${tab}').click()`);
          await page.evaluate(SETTLED);
          // Each file in one width, each width with two files.
          if (ALL_CASES || i % SIZES.length === k) {
            await assertAccessible(page, 'all', `${path}: ${tab} at ${size.width}`);
          }
          assert.deepEqual(await page.evaluate(CUT_OFF), [], `${path}: ${tab} at ${size.width}`);
        }
        assert.deepEqual(page.complaints, []);
      });
    }
  }
});

/** Until a sentence with something to do stands in place of the view. */
const SCREEN_SHOWN = `(async () => {
  while (document.querySelector('.screen button') === null) {
    await new Promise((done) => requestAnimationFrame(done));
  }
})()`;
