import assert from 'node:assert/strict';
import { appendFile, open, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { afterwards } from '../../support/checks/afterwards.ts';
import { peer } from '../../support/process/peers.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import {
  anatomyAnswers,
  anatomyInit,
  type AnatomyAnswers,
} from '../../support/page/anatomy-answers.ts';
import { withPage, type Page } from '../../support/page/browser.ts';
import { clickOn, press, pressAll, typeText } from '../../support/page/press.ts';
import { damage, differencingDisk, hugeDisk, RUNS } from '../../support/page/sample-files.ts';
import { CUT_OFF, SETTLED } from '../../support/page/scripts.ts';
import { shoot } from '../../support/page/shoot.ts';
import { THEMES, type ThemeKind } from '../../support/page/themes.ts';
import { serveView, type ServedView } from '../../support/page/view-page.ts';

const SIZE = { width: 1280, height: 800 };

interface Shown {
  readonly page: Page;
  readonly served: ServedView;
  readonly engine: AnatomyAnswers;
}

interface Options {
  readonly size?: { readonly width: number; readonly height: number };
  readonly trusted?: boolean;
}

/** Opens a file in the view, over the real engine's answers; the page must not complain of anything. */
async function withFile(
  t: TestContext,
  path: string,
  work: (shown: Shown) => Promise<void>,
  { size = SIZE, trusted = true }: Options = {},
): Promise<void> {
  const chromium = peer(t, 'chromium');
  if (chromium === undefined) return;
  const engine = anatomyAnswers(path, trusted);
  const served = await serveView('disk-anatomy', anatomyInit(path), engine.answer);
  try {
    await withPage(chromium, size, [], async (page) => {
      await page.goto(served.url('vscode-dark'));
      await work({ page, served, engine });
      assert.deepEqual(page.complaints, []);
    });
  } finally {
    await served.close();
    await engine.close();
  }
}

const text = (page: Page, selector: string): Promise<string> =>
  page.evaluate(`document.querySelector(${JSON.stringify(selector)}).textContent`);

/** With what the view asked for this last; bytes may come in between. */
const last = ({ asked }: Shown['engine'], method: string): unknown =>
  asked.findLast((each) => each.method === method)?.params;

const tab = async (page: Page, id: string): Promise<void> => {
  await clickOn(page, `#tab-${id}`);
  await page.evaluate(SETTLED);
};

/** The bytes that the rows in view show, with the offset of the first. */
const rowsInView = (page: Page): Promise<{ offset: number; bytes: string }> =>
  page.evaluate(`(() => {
    const rows = [...document.querySelectorAll('.hex-grid .track .hex-row')];
    return {
      offset: Number.parseInt(rows[0].querySelector('.offset').textContent, 16),
      bytes: rows.map((row) => row.querySelector('.cells').textContent).join('').replaceAll(' ', ''),
    };
  })()`);

/** Offset and length of what is marked, as the pane tells it. */
const where = (page: Page): Promise<string> => text(page, '.where span');

async function assertBytesOf(page: Page, path: string, least = 300): Promise<number> {
  await page.evaluate(SETTLED);
  const { offset, bytes } = await rowsInView(page);
  const file = await open(path, 'r');
  const own = Buffer.alloc(bytes.length / 2);
  await file.read(own, 0, own.length, offset);
  await file.close();
  assert.equal(bytes, own.toString('hex'));
  assert.ok(own.length > least, `${own.length} bytes are in view`);
  return offset;
}

