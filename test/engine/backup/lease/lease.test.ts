import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import fc, { thinned } from '../../../support/checks/properties.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import type { Guid } from '../../../../src/engine/base/guid.ts';
import { HEARTBEAT_MS, Lease } from '../../../../src/engine/backup/lease/lease.ts';
import {
  readLatestLease,
  type LeaseOwner,
} from '../../../../src/engine/backup/lease/lease-file.ts';
import { systemLeaseClock } from '../../../../src/engine/backup/lease/lease-clock.ts';
import { thisProcess } from '../../../../src/engine/backup/lease/lease-owner.ts';
import { DirectoryStore } from '../../../../src/engine/backup/store/directory/directory-store.ts';
import { leasePath } from '../../../../src/engine/backup/store/contract/layout.ts';
import type { Store } from '../../../../src/engine/backup/store/contract/store.ts';
import { FakeLeaseClock, FakeTime } from '../../../support/store/fake-lease-clock.ts';
import { faultyFiles } from '../../../support/files/faulty-files.ts';
import { faultyStore } from '../../../support/store/faulty-store.ts';
import { MemoryStore } from '../../../support/store/memory-store.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const VM = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff' as Guid;
const hv01 = { machine: 'hv01', boot: 'boot 1', namespace: 'pid:[1]' };
const hv02 = { machine: 'hv02', boot: 'boot 2', namespace: 'pid:[1]' };
const anna: LeaseOwner = { ...hv01, owner: 'anna', pid: 100, job: 'j1', started: '5' };
const ben: LeaseOwner = { ...hv02, owner: 'ben', pid: 200, job: 'j2', started: '5' };
/** The code with which taking the lease was refused. */
const refused = (taking: Promise<unknown>): Promise<unknown> =>
  taking.then(
    () => 'taken',
    (error: unknown) => (isEngineError(error) ? error.code : error),
  );

interface World {
  readonly store: MemoryStore;
  readonly time: FakeTime;
  readonly hv01: FakeLeaseClock;
  readonly hv02: FakeLeaseClock;
}

function world(): World {
  const time = new FakeTime();
  return {
    store: new MemoryStore(),
    time,
    hv01: new FakeLeaseClock(time, [100, 101, 102]),
    hv02: new FakeLeaseClock(time, [200]),
  };
}

const acquire = (w: World, owner: LeaseOwner, store: Store = w.store): Promise<Lease> =>
  Lease.acquire(store, VM, owner, never, owner.machine === 'hv01' ? w.hv01 : w.hv02);

const names = (w: World): Promise<readonly string[]> => w.store.list(VM, never);

test('who meets a held lease is told who holds it, where, since when and for which job', async () => {
  const w = world();
  const lease = await acquire(w, anna);
  await w.time.advance(5000);
  const told: string[] = [];
  const tell = (text: string): void => void told.push(text);
  const asking = Lease.acquire(w.store, VM, ben, never, w.hv02, tell);
  const answer = assert.rejects(asking, {
    code: 'lease.held',
    message: /^anna is writing .* since 2026-11-22T14:00:00.000Z: process 100 on hv01, job j1$/,
    userFixable: true,
    permanent: false,
  });
  // The next heartbeat gives the answer; the wait for it names the holder.
  await w.time.advance(HEARTBEAT_MS);
  await answer;
  assert.equal(told.length, 1);
  assert.match(told[0] ?? '', /anna holds the lease .*process 100 on hv01, job j1.*up to 60 s/);
  // A process of the same machine is known to be alive: no wait.
  await assert.rejects(acquire(w, { ...anna, pid: 101 }), { code: 'lease.held' });
  await lease.assertHeld(never);
  await lease.release();
});

test('a heartbeat every 10 s keeps it for hours', async () => {
  const w = world();
  const lease = await acquire(w, anna);
  for (let minute = 0; minute < 120; minute++) {
    await w.time.advance(60_000);
    const latest = await readLatestLease(w.store, VM, never);
    assert.ok(w.time.now - Date.parse(latest?.state?.heartbeat ?? '') <= 10_000);
  }
  const answer = refused(acquire(w, ben));
  await w.time.advance(HEARTBEAT_MS);
  assert.equal(await answer, 'lease.held');
  await lease.assertHeld(never);
  await lease.release();
});

test('after release the next one gets it at once, with a higher token and one file', async () => {
  const w = world();
  for (let token = 1; token <= 3; token++) {
    const lease = await acquire(w, token % 2 === 1 ? anna : ben);
    assert.equal(lease.token, token);
    assert.deepEqual(await names(w), [`lease-000000000${token}.json`]);
    await lease.release();
    await lease.release();
    await assert.rejects(lease.assertHeld(never), { code: 'lease.lost' });
    assert.equal(lease.lost.aborted, false, 'giving back is no loss');
  }
});

