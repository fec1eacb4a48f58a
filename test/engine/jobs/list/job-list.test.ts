import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { JobState } from '../../../../src/engine/api/jobs.ts';
import { formatLease } from '../../../../src/engine/backup/lease/lease-file.ts';
import { leasePath } from '../../../../src/engine/backup/store/contract/layout.ts';
import { storedJobs } from '../../../../src/engine/jobs/store/stored-jobs.ts';
import { DirectoryStore } from '../../../../src/engine/backup/store/directory/directory-store.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import type { Guid } from '../../../../src/engine/base/guid.ts';
import { JobFolder } from '../../../../src/engine/jobs/folder/job-folder.ts';
import { JobList } from '../../../../src/engine/jobs/list/job-list.ts';
import type { JobClock } from '../../../../src/engine/jobs/list/own-jobs.ts';
import { sampleState } from '../../../support/process/job-process.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const VM = '11111111-2222-4333-8444-555555555555' as Guid;

class FakeClock implements JobClock {
  time = Date.parse('2026-11-22T14:00:00Z');
  readonly dead = new Set<number>();
  now(): number {
    return this.time;
  }
  isAlive(pid: number): boolean {
    return !this.dead.has(pid);
  }
  at(seconds = 0): string {
    return new Date(this.time + seconds * 1000).toISOString();
  }
}

async function write(home: string, state: JobState, text?: string | Uint8Array): Promise<void> {
  const folder = new JobFolder(home, state.id);
  await folder.create();
  if (text === undefined) await folder.writeState(state);
  else await writeFile(join(folder.path, 'state.json'), text);
}

async function shown(list: JobList, stores: readonly string[] = []): Promise<string[]> {
  return (await list.list(stores, never)).map(({ state, elsewhere }) =>
    elsewhere ? `${state} elsewhere` : state,
  );
}

test('a running job is one whose process lives and whose heart beats', async (t) => {
  const home = await temporaryFolder(t);
  const clock = new FakeClock();
  const list = new JobList(home, clock);
  const state = sampleState({ machine: hostname(), pid: 4711, heartbeat: clock.at() });
  await write(home, state);
  assert.deepEqual(await shown(list), ['running']);
  clock.dead.add(4711);
  assert.deepEqual(await shown(list), ['interrupted'], 'its process is dead: known at once');
});

test('a process id that another process has by now does not keep a dead job running', async (t) => {
  const home = await temporaryFolder(t);
  const clock = new FakeClock();
  const list = new JobList(home, clock);
  await write(home, sampleState({ machine: hostname(), pid: 4711, heartbeat: clock.at(-21) }));
  assert.deepEqual(await shown(list), ['running'], 'it may have slept: it is watched first');
  clock.time += 4000;
  assert.deepEqual(await shown(list), ['running']);
  clock.time += 2000;
  assert.deepEqual(await shown(list), ['interrupted']);
});

test('a machine that slept does not declare its jobs dead', async (t) => {
  const home = await temporaryFolder(t);
  const clock = new FakeClock();
  const list = new JobList(home, clock);
  const state = sampleState({ machine: hostname(), pid: 4711, heartbeat: clock.at() });
  await write(home, state);
  assert.deepEqual(await shown(list), ['running']);
  clock.time += 8 * 3_600_000;
  assert.deepEqual(await shown(list), ['running'], 'it wakes, and has not beaten yet');
  await write(home, { ...state, heartbeat: clock.at() });
  clock.time += 6000;
  assert.deepEqual(await shown(list), ['running']);
  // Slept again while it was watched.
  clock.time += 21_000;
  assert.deepEqual(await shown(list), ['running']);
  clock.time += 3_600_000;
  assert.deepEqual(await shown(list), ['running']);
});

test('a job begun under another name of the machine is judged by its heartbeat alone, and can be cancelled', async (t) => {
  const home = await temporaryFolder(t);
  const clock = new FakeClock();
  clock.dead.add(4711);
  const list = new JobList(home, clock);
  const state = sampleState({ machine: 'other', pid: 4711, heartbeat: clock.at() });
  await write(home, state);
  assert.deepEqual(await shown(list), ['running']);
  clock.time += 30_000;
  assert.deepEqual(await shown(list), ['running']);
  clock.time += 6000;
  assert.deepEqual(await shown(list), ['interrupted'], 'from here it can be run again');
});