for (const theme of Object.keys(THEMES) as ThemeKind[]) {
  test(`a damaged differencing disk is drawn in ${theme}`, async (t) => {
    const path = await differencingDisk(await temporaryFolder(t));
    await damage(path);
    await withFile(t, path, async ({ page, served }) => {
      await page.goto(served.url(theme));
      await page.evaluate(SETTLED);
      const colours = await page.evaluate<number>(`(() => {
        const { width, height } = document.querySelector('.file-strip canvas');
        const canvas = document.querySelector('.file-strip canvas').getContext('2d');
        return new Set(new Uint32Array(canvas.getImageData(0, 0, width, height).data.buffer)).size;
      })()`);
      assert.ok(colours >= 7, `${colours} colours tell the parts apart`);
      await clickOn(page, '[role=treeitem]:nth-child(2)');
      await pressAll(page, 'ArrowRight', 'ArrowDown', 'ArrowDown');
      await page.evaluate(SETTLED);
      assert.match(await text(page, '[role=treeitem].active'), /^Checksum✗/);
      await shoot(page, 'disk-anatomy', `${theme}-structure`);
      for (const id of ['parts', 'blocks', 'parents', 'findings']) {
        await tab(page, id);
        await shoot(page, 'disk-anatomy', `${theme}-${id}`);
      }
    });
  });
}

test('at 400 pixels nothing is cut off', async (t) => {
  const path = await differencingDisk(await temporaryFolder(t));
  await damage(path);
  await withFile(
    t,
    path,
    async ({ page }) => {
      await page.evaluate(SETTLED);
      for (const id of ['structure', 'parts', 'blocks', 'parents', 'findings']) {
        await tab(page, id);
        assert.deepEqual(await page.evaluate(CUT_OFF), [], id);
        await shoot(page, 'disk-anatomy', `narrow-${id}`);
      }
      assert.equal(await page.evaluate(`document.querySelector('.hex-grid').dataset.perRow`), '8');
      await page.evaluate(`document.querySelector('#root').scrollTo(0, 10000)`);
      await assertBytesOf(page, path, 60);
      await shoot(page, 'disk-anatomy', 'narrow-bytes');
    },
    { size: { width: 400, height: 700 } },
  );
});