test('a released lease is renewed no more', async () => {
  const w = world();
  const lease = await acquire(w, anna);
  await lease.release();
  const before = w.store.files.get(leasePath(VM, 1));
  await w.time.advance(100_000);
  assert.deepEqual(w.store.files.get(leasePath(VM, 1)), before);
});

test('a process that died on this machine is taken over at once', async () => {
  const w = world();
  const dead = await acquire(w, anna);
  w.hv01.alive.delete(100);
  const next = await acquire(w, { ...anna, pid: 101 });
  assert.equal(next.token, 2);
  await assert.rejects(dead.assertHeld(never), { code: 'lease.lost', permanent: true });
  await next.assertHeld(never);
  await next.release();
});

test('a machine that slept loses its lease after a minute of watching, notices, and never touches the next one', async () => {
  const w = world();
  const slept = await acquire(w, anna);
  w.time.asleep.add(w.hv01);
  await w.time.advance(3_600_000);
  const taking = acquire(w, ben);
  await w.time.advance(58_000);
  assert.deepEqual(await names(w), ['lease-0000000001.json'], 'an old heartbeat is no proof');
  await w.time.advance(2000);
  const next = await taking;
  assert.equal(next.token, 2);
  const file = w.store.files.get(leasePath(VM, 2));
  w.time.asleep.clear();
  await assert.rejects(slept.assertHeld(never), { code: 'lease.lost', message: /token 2/ });
  assert.equal(slept.lost.aborted, true);
  await slept.release();
  assert.deepEqual(w.store.files.get(leasePath(VM, 2)), file);
  assert.deepEqual(await names(w), ['lease-0000000002.json']);
  await next.assertHeld(never);
  await next.release();
});

test('a holder that wakes is told by its own heartbeat, without asking', async () => {
  const w = world();
  const slept = await acquire(w, anna);
  w.time.asleep.add(w.hv01);
  const taking = acquire(w, ben);
  await w.time.advance(60_000);
  const next = await taking;
  w.time.asleep.clear();
  await w.time.advance(10_000);
  assert.equal(slept.lost.aborted, true);
  assert.ok(isEngineError(slept.lost.reason, 'lease.lost'));
  await next.release();
});

test('a hung process of this machine is taken over after a minute of watching', async () => {
  const w = world();
  const other = new FakeLeaseClock(w.time, [100, 101]);
  await acquire(w, anna);
  w.time.asleep.add(w.hv01);
  await w.time.advance(61_000);
  const taking = Lease.acquire(w.store, VM, { ...anna, pid: 101 }, never, other);
  await w.time.advance(60_000);
  const next = await taking;
  assert.equal(next.token, 2);
  await next.release();
});

test('a living holder keeps its lease, whatever the clocks do', async () => {
  // hv01: the holder. local: a process of the holder's machine. ben: another machine.
  for (const skew of [-3_600_000, -300_000, 120_000, 300_000, 3_600_000]) {
    for (const stepped of ['holder before', 'both after', 'asker after'] as const) {
      const w = world();
      if (stepped === 'holder before') w.hv01.skew = skew;
      const lease = await acquire(w, anna);
      await w.time.advance(30_500);
      if (stepped === 'both after') w.hv01.skew = skew;
      if (stepped !== 'holder before') w.hv02.skew = skew;
      const local = new FakeLeaseClock(w.time, [100, 101]);
      local.skew = w.hv02.skew;
      const answers = [
        refused(acquire(w, ben)),
        refused(Lease.acquire(w.store, VM, { ...anna, pid: 101 }, never, local)),
      ];
      await w.time.advance(12_000);
      assert.deepEqual(await Promise.all(answers), ['lease.held', 'lease.held']);
      await lease.assertHeld(never);
      await lease.release();
    }
  }
});

test('a dead holder is taken over after a minute of watching, whatever its clock said', async () => {
  for (const skew of [0, -300_000, 300_000, 86_400_000]) {
    const w = world();
    w.hv01.skew = skew;
    await acquire(w, anna);
    w.time.asleep.add(w.hv01);
    const taking = acquire(w, ben);
    await w.time.advance(58_000);
    assert.deepEqual(await names(w), ['lease-0000000001.json']);
    await w.time.advance(2000);
    const next = await taking;
    assert.equal(next.token, 2);
    await next.release();
  }
});

