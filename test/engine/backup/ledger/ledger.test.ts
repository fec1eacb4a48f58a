import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import type { Guid } from '../../../../src/engine/base/guid.ts';
import type {
  HostCheckpoint,
  HostReferencePoint,
} from '../../../../src/engine/backup/host/host.ts';
import {
  claimCheckpoint,
  claimReferencePoint,
} from '../../../../src/engine/backup/ledger/claims.ts';
import {
  emptyLedger,
  markDestroyed,
  markReplaced,
  ownsCheckpoint,
  ownsReferencePoint,
  withCheckpoint,
  withIntent,
  withReferencePoint,
  withoutCheckpoint,
  withoutIntent,
  type Intent,
  type Ledger,
} from '../../../../src/engine/backup/ledger/ledger.ts';
import { storeLedger, userLedger } from '../../../../src/engine/backup/ledger/ledger-file.ts';
import { ledgerPath } from '../../../../src/engine/backup/store/contract/layout.ts';
import { MemoryStore } from '../../../support/store/memory-store.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const VM = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff' as Guid;
const TIME = '2026-11-22T14:03:05Z';
const HOST = 'https://hv01:5986';

/** Loads a ledger of a store that holds `value`. */
async function loaded(value: unknown): Promise<Ledger> {
  const store = new MemoryStore();
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  await store.replaceFile(ledgerPath(VM), bytes, never);
  return storeLedger(store, VM).load(never);
}

const intent = (changes: Partial<Intent> = {}): Intent => ({
  id: 'i1',
  kind: 'checkpoint',
  time: TIME,
  host: HOST,
  computerName: 'HV01',
  pointId: '20261122T140305Z-full',
  existing: [],
  consistency: 'crash',
  checkpointId: null,
  directory: null,
  asked: TIME,
  job: null,
  disks: [],
  ...changes,
});

const checkpoint = (id: string, type: HostCheckpoint['type'] = 'backup'): HostCheckpoint => ({
  id,
  type,
  name: id,
  created: TIME,
});

const point = (id: string, type: HostReferencePoint['type'] = 'rct'): HostReferencePoint => ({
  id,
  type,
  consistency: 'crash',
  disks: [],
});

const own = (id: string) => ({
  id,
  host: HOST,
  computerName: 'HV01',
  created: TIME,
  pointId: null,
});

const ownCheckpoint = (id: string) => ({ ...own(id), kept: false });

test('one new backup checkpoint is claimed, whatever else the machine has', () => {
  const plan = intent({ existing: ['old'] });
  const now = [checkpoint('old'), checkpoint('users', 'user'), checkpoint('new')];
  const claim = claimCheckpoint(emptyLedger(VM), plan, now);
  assert.equal(claim.outcome === 'one' && claim.item.id, 'new');
});

test('nothing new is none, and several are all reported and none chosen', () => {
  const plan = intent({ existing: ['old'] });
  assert.deepEqual(claimCheckpoint(emptyLedger(VM), plan, [checkpoint('old')]), {
    outcome: 'none',
  });
  const two = [checkpoint('a'), checkpoint('old'), checkpoint('b')];
  const claim = claimCheckpoint(emptyLedger(VM), plan, two);
  assert.deepEqual(claim, { outcome: 'unclear', items: [checkpoint('a'), checkpoint('b')] });
});

test('a checkpoint of another time than that of the call is another product’s', () => {
  const claim = (created: string | null, changes: Partial<Intent> = {}) =>
    claimCheckpoint(emptyLedger(VM), intent(changes), [{ ...checkpoint('new'), created }]).outcome;
  assert.equal(claim('2026-11-22T14:03:06.5Z'), 'one');
  assert.equal(claim('2026-11-22T14:02:30Z'), 'none', 'before the call');
  assert.equal(claim('2026-11-22T14:04:05Z'), 'none', 'long after the call');
  assert.equal(claim(null), 'unclear', 'the host does not tell its time');
  assert.equal(claim(TIME, { asked: null }), 'none', 'the call was not sent, or was refused');
});