test('the keyboard alone reaches everything and does everything', async (t) => {
  const path = await differencingDisk(await temporaryFolder(t));
  await damage(path);
  await withFile(t, path, async ({ page, engine }) => {
    await page.evaluate(SETTLED);
    const focused = `document.activeElement.id || document.activeElement.className || document.activeElement.textContent`;
    const reached: string[] = [];
    for (let i = 0; i < 20; i++) {
      await press(page, 'Tab');
      reached.push(await page.evaluate<string>(focused));
    }
    assert.deepEqual(reached.slice(0, 18), [
      'Reload',
      'link',
      'Repair…',
      'Rescue…',
      'Show Findings',
      'file-strip',
      'box kind-identifier',
      'tab-structure',
      'row-list',
      'detail',
      'tab-bytes',
      'go-to',
      'Go',
      'BytesText',
      'search-file',
      'Find Next',
      'hex-grid',
      'Show in Structure',
    ]);
    const to = (selector: string): Promise<void> =>
      page.evaluate(`document.querySelector(${JSON.stringify(selector)}).focus()`);

    // The strip and the boxes go to places.
    await to('.file-strip');
    await pressAll(page, 'End', 'PageDown');
    await page.evaluate(SETTLED);
    const size = (await readFile(path)).length;
    const there = Number((await where(page)).split(' ')[0]);
    assert.ok(Math.abs(there - size * 0.9) < size / 50, `${there} of ${size}`);
    await to('.box.kind-bat');
    await press(page, 'Enter');
    await page.evaluate(SETTLED);
    assert.match(await where(page), /^1 MiB selected at 0x300000 .*Block allocation table/);

    // A field of the tree is marked among the bytes; typing finds it.
    await to('[role=tree]');
    await pressAll(page, 'Home', 'm', 'ArrowRight', 'ArrowRight');
    await page.evaluate(SETTLED);
    assert.match(await where(page), /^8 B selected at 0x200000 .*Metadata › Signature/);
    await pressAll(page, 'ArrowLeft', 'ArrowLeft');
    await page.evaluate(SETTLED);
    assert.match(await text(page, '[role=treeitem].active'), /^Metadata/);
    assert.equal(await page.evaluate(`document.querySelector('.active').ariaExpanded`), 'false');
    await press(page, 'Control+c');
    await page.evaluate(SETTLED);
    assert.deepEqual(last(engine, 'copy'), { text: '6 items' });

    // Tabs, the block map, its entry.
    await to('#tab-structure');
    await pressAll(page, 'ArrowRight', 'ArrowRight');
    await page.evaluate(SETTLED);
    assert.equal(await page.evaluate(focused), 'tab-blocks');
    await pressAll(page, 'Tab', 'Tab');
    assert.equal(await page.evaluate(focused), 'block-map');
    await pressAll(page, 'End', 'Enter');
    await page.evaluate(SETTLED);
    assert.match(await where(page), /^8 B selected at 0x301ff8 /);
    assert.match(await text(page, '.status'), /^Block 1,023: In the file$/);
    await pressAll(page, 'Shift+Enter');
    await page.evaluate(SETTLED);
    const entry = (await readFile(path)).readBigUInt64LE(0x30_1ff8);
    const data = ((entry >> 20n) << 20n).toString(16);
    assert.match(await where(page), new RegExp(`^1 MiB selected at 0x${data} .*Payload`));

    // Findings go to their places.
    await to('#tab-blocks');
    await press(page, 'End');
    await pressAll(page, 'Tab', 'Tab', 'Enter');
    await page.evaluate(SETTLED);
    assert.match(await page.evaluate(`document.activeElement.textContent`), /^Error/);
    await pressAll(page, 'ArrowDown', 'Enter');
    await page.evaluate(SETTLED);

    // Bytes: move, mark, copy, go to.
    await to('.hex-grid');
    await pressAll(page, 'Control+Home', 'ArrowRight', 'ArrowDown');
    await pressAll(page, 'Shift+ArrowRight', 'Shift+ArrowRight');
    await page.evaluate(SETTLED);
    assert.match(await where(page), /^3 B selected at 0x11 \(17\)/);
    await press(page, 'Control+c');
    await page.evaluate(SETTLED);
    const own = (await readFile(path)).subarray(17, 20);
    assert.deepEqual(last(engine, 'copy'), {
      text: own.toString('hex').replaceAll(/..(?=.)/g, '$& '),
    });
    await press(page, 'g');
    await typeText(page, '2 MiB');
    await press(page, 'Enter');
    await page.evaluate(SETTLED);
    assert.equal(await page.evaluate(focused), 'hex-grid');
    assert.match(await where(page), /^0x200000 \(2,097,152\)/);
    await press(page, 'g');
    await typeText(page, '+16');
    await press(page, 'Enter');
    await page.evaluate(SETTLED);
    assert.match(await where(page), /^0x200010 /);
    for (const [wrong, said] of [
      ['one', /^Enter an offset/],
      ['1 TiB', /^The file ends at .*MiB/],
    ] as const) {
      await press(page, 'g');
      await typeText(page, wrong);
      await press(page, 'Enter');
      await page.evaluate(SETTLED);
      assert.match(await text(page, '.wrong'), said);
      assert.equal(await page.evaluate(focused), 'go-to');
      await to('.hex-grid');
    }
    await to('.where button');
    await press(page, 'Enter');
    await page.evaluate(SETTLED);
    assert.equal(await page.evaluate(`document.activeElement.role`), 'tree');
    assert.match(await text(page, '[role=treeitem].active'), /^Reserved2/);
  });
});

/** Bytes in view at least if a banner tells the damage. */
const BESIDE_BANNER = 200;

test('a click on the map, a part, a finding or a block goes to its bytes, which are those of the file', async (t) => {
  const path = await differencingDisk(await temporaryFolder(t));
  await damage(path);
  await withFile(t, path, async ({ page }) => {
    await page.evaluate(SETTLED);
    await clickOn(page, '.file-strip', 0.5);
    const { length } = await readFile(path);
    const half = await assertBytesOf(page, path, BESIDE_BANNER);
    assert.ok(Math.abs(half - length / 2) < length / 100, `${half} of ${length}`);
    await clickOn(page, '.box.kind-log');
    await assertBytesOf(page, path, BESIDE_BANNER);
    assert.match(await where(page), /^1 MiB selected at 0x100000 .*Log$/);
    await tab(page, 'parts');
    await clickOn(page, '[role=option].row:nth-child(4)');
    assert.equal(await assertBytesOf(page, path, BESIDE_BANNER), 0x20000 - 3 * 16);
    await tab(page, 'findings');
    assert.match(await text(page, '.findings'), /header 1|checksum/i);
    await clickOn(page, 'button.finding');
    await assertBytesOf(page, path, BESIDE_BANNER);
    assert.match(await where(page), /^0x/);
    // The fifth of sixteen bytes, and of sixteen characters.
    for (const area of ['cells', 'text']) {
      await clickOn(page, `.track .hex-row:nth-child(3) .${area}`, 4.4 / 16);
      await page.evaluate(SETTLED);
      const byte = Number((await where(page)).split(' ')[0]);
      assert.equal(byte % 16, 4, area);
    }
  });
});

