import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { ADVICE } from '../../../../src/engine/disk/check/advice/advice.ts';
import { VHDX } from '../../../../src/engine/disk/vhdx/vhdx-format.ts';
import { sourceFiles } from '../../../support/repo/source-files.ts';
import { BLOCK_MAKERS } from '../../../support/disk/findings/block-makers.ts';
import { HEAD_MAKERS } from '../../../support/disk/findings/head-makers.ts';
import { METADATA_MAKERS } from '../../../support/disk/findings/metadata-makers.ts';
import { soundImage, WatchedSource, type Victim } from '../../../support/disk/vhdx-victim.ts';

async function check(victim: Victim): Promise<readonly { code: string; severity?: string }[]> {
  const found: { code: string; severity?: string }[] = [];
  const defects = VHDX.check?.(new WatchedSource(victim), never);
  assert.ok(defects !== undefined);
  for await (const defect of defects) {
    assert.ok(Number.isSafeInteger(defect.offset) && defect.offset >= 0, defect.code);
    assert.notEqual(defect.section, '', defect.code);
    found.push(defect);
  }
  return found;
}

test('a sound image has no finding, with and without a parent', async () => {
  for (const kind of ['dynamic', 'differencing'] as const) {
    assert.deepEqual(await check(await soundImage(kind)), []);
  }
});

/** Findings that the example of a code has besides: of the damage that makes it, or what follows. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  'vhdx.header.none': ['vhdx.header.signature'],
  'vhdx.header.logOffset': ['vhdx.region.overLog'],
  'vhdx.region.none': ['vhdx.region.signature'],
  'vhdx.region.duplicate': ['vhdx.metadata.signature', 'vhdx.region.missing'],
  'vhdx.region.overlap': [
    'vhdx.bat.partial',
    'vhdx.bat.reserved',
    'vhdx.bat.state',
    'vhdx.bat.unusedReserved',
  ],
  'vhdx.region.missing': ['vhdx.region.unknown'],
  'vhdx.region.beyond': ['vhdx.region.optional'],
  'vhdx.file.size': ['vhdx.file.unused'],
  'vhdx.truncated': ['vhdx.file.size', 'vhdx.log.beyond', 'vhdx.region.none'],
  'vhdx.metadata.itemLength': ['vhdx.metadata.itemOffset', 'vhdx.metadata.overlap'],
  'vhdx.locator.stray': ['vhdx.bat.partial'],
  'vhdx.locator.entries': ['vhdx.locator.entry'],
  'vhdx.locator.entry': ['vhdx.locator.noRelative'],
  'vhdx.locator.linkage': ['vhdx.locator.unknownKey'],
  'vhdx.locator.noPath': ['vhdx.locator.unknownKey'],
  'vhdx.locator.noRelative': ['vhdx.locator.unknownKey'],
  'vhdx.log.tornEntry': ['vhdx.log.dirty'],
  'vhdx.log.staleEntry': ['vhdx.log.dirty'],
};

const MAKERS = { ...HEAD_MAKERS, ...METADATA_MAKERS, ...BLOCK_MAKERS };

for (const [code, [kind, harm]] of Object.entries(MAKERS)) {
  test(`the example of ${code} has that finding`, async () => {
    const found = await check(harm(await soundImage(kind)));
    assert.deepEqual([...new Set(found.map((each) => each.code))].sort(), [
      ...[code, ...(ALSO[code] ?? [])].sort(),
    ]);
  });
}

test('each code of VHDX has advice and an example', () => {
  const documented = Object.keys(ADVICE).filter((code) => code.startsWith('vhdx.'));
  assert.deepEqual(Object.keys(MAKERS).sort(), documented.sort());
});

test('each code that the checker can find has its advice', () => {
  const written = sourceFiles('src/engine/disk/vhdx').flatMap(({ text }) =>
    Array.from(
      text.matchAll(/(?:code: |\b(?:oneOf|zero|number)\(\s*)'(vhdx\.[\w.]+)'/g),
      ([, code = '']) => code,
    ),
  );
  const codes = new Set([...written, ...Object.keys(MAKERS)]);
  assert.deepEqual(
    [...codes].filter((code) => ADVICE[code] === undefined && !INNER.has(code)),
    [],
  );
});

/** Codes of rules of log entries, which a checker tells as one: a torn entry. */
const INNER = new Set([
  'vhdx.log.signature',
  'vhdx.log.length',
  'vhdx.log.tail',
  'vhdx.log.sequence',
  'vhdx.log.reserved',
  'vhdx.log.fileOffset',
  'vhdx.log.checksum',
  // Of the writer.
  'vhdx.write.argument',
]);

test('the page documents every code, and no other', () => {
  const page = readFileSync('docs/disk-findings.md', 'utf8');
  const listed = Array.from(page.matchAll(/^### `([\w.]+)`$/gm), ([, code = '']) => code);
  assert.ok(listed.length >= 80);
  assert.deepEqual(listed, Object.keys(ADVICE));
});
