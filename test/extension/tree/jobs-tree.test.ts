import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { JobsTree } from '../../../src/extension/tree/jobs-tree.ts';
import { backupSpec, job, jobResult } from '../../support/extension/samples.ts';
import { FakeTreeView } from '../../support/vscode/tree-view.ts';
import { workbench } from '../../support/vscode/workbench.ts';
import type { JobInfo } from '../../../src/engine/api/jobs.ts';
import type { JobNode } from '../../../src/extension/nodes/nodes.ts';

beforeEach(() => workbench.reset());

function viewOf(...jobs: readonly JobInfo[]): { tree: JobsTree; view: FakeTreeView<JobNode> } {
  const tree = new JobsTree();
  const view = new FakeTreeView<JobNode>('refpoint.jobs', { treeDataProvider: tree as never });
  tree.show(jobs);
  return { tree, view };
}

const progress = {
  phase: 'Read disk 0',
  done: 333,
  total: 1000,
  bytesPerSecond: 2 ** 20,
  percent: null,
  secondsLeft: null,
};

test('a job says what it does, how far it is, and what came of it', async () => {
  const { view } = viewOf(
    job('1', { spec: backupSpec(), progress }),
    job('2', { state: 'done', result: jobResult() }),
    job('3', { state: 'failed', error: { code: 'source.full', message: 'no space' } }),
    job('4', { state: 'interrupted', spec: backupSpec() }),
    job('5', { state: 'cancelled' }),
    job('6', { elsewhere: true, spec: backupSpec() }),
    job('7', { state: 'done', result: jobResult({ damaged: ['x'] }) }),
  );
  const items = (await view.rows()).map(({ item }) => item);
  assert.equal(items[0]?.label, 'Back up vm1');
  assert.equal(items[0].description, 'Read disk 0 · 33 % · 1 MiB/s');
  assert.deepEqual(
    items.slice(1).map(({ description }) => String(description).split(' · ')[0]),
    [
      'done',
      'There is no space left on the drive.',
      'interrupted',
      'cancelled',
      'running elsewhere',
      'damage found',
    ],
  );
  assert.match(items[2]?.tooltip as string, /no space.*\(source\.full\)/);
  assert.match(items[5]?.tooltip as string, /it can be cancelled there/);
});

test('what can be done with a job follows from its state', async () => {
  const { view } = viewOf(
    job('1', { spec: backupSpec() }),
    job('2', { spec: backupSpec(), elsewhere: true, log: null }),
    job('3', { spec: backupSpec(), state: 'done', result: jobResult() }),
    job('4', { spec: backupSpec(), state: 'interrupted' }),
    job('5', { state: 'failed', error: { code: 'internal', message: '' } }),
  );
  const words = (await view.rows()).map(({ item }) => (item.contextValue ?? '').trim().split(' '));
  const has = (i: number, ...all: readonly string[]): void =>
    assert.deepEqual(
      all.filter((word) => !words[i]?.includes(word)),
      [],
    );
  const lacks = (i: number, ...all: readonly string[]): void =>
    assert.deepEqual(
      all.filter((word) => words[i]?.includes(word)),
      [],
    );
  has(0, 'live', 'here', 'log');
  lacks(0, 'ended', 'again');
  lacks(1, 'here', 'log', 'command');
  has(2, 'ended', 'report');
  lacks(2, 'again', 'cleanable');
  has(3, 'again', 'cleanable');
  has(4, 'again');
  lacks(4, 'cleanable', 'report');
});

test('a job that waits says how many are before it, and can be cancelled, not removed', async () => {
  const queue = { since: '2026-03-01T10:00:00.000Z', order: 0, parallel: 4, claiming: false };
  const waiting = { spec: backupSpec(), state: 'queued', queue } as const;
  const { view } = viewOf(
    job('1', { ...waiting, ahead: 0 }),
    job('2', { ...waiting, ahead: 1 }),
    job('3', { ...waiting, ahead: 12 }),
    job('4', { ...waiting, queue: { ...queue, claiming: true }, ahead: null }),
  );
  const rows = await view.rows();
  assert.deepEqual(
    rows.map(({ item }) => item.description),
    [
      'Waiting: it is next',
      'Waiting: 1 job is before it',
      'Waiting: 12 jobs are before it',
      'starting',
    ],
  );
  for (const { item } of rows) {
    const words = (item.contextValue ?? '').trim().split(' ');
    assert.ok(words.includes('live') && words.includes('here'), words.join(' '));
    assert.ok(!words.includes('ended'));
  }
});

test('progress of one job draws one row again; its heartbeat none', async () => {
  const first = job('1', { progress });
  const { tree, view } = viewOf(first, job('2'));
  const [row] = await view.rows();
  view.refreshed.length = 0;
  tree.show([{ ...first, heartbeat: '2026-03-01T10:00:06.000Z' }, job('2')]);
  assert.deepEqual(view.refreshed, []);
  tree.show([{ ...first, progress: { ...progress, done: 500 } }, job('2')]);
  assert.deepEqual(view.refreshed, [row?.node]);
  assert.ok(row);
  const item = await view.provider.getTreeItem(row.node);
  assert.match(String(item.description), /50 %/);
  tree.show([{ ...first, progress: { ...progress, done: 500 } }]);
  assert.equal(view.refreshed.at(-1), undefined, 'the list changed');
  assert.deepEqual(view.problems, []);
});

test('the name of a job’s VM is text', async () => {
  const { view } = viewOf(job('1', { title: '$(x) [a](command:b)\u202E' }));
  const [row] = await view.rows();
  assert.equal(row?.item.label, 'Verify $ (x) [a] (command:b)\\u{202e}');
});