test('the wheel and the scroll bar reach every byte of a file of terabytes', async (t) => {
  const path = join(await temporaryFolder(t), 'long.vhdx');
  // Sparse: all but its end is a hole.
  const file = await open(path, 'w');
  const size = 8 * 2 ** 40;
  await file.write('the very end', size - 12);
  await file.close();
  await withFile(t, path, async ({ page }) => {
    await page.evaluate(SHOW_BYTES);
    await page.evaluate(SETTLED);
    await page.evaluate(`document.querySelector('.hex-grid').scrollTo(0, 1e9)`);
    await page.evaluate(SETTLED);
    const end = await rowsInView(page);
    assert.equal(end.offset + end.bytes.length / 2, size);
    assert.equal(Buffer.from(end.bytes.slice(-24), 'hex').toString(), 'the very end');
    // Where a pixel stands for thousands of rows, a wheel still goes row by row.
    await page.evaluate(
      `document.querySelector('.hex-grid').dispatchEvent(new WheelEvent('wheel', { deltaY: -60, cancelable: true }))`,
    );
    await page.evaluate(SETTLED);
    assert.equal((await rowsInView(page)).offset, end.offset - 3 * 16);
  });
});

test('64 TiB: the whole disk in view, down to one block, and never its table in a message (printed)', async (t) => {
  const path = await hugeDisk(await temporaryFolder(t));
  await withFile(t, path, async ({ page, served, engine }) => {
    await page.evaluate(SETTLED);
    const opened = await page.evaluate<number>(READ_AGAIN);
    await tab(page, 'blocks');
    await shoot(page, 'disk-anatomy', 'huge-blocks');
    assert.match(await text(page, '.tools'), /65,536 blocks per cell/);
    await page.evaluate(`document.querySelector('.block-map').focus()`);
    // To the run of entries that begins at this block, and in until each block is a cell.
    const { block, offset } = RUNS[7] ?? { block: 0, offset: 0 };
    await press(page, 'Home');
    for (let i = 0; i < Math.floor(block / 65_536); i++) await press(page, 'ArrowRight');
    for (let i = 0; i < 16; i++) await press(page, '+');
    await page.evaluate(SETTLED);
    assert.match(await text(page, '.tools'), /One block per cell/);
    const first = Math.floor(block / 65_536) * 65_536;
    const reached = async (): Promise<number> => {
      await page.evaluate(SETTLED);
      const here = /^Block ([\d,]+)/.exec(await text(page, '.status'))?.[1] ?? '';
      return Number(here.replaceAll(',', ''));
    };
    await press(page, 'ArrowDown');
    const columns = (await reached()) - first;
    assert.ok(columns > 20 && columns < 60, String(columns));
    await press(page, 'PageDown');
    const pageful = (await reached()) - first - columns;
    assert.ok(pageful > columns && pageful % columns === 0, `${pageful} of ${columns} a row`);
    let at = first + columns + pageful;
    for (; at + pageful <= block; at += pageful) await press(page, 'PageDown');
    for (; at + columns <= block; at += columns) await press(page, 'ArrowDown');
    for (; at < block; at++) await press(page, 'ArrowRight');
    await page.evaluate(SETTLED);
    assert.equal(await text(page, '.status'), `Block ${block.toLocaleString('en')}: In the file`);
    await shoot(page, 'disk-anatomy', 'huge-one-block');
    await press(page, 'Enter');
    await assertBytesOf(page, path);
    await press(page, 'Shift+Enter');
    await page.evaluate(SETTLED);
    await page.evaluate(SETTLED);
    assert.match(await where(page), new RegExp(`^1 MiB selected at 0x${offset.toString(16)} `));
    const largest = Math.max(...engine.asked.map(({ bytes }) => bytes));
    t.diagnostic(
      `64 TiB, 67 million blocks: read again and drawn in ${Math.round(opened)} ms; the largest of ${engine.asked.length} messages ${Math.round(largest / 1000)} kB; ` +
        `bundle ${Math.round(served.bundleBytes.js / 1000)} + ${Math.round(served.bundleBytes.css / 1000)} kB`,
    );
    assert.ok(largest < 200_000, `${largest} bytes`);
    assert.ok(served.bundleBytes.js + served.bundleBytes.css < 200_000);
  });
});

