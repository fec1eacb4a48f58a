import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { MapContents } from '../../../src/engine/operations/change-map/map-contents.ts';
import { peer } from '../../support/process/peers.ts';
import { withPage, type Page } from '../../support/page/browser.ts';
import { serveView, type ServedView } from '../../support/page/view-page.ts';
import { answers, chainContents, INIT, queryContents } from '../../support/page/sample-map.ts';
import { FLY, key, REOPEN, SETTLED } from '../../support/page/scripts.ts';
import { shoot } from '../../support/page/shoot.ts';
import { THEMES, type ThemeKind } from '../../support/page/themes.ts';

const SIZE = { width: 1280, height: 800 };
/** There is no graphics card where tests run. */
const SOFTWARE_GL = ['--enable-unsafe-swiftshader'];

interface Shown {
  readonly page: Page;
  readonly served: ServedView;
  readonly asked: string[];
}

async function withMap(
  t: TestContext,
  contents: () => MapContents,
  theme: ThemeKind,
  renderer: 'webgl2' | 'canvas2d',
  work: (shown: Shown) => Promise<void>,
): Promise<void> {
  const chromium = peer(t, 'chromium');
  if (chromium === undefined) return;
  const { answer, asked } = answers(contents);
  const served = await serveView('change-map', INIT, answer);
  try {
    await withPage(chromium, SIZE, SOFTWARE_GL, async (page) => {
      await page.goto(served.url(theme, renderer));
      await page.evaluate(SETTLED);
      await work({ page, served, asked });
      assert.deepEqual(page.complaints, []);
    });
  } finally {
    await served.close();
  }
}

const text = (page: Page, selector: string): Promise<string> =>
  page.evaluate(`document.querySelector('${selector}').textContent`);

/** What an expression gives, once it is accepted; what it is after 20 s otherwise. */
const once = (page: Page, expression: string, accepted: string): Promise<string> =>
  page.evaluate(`(async () => {
    const found = () => ${expression};
    for (const end = Date.now() + 20_000; !(${accepted})(found()) && Date.now() < end; )
      await new Promise((done) => requestAnimationFrame(done));
    return found();
  })()`);
const textOnce = (page: Page, selector: string, wanted: RegExp): Promise<string> =>
  once(
    page,
    `document.querySelector('${selector}')?.textContent ?? ''`,
    `(text) => ${wanted}.test(text)`,
  );

for (const theme of Object.keys(THEMES) as ThemeKind[]) {
  for (const renderer of ['webgl2', 'canvas2d'] as const) {
    test(`the map is drawn in ${theme} by ${renderer}`, async (t) => {
      await withMap(t, chainContents, theme, renderer, async ({ page }) => {
        const name = await page.evaluate<string>(
          `document.getElementById('root').dataset.rendererName`,
        );
        assert.match(name, renderer === 'webgl2' ? /^WebGL2/ : /^Canvas/);
        const colours = await page.evaluate<number>(`(async () => {
          document.querySelector('.map').dispatchEvent(new Event('redraw'));
          await new Promise((done) => requestAnimationFrame(done));
          const copy = document.createElement('canvas');
          const cells = document.querySelector('.map .layer');
          copy.width = cells.width; copy.height = cells.height;
          const context = copy.getContext('2d');
          context.drawImage(cells, 0, 0);
          const { data } = context.getImageData(0, 0, copy.width, copy.height);
          return new Set(new Uint32Array(data.buffer)).size;
        })()`);
        assert.ok(colours >= 4, `${colours} colours were drawn`);
        await page.evaluate(`document.querySelector('.map').focus()`);
        for (let i = 0; i < 6; i++) await page.evaluate(key('ArrowDown'));
        await page.evaluate(key('Enter'));
        await new Promise((done) => setTimeout(done, 700));
        await shoot(page, 'change-map', `${theme}-${renderer}`);
      });
    });
  }
}

