import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterwards } from '../../support/checks/afterwards.ts';
import { peer } from '../../support/process/peers.ts';
import { checkAccessibility, isWhole, rulesFor } from '../../support/page/accessibility.ts';
import { withPage } from '../../support/page/browser.ts';
import {
  REPORT_INIT,
  reportAnswers,
  sampleReport,
  sampleRights,
} from '../../support/page/sample-report.ts';
import { sampleShadows } from '../../support/extension/sample-shadows.ts';
import { press as pressKey } from '../../support/page/press.ts';
import { CUT_OFF, SETTLED } from '../../support/page/scripts.ts';
import { shoot } from '../../support/page/shoot.ts';
import { THEMES, type ThemeKind } from '../../support/page/themes.ts';
import { serveView } from '../../support/page/view-page.ts';

const WIDTHS = [300, 1280];

const PAGES = { report: sampleReport, rights: sampleRights, shadows: sampleShadows } as const;

for (const theme of Object.keys(THEMES) as ThemeKind[]) {
  for (const [kind, make] of Object.entries(PAGES)) {
    test(`a page of ${kind} reads well at 300 pixels and wide in ${theme}`, async (t) => {
      const chromium = peer(t, 'chromium');
      if (chromium === undefined) return;
      const served = await serveView(
        'report-page',
        REPORT_INIT,
        reportAnswers('web01', make).answer,
      );
      afterwards(t, () => served.close());
      for (const width of WIDTHS) {
        await withPage(chromium, { width, height: 900 }, [], async (page) => {
          await page.goto(served.url(theme));
          await page.evaluate(SETTLED);
          await shoot(page, 'report-page', `${kind}-${theme}-${width}`);
          assert.deepEqual(await page.evaluate(CUT_OFF), []);
          assert.equal(
            await page.evaluate('document.documentElement.scrollWidth > window.innerWidth'),
            false,
            `nothing is wider than ${width} pixels`,
          );
          if (!isWhole(theme) && width === WIDTHS[0]) return;
          const { passes, violations } = await checkAccessibility(page, rulesFor(theme));
          assert.ok(passes >= (isWhole(theme) ? 12 : 1), `only ${passes} rules were tried`);
          assert.deepEqual(violations, []);
        });
      }
    });
  }
}

test('commands are shown whole, copied by keyboard, and the page says so', async (t) => {
  const chromium = peer(t, 'chromium');
  if (chromium === undefined) return;
  const { answer, followed } = reportAnswers("CORP\\o''neil <b>\u202E", sampleRights);
  const served = await serveView('report-page', REPORT_INIT, answer);
  afterwards(t, () => served.close());
  await withPage(chromium, { width: 800, height: 900 }, [], async (page) => {
    await page.goto(served.url('vscode-dark'));
    await page.evaluate(SETTLED);
    const shown = `[...document.querySelectorAll('pre')].map((each) => each.textContent)`;
    const [first = '', second = ''] = await page.evaluate<string[]>(shown);
    assert.equal(
      first,
      "Add-LocalGroupMember -SID S-1-5-32-578 -Member 'CORP\\o''neil <b>\\u{202e}'",
    );
    assert.equal(second.split('\n').length, 30);
    await page.evaluate(`document.querySelectorAll('figure.command button')[1].focus()`);
    await pressKey(page, 'Enter');
    await page.evaluate(SETTLED);
    assert.deepEqual(followed, [4]);
    const said = `[...document.querySelectorAll('.copied')].map((each) => each.textContent)`;
    assert.deepEqual(await page.evaluate(said), ['', 'Copied']);
    await page.evaluate(`document.querySelectorAll('pre')[1].focus()`);
    const scrolls = `(() => { const p = document.activeElement; return p.tagName === 'PRE' && p.scrollHeight > p.clientHeight; })()`;
    assert.equal(await page.evaluate(scrolls), true, 'the long one has the focus and can scroll');
  });
});

test('names in a page are text; only its own links do anything, each what it says', async (t) => {
  const chromium = peer(t, 'chromium');
  if (chromium === undefined) return;
  const evil = '<img src=x onerror="window.evil=1"> [a](command:refpoint.stopLab) \u202E`b`';
  const { answer, followed } = reportAnswers(evil);
  const served = await serveView('report-page', REPORT_INIT, answer);
  afterwards(t, () => served.close());
  await withPage(chromium, { width: 800, height: 900 }, [], async (page) => {
    await page.goto(served.url('vscode-dark'));
    await page.evaluate(SETTLED);
    const found = await page.evaluate(`({
      evil: window.evil ?? 0,
      tags: document.querySelectorAll('#root img, #root a, #root script').length,
      title: document.querySelector('h1').textContent,
    })`);
    const { evil: ran, tags, title } = found as { evil: number; tags: number; title: string };
    assert.deepEqual([ran, tags], [0, 0]);
    assert.match(title, /<img src=x .*\\u\{202e\}/);
    const press = (text: string): string =>
      `[...document.querySelectorAll('button')].find((b) => b.textContent === '${text}').click()`;
    for (const text of ['Show Report', 'Open Change Map', 'Restore…']) {
      await page.evaluate(press(text));
      await page.evaluate(SETTLED);
    }
    assert.deepEqual(followed, [3, 4, 0]);
  });
});