test('scrolling through bytes and blocks keeps up with the screen (printed)', async (t) => {
  const path = await hugeDisk(await temporaryFolder(t));
  await withFile(t, path, async ({ page }) => {
    await page.evaluate(SETTLED);
    await tab(page, 'blocks');
    await page.evaluate(`document.querySelector('.block-map').focus()`);
    for (let i = 0; i < 8; i++) await press(page, '+');
    await page.evaluate(SETTLED);
    for (const selector of ['.hex-grid', '.block-map']) {
      const intervals = await page.evaluate<number[]>(scrollFor(selector));
      const sorted = intervals.sort((a, b) => a - b);
      const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
      t.diagnostic(
        `${selector}: ${sorted.length} frames of wheel: median ${at(0.5).toFixed(1)}, p95 ${at(0.95).toFixed(1)}, longest ${at(1).toFixed(1)} ms`,
      );
      assert.ok(sorted.length > 20);
    }
  });
});

test('a file that changed is read again, and one stays where one was', async (t) => {
  const path = await differencingDisk(await temporaryFolder(t));
  await withFile(t, path, async ({ page }) => {
    await page.evaluate(SETTLED);
    await clickOn(page, '.box.kind-header:nth-child(2)');
    await page.evaluate(SETTLED);
    assert.match(await where(page), /Header 1/);
    await clickOn(page, '[role=treeitem]:nth-child(2) .twisty');
    await page.evaluate(SETTLED);
    assert.match(await text(page, '[role=tree]'), /SequenceNumber/);
    assert.equal(await text(page, '#tab-findings'), 'Findings');
    await damage(path);
    await page.evaluate(`window.toView({ type: 'reload' })`);
    await page.evaluate(
      until(`document.querySelector('#tab-findings').textContent !== 'Findings'`),
    );
    await page.evaluate(SETTLED);
    assert.match(await where(page), /^4 KiB selected at 0x10000 .*Header 1/);
    assert.match(await text(page, '[role=tree]'), /Header 1✗.*SequenceNumber/);
    // It grows: what is new can be reached.
    const { length } = await readFile(path);
    await appendFile(path, Buffer.alloc(3 * 2 ** 20, 'new'));
    await page.evaluate(`window.toView({ type: 'reload' })`);
    await page.evaluate(until(`document.querySelector('.facts').textContent.includes('22 MiB')`));
    await page.evaluate(SETTLED);
    await page.evaluate(`document.querySelector('.hex-grid').focus()`);
    await press(page, 'Control+End');
    assert.ok((await assertBytesOf(page, path, BESIDE_BANNER)) > length);
    // Many changes in a row are one reading, and the last of them is seen.
    await writeFile(path, 'gone');
    for (let i = 0; i < 20; i++) {
      await page.evaluate(`window.toView({ type: 'reload' })`);
    }
    await page.evaluate(
      until(`document.querySelector('.screen')?.textContent.includes('not a disk image') === true`),
    );
    assert.match(await text(page, '.screen'), /This is not a disk image/);
  });
});