test('keys alone reach, zoom, select, copy, and the table', async (t) => {
  await withMap(t, chainContents, 'vscode-dark', 'webgl2', async ({ page, asked }) => {
    await page.evaluate(`document.querySelector('.map').focus()`);
    for (let i = 0; i < 12; i++) await page.evaluate(key('+'));
    await page.evaluate(key('PageDown'));
    await page.evaluate(key('ArrowRight', 'shiftKey: true'));
    await page.evaluate(key('ArrowRight', 'shiftKey: true'));
    await page.evaluate(SETTLED);
    assert.match(await textOnce(page, '.status', /Selected:/), /Selected:/);
    await page.evaluate(key('c', 'ctrlKey: true'));
    await page.evaluate(SETTLED);
    assert.ok(asked.includes('copy'));
    assert.match(await text(page, '.status'), /^Copied \d+-\d+$/);
    await shoot(page, 'change-map', 'zoomed-in');

    await page.evaluate(
      `[...document.querySelectorAll('button')].find((b) => b.textContent === 'Table').click()`,
    );
    await page.evaluate(SETTLED);
    await page.evaluate(`document.querySelector('[role=grid]').focus()`);
    await page.evaluate(key('End'));
    await page.evaluate(SETTLED);
    const last = await page.evaluate<string>(
      `(() => { const grid = document.querySelector('[role=grid]'); return grid.getAttribute('aria-rowcount') + ' ' + document.getElementById(grid.getAttribute('aria-activedescendant')).getAttribute('aria-rowindex'); })()`,
    );
    const [rowCount, active] = last.split(' ');
    assert.equal(active, rowCount);
    await shoot(page, 'change-map', 'table');
    await page.evaluate(key('Enter'));
    await page.evaluate(SETTLED);
    assert.equal(await page.evaluate(`document.activeElement.className`), 'map');
  });
});

const clickButton = (label: string): string =>
  `[...document.querySelectorAll('button')].find((b) => (b.ariaLabel ?? b.textContent) === '${label}').click()`;

test('the heading names the point that is shown, and there is no second name for the last one', async (t) => {
  await withMap(t, chainContents, 'vscode-dark', 'canvas2d', async ({ page }) => {
    assert.match(await text(page, 'header h1'), /system\.vhdx · Nov 25,( 2026,)? .*incremental/);
    await page.evaluate(`(() => {
      const slider = document.querySelector('.scrubber input');
      slider.value = 0;
      slider.dispatchEvent(new Event('input'));
    })()`);
    await page.evaluate(SETTLED);
    assert.match(await text(page, 'header h1'), /system\.vhdx · Nov 20,( 2026,)? .*full/);
    assert.equal(
      await page.evaluate(`document.querySelector('header h1').title`),
      '20261120T220000Z-full',
    );
    assert.doesNotMatch(await text(page, '#root'), /Whole Chain/);
  });
});

test('N and P go from change to change, and say where there is none', async (t) => {
  await withMap(t, chainContents, 'vscode-dark', 'canvas2d', async ({ page }) => {
    const selected = (): Promise<{ start: number } | null> =>
      page.evaluate(`JSON.parse(sessionStorage.getItem('state') ?? '{}').selection ?? null`);
    const press = async (name: string): Promise<number> => {
      const before = (await selected())?.start;
      await page.evaluate(key(name));
      // The state is kept a moment later; a press that finds nothing keeps the selection.
      for (let tries = 0; tries < 20 && (await selected())?.start === before; tries++) {
        await new Promise((done) => setTimeout(done, 50));
      }
      return (await selected())?.start ?? -1;
    };
    await page.evaluate(`document.querySelector('.map').focus()`);
    const first = await press('n');
    const second = await press('n');
    assert.ok(first >= 2 ** 20 && second > first, `${first}, ${second}`);
    assert.equal(await press('p'), first);
    assert.equal(await press('p'), first);
    const nothing = /no earlier change/;
    assert.match(await textOnce(page, '.status', nothing), nothing);
    await page.evaluate(clickButton('Next Change'));
    for (let tries = 0; tries < 40 && (await selected())?.start !== second; tries++) {
      await new Promise((done) => setTimeout(done, 50));
    }
    assert.equal((await selected())?.start, second);
  });
});