test('a process that cannot be told from one of this machine is watched, not taken for dead', async () => {
  const elsewhere: readonly Partial<LeaseOwner>[] = [
    { namespace: 'pid:[2]' },
    { namespace: null },
    { boot: 'boot 0' },
    { boot: null },
    { machine: 'hv09' },
  ];
  for (const changed of elsewhere) {
    const w = world();
    // Its number is not in use here.
    const holder = await Lease.acquire(
      w.store,
      VM,
      { ...anna, ...changed, pid: 77 },
      never,
      w.hv01,
    );
    const answer = refused(acquire(w, anna));
    await w.time.advance(12_000);
    assert.equal(await answer, 'lease.held', JSON.stringify(changed));
    await holder.assertHeld(never);
    await holder.release();
  }
});

test('a process id that is used again by another process does not keep the lease', async () => {
  const w = world();
  w.hv01.starts.set(100, '5').set(101, '6');
  const dead = await acquire(w, anna);
  await assert.rejects(acquire(w, { ...anna, pid: 101, started: '6' }), { code: 'lease.held' });
  w.hv01.starts.set(100, '700');
  const next = await acquire(w, { ...anna, pid: 101, started: '6' });
  assert.equal(next.token, 2);
  await assert.rejects(dead.assertHeld(never), { code: 'lease.lost' });
  await next.release();
});

test('a watcher that sleeps does not take its own sleep for the silence of the holder', async () => {
  const w = world();
  const lease = await acquire(w, anna);
  await w.time.advance(1000);
  const answer = refused(acquire(w, ben));
  await w.time.advance(1000);
  // One machine with both in containers: its clock jumps by an hour, and the watcher runs first.
  w.time.asleep.add(w.hv01);
  w.time.now += 3_600_000;
  await w.time.advance(10_000);
  w.time.asleep.clear();
  await w.time.advance(12_000);
  assert.equal(await answer, 'lease.held');
  await lease.assertHeld(never);
  await lease.release();
});

test('a lease file of an earlier version is read, and judged by watching', async () => {
  const w = world();
  const old = {
    version: 1,
    token: 3,
    owner: 'anna',
    machine: 'hv01',
    pid: 77,
    job: 'j0',
    since: '2026-11-22T13:00:00Z',
    heartbeat: '2026-11-22T13:59:59Z',
    released: false,
  };
  const write = (fields: object): Promise<void> =>
    w.store.replaceFile(
      leasePath(VM, 3),
      Buffer.from(JSON.stringify({ ...old, ...fields })),
      never,
    );
  await write({});
  const answer = refused(acquire(w, anna));
  await w.time.advance(6000);
  await write({ heartbeat: '2026-11-22T14:00:05Z' });
  await w.time.advance(4000);
  assert.equal(await answer, 'lease.held');
  await write({ released: true });
  const lease = await acquire(w, anna);
  assert.equal(lease.token, 4);
  await lease.release();
});

test('a holder that is overtaken before its first heartbeat does not get the lease', async () => {
  const w = world();
  // It sleeps after it created its file and looked once more; the next one watches the file for a minute and takes over.
  let overtaken = false;
  const slow: Store = new Proxy<Store>(w.store, {
    get: (store, key) => {
      const value: unknown = Reflect.get(store, key, store);
      if (typeof value !== 'function') return value;
      const call = value.bind(store) as (...args: unknown[]) => Promise<unknown>;
      if (key !== 'list') return call;
      return async (...args: unknown[]) => {
        const seen = await call(...args);
        if (w.store.files.has(leasePath(VM, 1)) && !overtaken) {
          overtaken = true;
          const taking = acquire(w, ben);
          await w.time.advance(60_000);
          await taking;
        }
        return seen;
      };
    },
  });
  const answer = refused(acquire(w, anna, slow));
  await w.time.advance(90_000);
  assert.equal(await answer, 'lease.held');
  assert.deepEqual(await names(w), ['lease-0000000002.json']);
});

test('a lease file that cannot be read blocks for a minute, not for ever', async () => {
  const w = world();
  await w.store.replaceFile(leasePath(VM, 7), new TextEncoder().encode('{"token":'), never);
  const taking = acquire(w, ben);
  await w.time.advance(62_000);
  const lease = await taking;
  assert.equal(lease.token, 8);
  await lease.release();
});

test('a token that was overtaken while it was created never counts', async () => {
  const w = world();
  const listings = [await names(w)];
  const late: Store = new Proxy<Store>(w.store, {
    get: (store, key) => {
      if (key === 'list' && listings.length > 0) {
        // The first look is from before the others came and went.
        return async () => {
          const seen = listings.pop() ?? [];
          const first = await acquire(w, anna);
          await first.release();
          const second = await acquire(w, anna);
          assert.equal(second.token, 2);
          return seen;
        };
      }
      const value: unknown = Reflect.get(store, key, store);
      return typeof value === 'function' ? value.bind(store) : value;
    },
  });
  const refusal = assert.rejects(acquire(w, ben, late), { code: 'lease.held', message: /anna/ });
  await w.time.advance(12_000);
  await refusal;
  assert.deepEqual(await names(w), ['lease-0000000002.json']);
});

