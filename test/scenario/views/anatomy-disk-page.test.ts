import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { test, type TestContext } from 'node:test';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import { checkAccessibility, rulesFor } from '../../support/page/accessibility.ts';
import { anatomyAnswers, anatomyInit } from '../../support/page/anatomy-answers.ts';
import { withPage, type Page } from '../../support/page/browser.ts';
import { clickOn, press, pressAll, typeText } from '../../support/page/press.ts';
import { damage, differencingDisk } from '../../support/page/sample-files.ts';
import { CUT_OFF, SETTLED } from '../../support/page/scripts.ts';
import { shoot } from '../../support/page/shoot.ts';
import { THEMES, type ThemeKind } from '../../support/page/themes.ts';
import { serveView, type ServedView } from '../../support/page/view-page.ts';
import { peer } from '../../support/process/peers.ts';

const SURVEYED = `(async () => {
  while (document.querySelector('#panel-sectors .empty').hidden === false && window.pending > 0) {
    await new Promise((done) => requestAnimationFrame(done));
  }
  await ${SETTLED};
})()`;

/** The damaged layer over its parent, in the view. */
async function withDamaged(
  t: TestContext,
  size: { readonly width: number; readonly height: number },
  work: (page: Page, served: ServedView) => Promise<void>,
): Promise<void> {
  const chromium = peer(t, 'chromium');
  if (chromium === undefined) return;
  const path = await differencingDisk(await temporaryFolder(t));
  await damage(path);
  const engine = anatomyAnswers(path);
  const served = await serveView('disk-anatomy', anatomyInit(path), engine.answer);
  try {
    await withPage(chromium, size, [], async (page) => {
      await page.goto(served.url('vscode-dark'));
      await page.evaluate(SURVEYED);
      await work(page, served);
      assert.deepEqual(page.complaints, []);
    });
  } finally {
    await served.close();
    await engine.close();
  }
  assert.ok(basename(path).endsWith('.avhdx'));
}

const text = (page: Page, selector: string): Promise<string> =>
  page.evaluate(`document.querySelector(${JSON.stringify(selector)}).textContent`);

test('damage is a banner with the lost ranges, which lead to the lost sectors', async (t) => {
  await withDamaged(t, { width: 1280, height: 800 }, async (page, served) => {
    assert.match(await text(page, '.banner'), /damaged: 1 MiB of its 1 GiB cannot be read/);
    assert.match(await text(page, '.lost'), /^1 MiB at 0x1e00000$/);
    await clickOn(page, '.lost button');
    await page.evaluate(SETTLED);
    assert.match(await text(page, '#panel-sectors .where'), /^1 MiB, Sector 61,440: 0x1e00000/);
    assert.match(await text(page, '#panel-sectors .origin'), /^Lost: vhdx\.bat\./);
    await shoot(page, 'disk-anatomy', 'banner');
    for (const theme of Object.keys(THEMES) as ThemeKind[]) {
      await page.goto(served.url(theme));
      await page.evaluate(SURVEYED);
      await clickOn(page, '#tab-sectors');
      await page.evaluate(SETTLED);
      await shoot(page, 'disk-anatomy', `${theme}-sectors`);
      assert.deepEqual((await checkAccessibility(page, rulesFor(theme))).violations, [], theme);
    }
  });
});