test('another engine that knows nothing of the file is given it again, unasked', async (t) => {
  const path = await differencingDisk(await temporaryFolder(t));
  await withFile(t, path, async ({ page, engine }) => {
    await page.evaluate(SETTLED);
    await engine.restart();
    const opened = (): number => engine.asked.filter(({ method }) => method === 'open').length;
    assert.equal(opened(), 1);
    await clickOn(page, '.box.kind-log');
    await page.evaluate(SETTLED);
    await page.evaluate(SETTLED);
    assert.equal(opened(), 2);
    await assertBytesOf(page, path);
    assert.equal(await page.evaluate(`document.querySelector('.notice').hidden`), true);
  });
});

test('a part that cannot be read is told, with a way to try again', async (t) => {
  const chromium = peer(t, 'chromium');
  if (chromium === undefined) return;
  const path = await differencingDisk(await temporaryFolder(t));
  const engine = anatomyAnswers(path);
  let broken = false;
  afterwards(t, () => engine.close());
  const served = await serveView('disk-anatomy', anatomyInit(path), (method, params, signal) => {
    if (broken && method === 'bytes') throw new Error('The share is gone');
    return engine.answer(method, params, signal);
  });
  afterwards(t, () => served.close());
  await withPage(chromium, SIZE, [], async (page) => {
    await page.goto(served.url('vscode-dark'));
    await page.evaluate(SETTLED);
    broken = true;
    await clickOn(page, '.box.kind-bat');
    await page.evaluate(SETTLED);
    assert.match(await text(page, '.notice'), /could not be read: The share is gone/);
    await shoot(page, 'disk-anatomy', 'part-failed');
    broken = false;
    await clickOn(page, '.notice button');
    await page.evaluate(SETTLED);
    assert.equal(await page.evaluate(`document.querySelector('.notice').hidden`), true);
    await assertBytesOf(page, path);
  });
});

test('VHDL source named .vhd is offered to be reopened as text, and its bytes on request', async (t) => {
  const path = join(await temporaryFolder(t), 'adder.vhd');
  await writeFile(path, 'entity adder is port (a, b : in bit);\n'.repeat(40));
  await withFile(t, path, async ({ page, engine }) => {
    await page.evaluate(until(`document.querySelector('.steps button') !== null`));
    assert.match(
      await text(page, '.screen'),
      /adder\.vhd.*not a disk image.*There is no footer “conectix”.*VHDL/s,
    );
    await shoot(page, 'disk-anatomy', 'vhdl');
    await clickOn(page, '.steps button:nth-child(1)');
    assert.equal(await text(page, '.steps button:nth-child(1)'), 'Reopen as Text');
    await page.evaluate(until(`window.pending === 0`));
    assert.ok(engine.asked.some(({ method }) => method === 'reopenAsText'));
    await clickOn(page, '.steps button:nth-child(2)');
    await page.evaluate(SETTLED);
    await assertBytesOf(page, path);
  });
});

test('a block whose state is on the way is told once it is there', async (t) => {
  const chromium = peer(t, 'chromium');
  if (chromium === undefined) return;
  const path = await differencingDisk(await temporaryFolder(t));
  const engine = anatomyAnswers(path);
  afterwards(t, () => engine.close());
  const gate = Promise.withResolvers<void>();
  const answer: AnatomyAnswers['answer'] = async (method, params, signal) => {
    if (method === 'blocks') await gate.promise;
    return engine.answer(method, params, signal);
  };
  const served = await serveView('disk-anatomy', anatomyInit(path), answer);
  afterwards(t, () => served.close());
  await withPage(chromium, SIZE, [], async (page) => {
    await page.goto(served.url('vscode-dark'));
    await page.evaluate(SETTLED);
    await clickOn(page, '#tab-blocks');
    await page.evaluate(until(`document.querySelector('.block-map').clientHeight > 0`));
    await page.evaluate(`document.querySelector('.block-map').focus()`);
    await press(page, 'ArrowRight');
    await page.evaluate(until(`document.querySelector('.status').textContent !== ''`));
    assert.equal(await text(page, '.status'), 'Block 1');
    gate.resolve();
    await page.evaluate(until(`document.querySelector('.status').textContent !== 'Block 1'`));
    assert.equal(await text(page, '.status'), 'Block 1: In the file');
  });
});

