import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnatomyInfo } from '../../../../src/engine/api/anatomy.ts';
import { DISK_ANATOMY_STRINGS } from '../../../../src/views/api/disk-anatomy-strings.ts';
import { screenOf } from '../../../../src/views/disk-anatomy/state/screen-of.ts';
import {
  initialModel,
  notDisk,
  parseState,
  reduce,
  stateOf,
  type ViewModel,
} from '../../../../src/views/disk-anatomy/state/store.ts';

function info(change: Partial<AnatomyInfo> = {}): AnatomyInfo {
  return {
    anatomyId: 'a',
    path: '/d.vhdx',
    format: 'vhdx',
    subformat: 'dynamic',
    fileSize: 1000,
    virtualSize: 4000,
    blockSize: 1000,
    regions: [],
    tree: [],
    blocks: {
      total: 4,
      counts: { present: 0, partial: 0, zero: 0, notPresent: 4, unmapped: 0, undefined: 0, bad: 0 },
    },
    parents: [],
    findings: [],
    ...change,
  };
}

const open = (model: ViewModel, change: Partial<AnatomyInfo> = {}): ViewModel =>
  reduce(model, { type: 'opened', opened: { info: info(change), trusted: true } });

test('what was seen comes back after a reload, as far as the file still has it', () => {
  let model = open(initialModel(undefined));
  model = reduce(model, { type: 'mark', marked: { offset: 900, length: 50 } });
  model = reduce(model, { type: 'tab', tab: 'blocks' });
  model = reduce(model, { type: 'expand', keys: ['Header 1', 'Log'], open: true });
  model = reduce(model, { type: 'expand', keys: ['Log'], open: false });
  model = reduce(model, { type: 'node', key: 'Header 1\nChecksum' });
  model = reduce(model, { type: 'camera', camera: { perCell: 2, from: 2 } });
  model = reduce(model, { type: 'block', block: 3 });
  const kept = parseState(JSON.parse(JSON.stringify(stateOf(model))));
  const again = initialModel(kept);
  assert.deepEqual(stateOf(again), stateOf(model));
  assert.deepEqual([...again.expanded], ['Header 1']);
  // It has become shorter, and is no longer one with blocks.
  const shorter = open(again, { fileSize: 910, blocks: null });
  assert.deepEqual(shorter.marked, { offset: 900, length: 10 });
  assert.equal(shorter.tab, 'structure');
  assert.deepEqual(open(again, { fileSize: 10 }).marked, { offset: 9, length: 1 });
  assert.deepEqual(open(again, { fileSize: 0 }).marked, { offset: 0, length: 1 });
});

test('only what is of the right shape is believed', () => {
  for (const value of [null, undefined, 7, 'x', {}, { version: 2 }, []]) {
    assert.equal(parseState(value), undefined);
  }
  const odd = {
    version: 1,
    marked: { offset: -1, length: 0.5 },
    tab: 'constructor',
    expanded: [1, 'a', null],
    node: {},
    camera: { perCell: 0, from: Number.NaN },
    block: -3,
  };
  assert.deepEqual(parseState(odd), {
    version: 1,
    marked: { offset: 0, length: 1 },
    side: 'bytes',
    sector: { offset: 0, length: 1 },
    tab: 'structure',
    expanded: ['a'],
    node: '',
    camera: { perCell: null, from: 0 },
    block: 0,
    bytesAnyway: false,
  });
});

test('marks stay inside the file', () => {
  const model = open(initialModel(undefined));
  const mark = (offset: number, length: number): unknown =>
    reduce(model, { type: 'mark', marked: { offset, length } }).marked;
  assert.deepEqual(mark(-5, 10), { offset: 0, length: 10 });
  assert.deepEqual(mark(995, 10), { offset: 995, length: 5 });
  assert.deepEqual(mark(5000, 10), { offset: 999, length: 1 });
  assert.deepEqual(mark(10, 0), { offset: 10, length: 1 });
});

const finding = (code: string): AnatomyInfo['findings'][number] => ({
  code,
  severity: 'error',
  message: 'the file begins with “hello”',
  offset: 0,
});

test('a file that is no disk image says so and what to do; a damaged disk, and a raw one, are shown', () => {
  const steps = { retry: () => {}, showBytes: () => {}, reopenAsText: () => {} };
  const screen = (model: ViewModel): readonly (readonly string[])[] => {
    const { lines, steps: next } = screenOf(model, DISK_ANATOMY_STRINGS, steps);
    return [lines, next.map(({ label }) => label)];
  };
  const start = initialModel(undefined);
  assert.deepEqual(screen(start), [['Reading the file…'], []]);
  const vhdl = open(start, { format: 'raw', findings: [finding('anatomy.notVhd')] });
  assert.deepEqual(screen(vhdl), [
    ['This is not a disk image.', 'The file begins with “hello”.'],
    ['Reopen as Text', 'Show Bytes'],
  ]);
  const vhdx = open(start, { format: 'raw', findings: [finding('anatomy.notVhdx')] });
  assert.deepEqual(screen(vhdx)[1], ['Show Bytes', 'Reopen as Text']);
  assert.deepEqual(screen(reduce(vhdx, { type: 'bytesAnyway' })), [[], []]);
  assert.equal(notDisk(info({ format: 'raw' })), undefined);
  assert.equal(notDisk(info({ findings: [finding('vhdx.signature')] })), undefined);

  const failed = reduce(vhdx, {
    type: 'failed',
    failure: { code: 'source.notFound', message: 'no such file' },
  });
  assert.deepEqual(screen(failed), [['The file cannot be shown.', 'No such file.'], ['Try Again']]);
  const remote = reduce(start, {
    type: 'failed',
    failure: { code: 'view.notFile', message: 'elsewhere' },
  });
  assert.deepEqual(screen(remote)[1], []);
  assert.match(screen(remote)[0]?.[1] ?? '', /^Save a copy/);
  // While it is read again, what was seen stays.
  assert.deepEqual(screen(reduce(open(start), { type: 'load' })), [[], []]);
});