test('a reference point is claimed only for a converted checkpoint, and if it covers the same disks', () => {
  const plan = intent({ kind: 'referencePoint', checkpointId: 'c1', disks: ['A\\L', 'B\\L'] });
  const made = (...places: string[]): HostReferencePoint => ({
    ...point('new'),
    disks: places.map((locationId) => ({ locationId, rctId: 'r' })),
  });
  const claim = (found: HostReferencePoint, converted: boolean, changes: Partial<Intent> = {}) =>
    claimReferencePoint(emptyLedger(VM), { ...plan, ...changes }, [found], converted).outcome;
  assert.equal(claim(made('b\\l', 'a\\L'), true), 'one');
  assert.equal(claim(made('a\\l'), true), 'unclear', 'it covers other disks');
  assert.equal(claim(made('a\\l', 'b\\l'), false), 'unclear', 'the checkpoint is still there');
  assert.equal(claim(made('a\\l', 'b\\l'), true, { asked: null }), 'none');
});

test('what is ours already is never claimed a second time', () => {
  const ledger = withCheckpoint(emptyLedger(VM), ownCheckpoint('a'), null);
  const claim = claimCheckpoint(ledger, intent(), [checkpoint('a'), checkpoint('b')]);
  assert.equal(claim.outcome === 'one' && claim.item.id, 'b');
});

test('a new RCT reference point is claimed; those of log-based tracking, and known ones, are not', () => {
  const ledger = withReferencePoint(emptyLedger(VM), own('ours'), null);
  const plan = intent({ kind: 'referencePoint', existing: ['foreign'] });
  const now = [point('foreign'), point('ours'), point('log', 'log'), point('new')];
  const claim = claimReferencePoint(ledger, plan, now, true);
  assert.equal(claim.outcome === 'one' && claim.item.id, 'new');
  const more = claimReferencePoint(ledger, plan, [...now, point('other', 'unknown')], true);
  assert.equal(more.outcome, 'unclear');
});

test('a checkpoint fulfils its intent, and its conversion fulfils the next and ends it', () => {
  let ledger = withIntent(emptyLedger(VM), intent());
  ledger = withCheckpoint(ledger, ownCheckpoint('c1'), 'i1');
  assert.deepEqual(ledger.intents, []);
  assert.equal(ownsCheckpoint(ledger, 'c1'), true);
  ledger = withIntent(ledger, intent({ id: 'i2', kind: 'referencePoint', checkpointId: 'c1' }));
  ledger = withReferencePoint(ledger, own('r1'), 'i2');
  assert.deepEqual([ledger.intents, ledger.checkpoints], [[], []]);
  assert.equal(ownsReferencePoint(ledger, 'r1'), true);
  assert.equal(ledger.referencePoints[0]?.state, 'current');
});

test('a replaced reference point is still ours, a destroyed one is history', () => {
  let ledger = withReferencePoint(emptyLedger(VM), own('r1'), null);
  ledger = markReplaced(ledger, 'r1', '2026-11-23T00:00:00Z');
  assert.deepEqual(ledger.referencePoints[0], {
    ...own('r1'),
    state: 'replaced',
    changed: '2026-11-23T00:00:00Z',
  });
  assert.equal(ownsReferencePoint(ledger, 'r1'), true);
  ledger = markDestroyed(ledger, 'r1', '2026-11-24T00:00:00Z');
  assert.equal(ownsReferencePoint(ledger, 'r1'), false);
  assert.equal(ownsReferencePoint(ledger, 'foreign'), false);
});

test('history does not grow for ever, and what is alive is never dropped', () => {
  let ledger = withReferencePoint(emptyLedger(VM), own('alive'), null);
  for (let i = 0; i < 150; i++) {
    ledger = withReferencePoint(ledger, own(`r${i}`), null);
    ledger = markDestroyed(ledger, `r${i}`, TIME);
  }
  assert.equal(ledger.referencePoints.length, 101);
  assert.equal(ownsReferencePoint(ledger, 'alive'), true);
  assert.equal(ledger.referencePoints.at(-1)?.id, 'r149');
});