test('a state that cannot be read for a moment is as it was seen last; a folder that cannot is no empty list', async (t) => {
  const home = await temporaryFolder(t);
  const clock = new FakeClock();
  const state = sampleState({ machine: hostname(), pid: 4711, heartbeat: clock.at() });
  await write(home, state);
  const list = new JobList(home, clock);
  assert.deepEqual(await shown(list), ['running']);
  const read = t.mock.method(JobFolder.prototype, 'readState', () =>
    Promise.reject(new Error('too many open files')),
  );
  assert.deepEqual(await shown(list), ['running']);
  await assert.rejects(list.get(state.id), /too many/);
  read.mock.restore();
  await new JobFolder(home, state.id).remove();
  assert.deepEqual(await shown(list), []);
  await rm(join(home, 'jobs'), { recursive: true });
  assert.deepEqual(await shown(list), [], 'nothing was ever run');
  await writeFile(join(home, 'jobs'), 'in the way');
  await assert.rejects(shown(list), (error) => isEngineError(error, 'source.notFound'));
});

test('a job that ends between two looks at it is done, never interrupted', async (t) => {
  const home = await temporaryFolder(t);
  const clock = new FakeClock();
  const state = sampleState({ machine: hostname(), pid: 4711, heartbeat: clock.at() });
  await write(home, state);
  const folder = new JobFolder(home, state.id);
  clock.isAlive = () => {
    // It wrote its end and was gone just after its state was read.
    writeFileSync(join(folder.path, 'state.json'), JSON.stringify({ ...state, state: 'done' }));
    return false;
  };
  assert.deepEqual(await shown(new JobList(home, clock)), ['done']);
});

test('whatever lies in the folder of jobs, the others are listed', async (t) => {
  const home = await temporaryFolder(t);
  const good = sampleState({ state: 'done' });
  await write(home, good);
  const text = JSON.stringify(good);
  const hostile: readonly (string | Uint8Array)[] = [
    '',
    'null',
    '[]',
    '{}',
    text.slice(0, text.length / 2),
    text.replace('"version":1', '"version":2'),
    JSON.stringify({ ...good, spec: null }),
    JSON.stringify({ ...good, spec: { kind: 'backup' } }),
    JSON.stringify({ ...good, spec: { ...good.spec, kind: 'format-disk' } }),
    JSON.stringify({ ...good, pid: '1; rm -rf' }),
    JSON.stringify({ ...good, pid: -1 }),
    JSON.stringify({ ...good, heartbeat: 'yesterday' }),
    JSON.stringify({ ...good, started: 12 }),
    JSON.stringify({ ...good, title: 'x'.repeat(20_000) }),
    JSON.stringify({ ...good, progress: { phase: 1 } }),
    JSON.stringify({ ...good, result: { files: 'many' } }),
    '{"a":'.repeat(20_000),
    new Uint8Array([0xff, 0xfe, 0x00, 0x80]),
    Buffer.alloc(5 * 2 ** 20, ' '),
  ];
  for (const each of hostile) {
    const id = randomUUID();
    const own = typeof each === 'string' ? each.replaceAll(good.id, id) : each;
    await write(home, { ...good, id }, own);
  }
  // A state under another job's name, a folder in the file's place, names that are no ids.
  await write(home, { ...good, id: randomUUID() }, text);
  await mkdir(join(home, 'jobs', randomUUID(), 'state.json'), { recursive: true });
  for (const name of ['..x', 'state.json', good.id.toUpperCase()]) {
    await mkdir(join(home, 'jobs', name), { recursive: true });
  }
  const all = await new JobList(home).list([], never);
  assert.deepEqual(
    all.map(({ id }) => id),
    [good.id],
  );
});

test(
  'a pipe or a link without end in place of a state hangs nothing',
  { skip: process.platform === 'win32' },
  async (t) => {
    const home = await temporaryFolder(t);
    const good = sampleState({ state: 'done' });
    await write(home, good);
    for (const make of [
      (path: string) => void execFileSync('mkfifo', [path]),
      (path: string) => symlink('state.json', path),
      (path: string) => symlink('/dev/zero', path),
    ]) {
      const folder = new JobFolder(home, randomUUID());
      await folder.create();
      await make(join(folder.path, 'state.json'));
    }
    assert.deepEqual(await shown(new JobList(home)), ['done']);
  },
);

test('an id that is none names no folder', () => {
  for (const id of ['..', '../../etc', '', 'a'.repeat(36), `${randomUUID()}/..`, null, 3]) {
    assert.throws(() => new JobFolder('/home', id as string), { code: 'job.notFound' });
  }
});

