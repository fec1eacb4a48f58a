import assert from 'node:assert/strict';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { restorePoint } from '../../../src/engine/backup/restore/restore.ts';
import { storeLedger } from '../../../src/engine/backup/ledger/ledger-file.ts';
import type { Store } from '../../../src/engine/backup/store/contract/store.ts';
import type { Log } from '../../../src/engine/base/log.ts';
import { never } from '../../../src/engine/base/abort.ts';
import { noProgress } from '../../../src/engine/base/progress.ts';
import type { HttpWsmanClient } from '../../../src/engine/net/wsman/wsman-client.ts';
import { openTestStore, verifyErrors } from '../../support/backup/backup-lab.ts';
import { shadowsOnHost } from '../../support/vss/shadows-on-host.ts';
import { createByWmi } from '../../support/vss/wmi-shadows.ts';
import { backUpSet, powershellOr, startVssLab, type VssLab } from '../../support/vss/vss-lab.ts';

/** Offset of the counter that the guests write to all their disks. */
const AT = 3 * 2 ** 20;

/** Writes one counter to every disk, over and over, until it is stopped. */
function startCounting(lab: VssLab): () => Promise<number> {
  let counter = 0;
  const stop = new AbortController();
  const run = (async () => {
    while (!stop.signal.aborted) {
      counter++;
      const page = Buffer.alloc(4096);
      page.writeUInt32LE(counter);
      for (const { name } of lab.vms) {
        for (const disk of [0, 1]) await lab.write(name, disk, AT, page);
      }
    }
  })();
  return async () => {
    stop.abort();
    await run;
    return counter;
  };
}

/** Returns the counters of the restored disks of a point. */
async function countersOf(
  lab: VssLab,
  store: Store,
  vmId: never,
  point: string,
): Promise<number[]> {
  const to = join(lab.folder, `restored-${String(vmId)}`);
  const options = { vmId, point, disks: [], to, format: 'raw', force: false } as const;
  const { disks } = await restorePoint(store, options, noProgress, never);
  const found = [];
  for (const { file } of disks) found.push((await readFile(file)).readUInt32LE(AT));
  await rm(to, { recursive: true });
  return found;
}

for (const [hostVersion, language] of [
  ['2012r2', 'ja-JP'],
  ['2022', 'de-DE'],
] as const) {
  test(`three VMs on two volumes of a ${hostVersion} host get points of one instant`, async (t) => {
    const powershell = powershellOr(t);
    if (powershell === undefined) return;
    const names = ['web', '$(calc); & "x" %PATH%', "d'b`n{0}"];
    const lab = await startVssLab(t, powershell, names, { hostVersion, language });
    const store = await openTestStore(lab);
    const client = lab.client as HttpWsmanClient;
    for (const Volume of ['C:\\', 'D:\\']) {
      assert.equal((await createByWmi(client, { Volume })).returnValue, 0);
    }
    const before = (await lab.ask('shadow-list', {})).map(({ id }) => id);
    await lab.fault('vss.foreign', undefined, 1);
    const stop = startCounting(lab);
    const logged: string[] = [];
    const log: Log = ({ level, message }) => {
      if (level === 'warn') logged.push(message);
    };
    const result = await backUpSet(lab, store, lab.vms, { log });
    assert.deepEqual(logged, []);
    const last = await stop();
    assert.deepEqual(result.failed, []);
    const counters: number[] = [];
    for (const [at, { manifest }] of result.points.entries()) {
      assert.equal(manifest.method, 'vss');
      assert.equal(manifest.kind, 'full');
      assert.equal(manifest.shadowSet, result.set);
      assert.equal(manifest.referencePoint, null);
      assert.equal(manifest.vm.name, names[at]);
      const small = manifest.configFiles.map(({ file }) => file.split('.').at(-1));
      assert.ok(small.includes(hostVersion === '2012r2' ? 'xml' : 'vmcx'), small.join());
      assert.ok(manifest.warnings.some(({ code }) => code === 'vss.memory'));
      const id = lab.vms[at]?.id as never;
      counters.push(...(await countersOf(lab, store, id, manifest.id)));
      assert.deepEqual(await verifyErrors(store, id), []);
      assert.equal((await storeLedger(store, id).load(never)).sets, undefined);
    }
    // The writer goes from disk to disk: at one instant the later ones lag behind by one at most.
    assert.equal(counters.length, 6);
    const [first = 0] = counters;
    assert.ok(first > 0 && first < last, `${first} of ${last}`);
    const lagging = counters.indexOf(first - 1);
    const expected = counters.map((_, i) => (lagging >= 0 && i >= lagging ? first - 1 : first));
    assert.deepEqual(counters, expected);
    const left = await lab.ask('shadow-list', {});
    // The two from before, and the one that was made meanwhile.
    assert.equal(left.length, 3);
    assert.ok(left.every(({ set }) => set !== result.set));
    const ids = left.map(({ id }) => id);
    assert.ok(before.every((id) => ids.includes(id)));
    assert.deepEqual(await shadowsOnHost(t, lab.target), ids.toSorted());
    assert.deepEqual(await readdir(join(lab.folder, 'lab', 'windows', 'ProgramData')), []);
  });
}