test('records are never changed, only answered anew', () => {
  const empty = Object.freeze(emptyLedger(VM));
  const one = withIntent(empty, intent());
  assert.throws(() => withIntent(one, intent()), { code: 'ledger.intent' });
  assert.deepEqual(withoutIntent(one, 'i1'), empty);
  assert.deepEqual(withoutCheckpoint(withCheckpoint(empty, ownCheckpoint('c'), null), 'c'), empty);
  assert.deepEqual(empty, emptyLedger(VM));
});

const full: Ledger = {
  ...emptyLedger(VM),
  intents: [intent({ kind: 'export', directory: 'C:\\out', checkpointId: 'c1', existing: ['x'] })],
  checkpoints: [{ ...ownCheckpoint('c1'), pointId: '20261122T140305Z-full' }],
  referencePoints: [{ ...own('r1'), state: 'replaced', changed: TIME }],
};

test('a ledger is empty before it is first saved, and comes back as it was saved', async (t) => {
  const folder = join(await temporaryFolder(t), 'user data');
  const store = new MemoryStore();
  for (const file of [storeLedger(store, VM), userLedger(folder, VM)]) {
    assert.deepEqual(await file.load(never), emptyLedger(VM));
    await file.save(full, never);
    assert.deepEqual(await file.load(never), full);
    await file.save(emptyLedger(VM), never);
    assert.deepEqual(await file.load(never), emptyLedger(VM));
  }
  assert.ok(store.files.has(ledgerPath(VM)));
  assert.match(
    await readFile(join(folder, 'ledgers', `${VM}.json`), 'utf8'),
    /^\{\n {2}"version": 2/,
  );
});

test('a ledger of version 1 is read, and one of this version may hold fields that are not known yet', async () => {
  const first = {
    version: 1,
    vmId: VM,
    intents: [
      {
        id: 'i1',
        kind: 'checkpoint',
        time: TIME,
        host: HOST,
        pointId: null,
        existing: [],
        consistency: null,
        checkpointId: null,
        directory: null,
      },
    ],
    checkpoints: [{ id: 'c1', host: HOST, created: TIME, pointId: null }],
    referencePoints: [
      { id: 'r1', host: HOST, created: TIME, pointId: null, state: 'current', changed: TIME },
    ],
  };
  const read = await loaded(first);
  const [open] = read.intents;
  assert.deepEqual([open?.asked, open?.job, open?.computerName], [TIME, null, null]);
  assert.deepEqual(
    [read.checkpoints[0]?.kept, read.referencePoints[0]?.computerName],
    [false, null],
  );
  await assert.rejects(loaded({ ...first, more: 1 }), { code: 'ledger.damaged' });
  const [checkpoint1] = full.checkpoints;
  const later = { ...full, more: 1, checkpoints: [{ ...checkpoint1, colour: 'red' }] };
  assert.deepEqual(await loaded(later), full);
});

test('a damaged ledger is never taken for an empty one', async (t) => {
  const folder = await temporaryFolder(t);
  const store = new MemoryStore();
  await mkdir(join(folder, 'ledgers'));
  const other = { ...emptyLedger(VM), vmId: '00000000-0000-0000-0000-000000000001' };
  for (const text of [
    '',
    '{}',
    '{"version":1',
    JSON.stringify({ ...full, intents: 3 }),
    JSON.stringify(other),
  ]) {
    await store.replaceFile(ledgerPath(VM), new TextEncoder().encode(text), never);
    await writeFile(join(folder, 'ledgers', `${VM}.json`), text);
    const damaged = { code: 'ledger.damaged', damage: true };
    await assert.rejects(storeLedger(store, VM).load(never), damaged);
    await assert.rejects(userLedger(folder, VM).load(never), damaged);
  }
  await assert.rejects(loaded({ ...full, version: 3 }), {
    code: 'ledger.version',
    userFixable: true,
  });
});

test('a ledger that could not be read back is not saved', async () => {
  const store = new MemoryStore();
  const bad = { ...full, checkpoints: [{ ...ownCheckpoint('c'), created: 'today' }] };
  await assert.rejects(async () => storeLedger(store, VM).save(bad, never), {
    code: 'ledger.damaged',
    message: /checkpoints\[0\]\.created/,
  });
  assert.equal(store.files.size, 0);
});