test('a file that is not there says so, and comes when it is', async (t) => {
  const folder = await temporaryFolder(t);
  const path = await differencingDisk(folder);
  const bytes = await readFile(path);
  await rm(path);
  await withFile(t, path, async ({ page, served }) => {
    await page.evaluate(until(`document.querySelector('.screen button') !== null`));
    assert.match(await text(page, '.screen'), /cannot be shown/);
    await shoot(page, 'disk-anatomy', 'not-there');
    await writeFile(path, bytes);
    await clickOn(page, '.screen button');
    await page.evaluate(SETTLED);
    assert.equal(await text(page, 'header h1'), basename(path));
    // A reload of the page brings back what was seen.
    await clickOn(page, '.box.kind-metadata');
    await tab(page, 'parts');
    await page.evaluate(until(`(sessionStorage.getItem('state') ?? '').includes('parts')`));
    await page.goto(served.url('vscode-dark'));
    await page.evaluate(SETTLED);
    assert.match(await where(page), /^1 MiB selected at 0x200000 /);
    assert.equal(await page.evaluate(`document.querySelector('#panel-parts').hidden`), false);
    assert.equal(await assertBytesOf(page, path), 0x20_0000 - 3 * 16);
  });
});

test('parents are told where they are; without trust none outside is offered', async (t) => {
  const path = await differencingDisk(await temporaryFolder(t));
  await withFile(t, path, async ({ page, engine }) => {
    await page.evaluate(SETTLED);
    await tab(page, 'parents');
    const rows = await page.evaluate<string[]>(
      `[...document.querySelectorAll('.parents li')].map((row) => row.innerText)`,
    );
    assert.match(rows[0] ?? '', /base\.vhdx\s+Found in the folder of this file\.\s+Open$/);
    assert.match(rows[1] ?? '', /C:\\vm\\base\.vhdx\s+Outside .*not searched\.\s+Open…$/);
    await clickOn(page, '.parents li:nth-child(2) button');
    await page.evaluate(until(`window.pending === 0`));
    assert.deepEqual(last(engine, 'openParent'), { key: 'absolute_win32_path' });
  });
  await withFile(
    t,
    path,
    async ({ page }) => {
      await page.evaluate(SETTLED);
      await tab(page, 'parents');
      assert.match(await text(page, '.parents'), /Restricted Mode/);
      const enabled = `document.querySelectorAll('.parents button:enabled').length`;
      assert.equal(await page.evaluate(enabled), 0);
      await shoot(page, 'disk-anatomy', 'untrusted-parents');
    },
    { trusted: false },
  );
});

/** Waits until a condition holds in the page; the test's own time-out ends what never does. */
const until = (condition: string): string => `(async () => {
  while (!(${condition})) await new Promise((done) => requestAnimationFrame(done));
})()`;

/** Reads the file again; answers the milliseconds until all of it was drawn. */
const READ_AGAIN = `(async () => {
  const began = performance.now();
  document.querySelector('header button').click();
  return (await ${SETTLED}) - began + 1000 / 60;
})()`;

const SHOW_BYTES = `(async () => {
  while (document.querySelector('.steps button') === null) {
    await new Promise((done) => requestAnimationFrame(done));
  }
  [...document.querySelectorAll('.steps button')].find((b) => b.textContent === 'Show Bytes').click();
})()`;

/** Wheels down a list for a second, and where that is too few frames for up to two; answers the intervals between frames. */
const scrollFor = (selector: string): string => `(async () => {
  const list = document.querySelector('${selector}');
  const intervals = [];
  const began = performance.now();
  let last = began;
  for (let i = 0; last - began < (intervals.length > 20 ? 1000 : 2000); i++) {
    list.dispatchEvent(new WheelEvent('wheel', { deltaY: 120, bubbles: true, cancelable: true }));
    list.scrollTop += 61;
    const now = await new Promise((done) => requestAnimationFrame(done));
    if (i > 0) intervals.push(now - last);
    last = now;
  }
  return intervals;
})()`;
