import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ShadowHost } from '../../../../src/engine/backup/host/shadow-host.ts';
import type { OwnSet } from '../../../../src/engine/backup/ledger/own-sets.ts';
import { recoverSets } from '../../../../src/engine/backup/recovery/open-sets.ts';
import type { RecoveryRun } from '../../../../src/engine/backup/recovery/recovery-run.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { newGuid, type Guid } from '../../../../src/engine/base/guid.ts';
import type { DiskshadowLog } from '../../../../src/engine/vss/diskshadow/read-log.ts';
import type { HostShadow } from '../../../../src/engine/vss/wmi/list-shadows.ts';

const VOLUME = '\\\\?\\Volume{711fc68a-0000-0000-0000-100000000000}\\';
const MINUTE = 60_000;

const shadow = (change: Partial<HostShadow> = {}): HostShadow => ({
  id: newGuid(),
  set: newGuid(),
  alias: null,
  volume: VOLUME,
  device: null,
  noWriters: false,
  persistent: true,
  created: new Date().toISOString(),
  clientAccessible: false,
  exposed: null,
  ...change,
});

const log = (set: Guid | null): DiskshadowLog => {
  return { set, shadows: [], writers: [], components: [], hresults: [], failedCalls: [] };
};

interface Scene {
  readonly listed: readonly HostShadow[];
  /** undefined: there is no folder; null: there is no log in it. */
  readonly log?: DiskshadowLog | null;
  readonly set?: Guid | null;
  /** Minutes since the intent. */
  readonly age?: number;
}

interface Recovered {
  readonly removed: readonly (Guid | null)[];
  readonly notes: readonly string[];
  /** The intent stays in the ledger. */
  readonly kept: boolean;
}

/** Recovers one intent. */
async function recover({ listed, log: found, set = null, age = 5 }: Scene): Promise<Recovered> {
  const removed: (Guid | null)[] = [];
  const own: OwnSet = {
    id: 'x',
    time: new Date(Date.now() - age * MINUTE).toISOString(),
    host: 'h',
    computerName: null,
    folder: '0'.repeat(32),
    volumes: [VOLUME],
    existing: [],
    set,
  };
  const shadows = {
    list: async () => ({ shadows: listed, volumes: [] }),
    look: async () => found,
    remove: async (_: string, each: Guid | null) => void removed.push(each),
  } as unknown as ShadowHost;
  const notes: string[] = [];
  let kept = true;
  const run = {
    ledger: { sets: [own] },
    deps: { host: { shadows }, now: Date.now },
    items: [],
    whereabouts: () => 'here',
    note: (kind: string) => void notes.push(kind),
    remove: async (...args: readonly unknown[]) => {
      await (args[3] as () => Promise<void>)();
      return true;
    },
    update: async () => void (kept = false),
  } as unknown as RecoveryRun;
  await recoverSets(run, never);
  return { removed, notes, kept };
}

test('removes exactly the set that the ledger or our own log names', async () => {
  const [own, foreign] = [shadow(), shadow()];
  const listed = [foreign, own];
  assert.deepEqual((await recover({ listed, set: own.set })).removed, [own.set]);
  assert.deepEqual((await recover({ listed, log: log(own.set) })).removed, [own.set]);
});

test('claims a single new set that fits, and never one of several', async () => {
  const fits = shadow();
  assert.deepEqual((await recover({ listed: [fits], log: null })).removed, [fits.set]);
  const two = await recover({ listed: [fits, shadow()], log: null });
  assert.deepEqual(two, { removed: [], notes: ['unclear'], kept: true });
});

test('leaves alone what cannot be ours', async () => {
  const others = [
    { persistent: false },
    { noWriters: true },
    { clientAccessible: true },
    { volume: VOLUME.replace('7', '8') },
    { exposed: `C:\\ProgramData\\Refpoint-${'1'.repeat(32)}\\v1\\` },
    { created: '2020-01-01T00:00:00Z' },
  ];
  for (const change of others) {
    const found = await recover({ listed: [shadow(change)], log: null, age: 60 });
    assert.deepEqual([found.removed, found.kept], [[null], false], JSON.stringify(change));
  }
  // diskshadow runs in our folder: without one it was never started.
  const unmade = await recover({ listed: [shadow()] });
  assert.deepEqual([unmade.removed, unmade.kept], [[null], false]);
});

test('a set of another program stays, although it fits, while PowerShell may be about to make our folder', async () => {
  // Without the folder diskshadow has not begun: the set is not ours, and ours may come later.
  const found = await recover({ listed: [shadow()], age: 1 });
  assert.deepEqual(found, { removed: [], notes: ['left'], kept: true });
});

test('waits for a diskshadow that may still run', async () => {
  const scenes = [{ age: 1 }, { age: 1, log: null }, { age: 20, log: null }];
  for (const scene of scenes) {
    const found = await recover({ listed: [], ...scene });
    assert.deepEqual(found, { removed: [], notes: ['left'], kept: true });
  }
});