test('sectors are found by number and by text, and say which layer they come from', async (t) => {
  await withDamaged(t, { width: 1280, height: 800 }, async (page) => {
    await clickOn(page, '#tab-sectors');
    await page.evaluate(SETTLED);
    const goTo = async (place: string): Promise<readonly [string, string]> => {
      await page.evaluate(`document.querySelector('#go-to-sector').focus()`);
      await page.evaluate(`document.querySelector('#go-to-sector').select()`);
      await typeText(page, place);
      await press(page, 'Enter');
      await page.evaluate(SETTLED);
      return [
        await text(page, '#panel-sectors .where'),
        await text(page, '#panel-sectors .origin'),
      ];
    };
    const [where, origin] = await goTo('sector 2048');
    assert.match(where, /^Sector 2,048: 0x100000 \(1,048,576\)$/);
    assert.match(origin, /^From web-01_8C1F\.avhdx at 0x[0-9a-f]+\.$/);
    assert.match((await goTo('6 MiB'))[1], /^From base\.vhdx at 0x[0-9a-f]+\.$/);
    assert.match((await goTo('12 MiB'))[1], /^Marked as zeros in web-01_8C1F\.avhdx\.$/);
    assert.match((await goTo('200 MiB'))[1], /^In no layer: reads as zeros\.$/);
    // The keyboard alone: from the bytes to the search, and back to what was found.
    await page.evaluate(`document.querySelector('#panel-sectors .hex-grid').focus()`);
    await pressAll(page, 'Control+f');
    assert.equal(await page.evaluate(`document.activeElement.id`), 'search-disk');
    await page.evaluate(`(() => {
      const mode = document.querySelector('#panel-sectors select');
      mode.value = 'text';
      mode.dispatchEvent(new Event('input', { bubbles: true }));
    })()`);
    await typeText(page, 'block 700');
    await press(page, 'Enter');
    await page.evaluate(SETTLED);
    assert.match(await text(page, '#search-disk-result'), /^Found at 0x2bc00000\./);
    assert.match(await text(page, '#panel-sectors .where'), /^9 B, Sector 1,433,600:/);
  });
});

test('the file is searched for bytes from the cursor on; what is no byte is said', async (t) => {
  await withDamaged(t, { width: 1280, height: 800 }, async (page) => {
    const search = async (what: string): Promise<string> => {
      await page.evaluate(`document.querySelector('#search-file').focus()`);
      await page.evaluate(`document.querySelector('#search-file').select()`);
      await typeText(page, what);
      await press(page, 'Enter');
      await page.evaluate(SETTLED);
      return text(page, '#search-file-result');
    };
    // “head”, of the headers.
    assert.equal(await search('68 65 61 64'), 'Found at 0x10000.');
    assert.match(await text(page, '#panel-bytes .where'), /^4 B selected at 0x10000 /);
    assert.equal(await search('68 65 61 64'), 'Found at 0x20000.');
    assert.match(await search('68 65 61 64'), /^Not found from 0x20001 to the end\./);
    assert.equal(await search('68 65 61 64'), 'Found at 0x10000.');
    assert.match(await search('xyz'), /^Enter bytes as pairs/);
    assert.match(await search(''), /^Enter what to search for|^Enter bytes/);
  });
});

test('at 300 pixels rows hold 8 bytes, and nothing is cut off', async (t) => {
  await withDamaged(t, { width: 300, height: 700 }, async (page) => {
    for (const side of ['bytes', 'sectors']) {
      await clickOn(page, `#tab-${side}`);
      await page.evaluate(SETTLED);
      const selector = `#panel-${side} .hex-grid`;
      await page.evaluate(`document.querySelector('${selector}').scrollIntoView()`);
      await page.evaluate(SETTLED);
      const perRow = `document.querySelector('${selector}').dataset.perRow`;
      assert.equal(await page.evaluate(perRow), '8', side);
      assert.deepEqual(await page.evaluate(CUT_OFF), [], side);
      const beyond = 'document.scrollingElement.scrollHeight - innerHeight';
      assert.equal(await page.evaluate(beyond), 0, 'one scroll bar, not two');
      await shoot(page, 'disk-anatomy', `300-${side}`);
    }
    // Names of parts and places of findings are read without a wider view.
    await page.evaluate(`document.querySelector('#tab-parts').click()`);
    await page.evaluate(SETTLED);
    const name = `document.querySelector('.part-row[role=option] > span').clientWidth`;
    assert.ok(Number(await page.evaluate(name)) >= 80, 'the name of a part has room');
    await shoot(page, 'disk-anatomy', '300-parts');
    await page.evaluate(`document.querySelector('#tab-findings').click()`);
    await page.evaluate(SETTLED);
    const top = (of: string): string =>
      `document.querySelector('.finding ${of}').getBoundingClientRect().top`;
    const apart = await page.evaluate(`Math.abs(${top('.place')} - ${top('.muted')})`);
    assert.ok(Number(apart) < 8, 'the place stands beside the code');
    await shoot(page, 'disk-anatomy', '300-findings');
  });
});