test('fifty ended jobs are kept, the oldest go; running and interrupted ones stay', async (t) => {
  const home = await temporaryFolder(t);
  const clock = new FakeClock();
  clock.dead.add(4711);
  for (let i = 0; i < 55; i++) {
    await write(home, sampleState({ state: 'done', started: clock.at(i) }));
  }
  const old = { started: clock.at(-100), heartbeat: clock.at(), machine: hostname() };
  await write(home, sampleState({ ...old, pid: 4711 }));
  await write(home, sampleState({ ...old, pid: 4712 }));
  const list = new JobList(home, clock);
  const all = await list.list([], never);
  assert.equal(all.length, 52);
  assert.equal(all[0]?.started, clock.at(54));
  assert.equal(all[49]?.started, clock.at(5));
  assert.deepEqual(
    new Set(all.slice(50).map(({ state }) => state)),
    new Set(['running', 'interrupted']),
  );
  assert.equal((await new JobList(home, clock).list([], never)).length, 52);
});

async function storeWith(
  t: TestContext,
  clock: FakeClock,
): Promise<{ readonly path: string; beat(seconds: number, text?: string): Promise<void> }> {
  const path = join(await temporaryFolder(t), 'store');
  const store = await DirectoryStore.open(path, { create: true }, never);
  const id = randomUUID();
  return {
    path,
    beat: async (seconds, text) => {
      const state = {
        version: 1,
        job: { version: 1, id, kind: 'backup', vm: VM, options: {} },
        pid: 99,
        state: 'running',
        edge: null,
        started: clock.at(),
        heartbeat: clock.at(seconds),
        point: null,
        error: null,
      };
      const bytes = Buffer.from(text ?? JSON.stringify(state));
      await store.replaceFile(`${VM}/jobs/${id}/state.json`, bytes, never);
      if (text !== undefined) assert.deepEqual(await storedJobs(store, VM, never), []);
    },
  };
}

test('a job of a machine whose clock is wrong is seen by its heart beating', async (t) => {
  const clock = new FakeClock();
  const store = await storeWith(t, clock);
  const list = new JobList(await temporaryFolder(t), clock);
  await store.beat(-600);
  assert.deepEqual(await shown(list, [store.path]), [], 'ten minutes old, for all that is known');
  clock.time += 5000;
  await store.beat(-600);
  assert.deepEqual(await shown(list, [store.path]), ['running elsewhere']);
  clock.time += 15_000;
  assert.deepEqual(await shown(list, [store.path]), ['running elsewhere']);
  clock.time += 15_000;
  assert.deepEqual(await shown(list, [store.path]), [], 'it beats no more');
});

test('a job that another one has followed is not shown, though its last state says that it runs', async (t) => {
  const clock = new FakeClock();
  const store = await storeWith(t, clock);
  const list = new JobList(await temporaryFolder(t), clock);
  const followedBy = async (token: number, seconds: number): Promise<void> => {
    const time = clock.at(seconds);
    const who = { owner: 'somebody', machine: 'elsewhere', pid: 7, job: randomUUID() };
    const times = { since: time, heartbeat: time, released: true };
    const lease = formatLease({ version: 1, token, ...who, ...times });
    await writeFile(join(store.path, ...leasePath(VM, token).split('/')), lease);
  };
  await store.beat(0);
  await followedBy(1, -60);
  assert.deepEqual(
    await shown(list, [store.path]),
    ['running elsewhere'],
    'one that was before it',
  );
  await followedBy(2, 1);
  clock.time += 4000;
  assert.deepEqual(await shown(list, [store.path]), []);
});

test('a store that is gone, or holds rubbish for jobs, says nothing and breaks nothing', async (t) => {
  const clock = new FakeClock();
  const home = await temporaryFolder(t);
  await write(home, sampleState({ state: 'done' }));
  const store = await storeWith(t, clock);
  await store.beat(0);
  const list = new JobList(home, clock);
  const stores = [store.path, join(home, 'no-store'), home];
  assert.deepEqual((await shown(list, stores)).sort(), ['done', 'running elsewhere']);
  for (const text of ['', '{"job":null}', '{"job":{"id":3}}', '[1,2']) {
    clock.time += 4000;
    await store.beat(0, text);
    assert.deepEqual(await shown(list, stores), ['done']);
  }
  await rm(store.path, { recursive: true });
  clock.time += 4000;
  assert.deepEqual(await shown(list, stores), ['done']);
});