test('the table shows changes only, sorted, on asking', async (t) => {
  await withMap(t, chainContents, 'vscode-dark', 'canvas2d', async ({ page }) => {
    await page.evaluate(clickButton('Table'));
    await page.evaluate(SETTLED);
    const all = await page.evaluate<string>(
      `document.querySelector('[role=grid]').getAttribute('aria-rowcount')`,
    );
    await page.evaluate(`document.getElementById('changed-only').click()`);
    await page.evaluate(SETTLED);
    const rows = (): Promise<{ count: string; states: string[]; lengths: number[] }> =>
      page.evaluate(`({
        count: document.querySelector('[role=grid]').getAttribute('aria-rowcount'),
        states: [...document.querySelectorAll('.track .row > :nth-child(3)')].map((e) => e.textContent),
        lengths: [...document.querySelectorAll('.track .row > :nth-child(2)')]
          .map((e) => Number(e.textContent.replace(/ .*/, '').replaceAll(',', ''))),
      })`);
    const changed = await rows();
    assert.ok(Number(changed.count) < Number(all) && Number(changed.count) > 10);
    assert.deepEqual([...new Set(changed.states)], ['Changed']);
    await page.evaluate(`document.querySelectorAll('[role=columnheader]')[1].click()`);
    await page.evaluate(SETTLED);
    await page.evaluate(clickButton('Ascending'));
    await page.evaluate(SETTLED);
    const { lengths, count } = await rows();
    assert.equal(count, changed.count);
    assert.deepEqual(
      lengths,
      lengths.toSorted((a, b) => b - a),
    );
    const sorts = await page.evaluate(
      `[...document.querySelectorAll('[role=columnheader]')].map((head) => head.ariaSort)`,
    );
    assert.deepEqual(sorts, ['none', 'descending', 'none', 'none', 'none']);
    await shoot(page, 'change-map', 'table-sorted');
  });
});

test('the keys are listed on asking, and every button has a name', async (t) => {
  await withMap(t, chainContents, 'vscode-dark', 'canvas2d', async ({ page }) => {
    await page.evaluate(`document.querySelector('.map').focus()`);
    await page.evaluate(key('?'));
    await page.evaluate(SETTLED);
    assert.match(await text(page, '.keys'), /Go to the next or the previous change/);
    await shoot(page, 'change-map', 'keys');
    await page.evaluate(
      `document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))`,
    );
    await page.evaluate(SETTLED);
    assert.equal(await page.evaluate(`document.querySelector('.keys').hidden`), true);
    assert.equal(await page.evaluate(`document.activeElement.className`), 'map');
    const nameless = await page.evaluate(
      `[...document.querySelectorAll('.toolbar button')].filter((b) => !/\\w{2}/.test(b.ariaLabel ?? b.textContent)).length`,
    );
    assert.equal(nameless, 0);
  });
});

test('at 300 pixels nothing lies beyond the edge; the table scrolls in its own box', async (t) => {
  const chromium = peer(t, 'chromium');
  if (chromium === undefined) return;
  const served = await serveView('change-map', INIT, answers(chainContents).answer);
  try {
    await withPage(chromium, { width: 300, height: 900 }, [], async (page) => {
      await page.goto(served.url('vscode-light', 'canvas2d'));
      await page.evaluate(SETTLED);
      for (const shown of ['Map', 'Table']) {
        await page.evaluate(clickButton(shown));
        await page.evaluate(SETTLED);
        const width = await page.evaluate<number>('document.documentElement.scrollWidth');
        assert.ok(width <= 300, `${shown}: ${width} pixels`);
        await shoot(page, 'change-map', `narrow-${shown.toLowerCase()}`);
      }
    });
  } finally {
    await served.close();
  }
});

test('hovering tells the range, its size, its partition and its point', async (t) => {
  await withMap(t, chainContents, 'vscode-dark', 'webgl2', async ({ page }) => {
    await page.evaluate(`(() => {
      const map = document.querySelector('.map');
      const box = map.getBoundingClientRect();
      map.dispatchEvent(new PointerEvent('pointermove', { clientX: box.left + 500, clientY: box.top + 60 }));
    })()`);
    const words = /iB at .*Partition 2: Windows, Basic data/;
    assert.match(await textOnce(page, '.tooltip', words), words);
    await shoot(page, 'change-map', 'hover');
  });
});