test('a store that fails for a while does not lose the lease, and assertHeld tells of it', async () => {
  const w = world();
  const faulty = faultyStore(w.store, { at: 2, when: 'before', dead: false, only: /^replaceFile/ });
  const lease = await acquire(w, anna, faulty.store);
  await w.time.advance(5000);
  await assert.rejects(lease.assertHeld(never), { code: 'source.fault' });
  assert.equal(lease.lost.aborted, false);
  await lease.assertHeld(never);
  await w.time.advance(60_000);
  await lease.assertHeld(never);
  await lease.release();
});

test('an answer that is lost while acquiring leaves no lease behind', async () => {
  const w = world();
  const faulty = faultyStore(w.store, { at: 1, when: 'after', dead: false, only: /^createAbsent/ });
  await assert.rejects(acquire(w, anna, faulty.store), { code: 'source.fault' });
  const next = await acquire(w, ben);
  await next.release();
});

test('whose unfinished file was tidied up by the holder asks again, and is told who holds it', async (t) => {
  const folder = await temporaryFolder(t);
  const holder = await DirectoryStore.open(folder, { create: true }, never);
  let lease: Lease | undefined;
  // The holder comes first, and removes leftovers, just before the other one's file gets its name.
  const environment = faultyFiles({ fail: () => undefined });
  const { link } = environment.files;
  const files = new Proxy(environment.files, {
    get: (object, key) =>
      key !== 'link'
        ? (Reflect.get(object, key, object) as unknown)
        : async (...args: Parameters<typeof link>): Promise<void> => {
            if (lease === undefined) {
              lease = await Lease.acquire(holder, VM, await thisProcess('j1'), never);
              await holder.removeLeftovers(await holder.leftovers(VM, never), never);
            }
            return link(...args);
          },
  });
  const other = await DirectoryStore.open(
    folder,
    { environment: { ...environment, files } },
    never,
  );
  await assert.rejects(Lease.acquire(other, VM, await thisProcess('j2'), never), {
    code: 'lease.held',
    message: /job j1/,
  });
  await lease?.assertHeld(never);
  await lease?.release();
});

test('however the steps of several writers interleave, one at a time holds the lease', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (s) => {
      const w = world();
      const steps = new Set(['list', 'readFile', 'createAbsent', 'replaceFile', 'remove']);
      const slow: Store = new Proxy<Store>(w.store, {
        get: (store, key) => {
          const value: unknown = Reflect.get(store, key, store);
          if (typeof value !== 'function') return value;
          const call = value.bind(store) as (...args: unknown[]) => Promise<unknown>;
          if (!steps.has(String(key))) return call;
          return async (...args: unknown[]) => {
            await s.schedule(Promise.resolve(), String(key));
            return call(...args);
          };
        },
      });
      let holders = 0;
      let times = 0;
      const tokens: number[] = [];
      const writer = async (owner: LeaseOwner): Promise<void> => {
        for (let i = 0; i < 2; i++) {
          try {
            const lease = await acquire(w, owner, slow);
            tokens.push(lease.token);
            assert.equal(++holders, 1);
            times++;
            await lease.assertHeld(never);
            assert.equal(holders, 1);
            holders--;
            await lease.release();
          } catch (error) {
            assert.ok(isEngineError(error, 'lease.held'), String(error));
          }
        }
      };
      const work = Promise.all([
        writer(anna),
        writer({ ...anna, pid: 101 }),
        writer({ ...anna, pid: 102 }),
      ]);
      await s.waitFor(work);
      assert.ok(times >= 1);
      assert.deepEqual(
        tokens,
        [...new Set(tokens)].sort((a, b) => a - b),
      );
    }),
    { numRuns: thinned(150) },
  );
});

test('this process is named as it is, is alive, and a process that ended is not', async () => {
  const owner = await thisProcess('job 1');
  assert.deepEqual([owner.pid, owner.job], [process.pid, 'job 1']);
  assert.ok(owner.machine !== '' && owner.owner !== '');
  assert.equal(systemLeaseClock.isAlive(process.pid), true);
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  assert.ok(child.pid !== undefined);
  assert.equal(systemLeaseClock.isAlive(child.pid), false);
  const store = new MemoryStore();
  await Lease.acquire(store, VM, { ...owner, pid: child.pid }, never).then((dead) =>
    dead.release(),
  );
  const lease = await Lease.acquire(store, VM, owner, never);
  await lease.assertHeld(never);
  await lease.release();
});