test('a map that cannot be loaded says so and can be tried again', async (t) => {
  let broken = true;
  const contents = (): MapContents => {
    if (broken) throw new Error('The engine is not running');
    return chainContents();
  };
  const chromium = peer(t, 'chromium');
  if (chromium === undefined) return;
  const served = await serveView('change-map', INIT, answers(contents).answer);
  try {
    await withPage(chromium, SIZE, SOFTWARE_GL, async (page) => {
      await page.goto(served.url('vscode-dark'));
      assert.match(await textOnce(page, '.screen', /not running/), /cannot be shown.*not running/);
      await shoot(page, 'change-map', 'failed');
      broken = false;
      await page.evaluate(`document.querySelector('.screen button').click()`);
      assert.match(await textOnce(page, 'h1:not(.hidden)', /web-01/), /web-01/);
    });
  } finally {
    await served.close();
  }
});

test('an engine that dies while one looks is said, and the map comes back on asking', async (t) => {
  const chromium = peer(t, 'chromium');
  if (chromium === undefined) return;
  const { answer } = answers(chainContents);
  let dead = false;
  const served = await serveView('change-map', INIT, async (method, params, signal) => {
    if (dead) throw new Error('The engine has ended');
    return answer(method, params, signal);
  });
  try {
    await withPage(chromium, SIZE, SOFTWARE_GL, async (page) => {
      await page.goto(served.url('vscode-dark'));
      await page.evaluate(SETTLED);
      dead = true;
      await page.evaluate(`document.querySelector('.map').focus()`);
      for (let i = 0; i < 8; i++) await page.evaluate(key('+'));
      await page.evaluate(SETTLED);
      const notice = `document.querySelector('.notice')`;
      const said = /could not be loaded: The engine has ended/;
      assert.match(await textOnce(page, '.notice', said), said);
      await shoot(page, 'change-map', 'engine-gone');
      dead = false;
      await page.evaluate(`${notice}.querySelector('button').click()`);
      await page.evaluate(SETTLED);
      assert.equal(await page.evaluate(`${notice}.hidden`), true);
      assert.match(await text(page, '.scale'), /[MK]iB per row/, 'it comes back where it was');
    });
  } finally {
    await served.close();
  }
});

test('a reloaded page shows the same place', async (t) => {
  await withMap(t, chainContents, 'vscode-dark', 'canvas2d', async ({ page, served }) => {
    await page.evaluate(`document.querySelector('.map').focus()`);
    for (let i = 0; i < 8; i++) await page.evaluate(key('+'));
    await page.evaluate(key('PageDown'));
    await page.evaluate(key('Enter'));
    const seen = `document.querySelector('.scale')?.textContent + sessionStorage.getItem('state')`;
    await once(page, seen, `(text) => /"selection":\\{"start"/.test(text)`);
    // The camera glides to its place; the state is kept a moment later.
    await new Promise((done) => setTimeout(done, 900));
    const before = await page.evaluate<string>(seen);
    assert.match(before, /"selection":\{"start":\d+/);
    await page.goto(served.url('vscode-dark', 'canvas2d'));
    await page.evaluate(SETTLED);
    assert.equal(await once(page, seen, `(text) => text === ${JSON.stringify(before)}`), before);
  });
});

for (const renderer of ['webgl2', 'canvas2d'] as const) {
  test(`millions of ranges are drawn and flown over by ${renderer} (printed)`, async (t) => {
    for (const count of [1_000_000, 10_000_000]) {
      await withMap(t, queryContents(count), 'vscode-dark', renderer, async ({ page, served }) => {
        const opened = await page.evaluate<number>(REOPEN);
        const intervals = (await page.evaluate<number[]>(FLY)).sort((a, b) => a - b);
        const name = await page.evaluate<string>(
          `document.getElementById('root').dataset.rendererName`,
        );
        const at = (share: number): string =>
          (intervals[Math.floor((intervals.length - 1) * share)] ?? 0).toFixed(1);
        t.diagnostic(
          `${name}: ${count} ranges drawn in ${Math.round(opened)} ms; ` +
            `${intervals.length} frames of pan and zoom: median ${at(0.5)}, p95 ${at(0.95)}, longest ${at(1)} ms; ` +
            `bundle ${Math.round(served.bundleBytes.js / 1000)} + ${Math.round(served.bundleBytes.css / 1000)} kB`,
        );
        // How many there are is a matter of the machine: that it goes on drawing is not.
        assert.ok(intervals.length > 3);
      });
    }
  });
}
