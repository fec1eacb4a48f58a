import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { temporaryFolder } from '../support/files/temporary-folder.ts';
import { refpointJson, startRefpoint } from '../support/process/command.ts';
import { hostLab, type HostLab } from '../support/windows/host-lab.ts';

const MIB = 2 ** 20;
/** Offset of the counter that the guests write to all their disks. */
const AT = 3 * MIB;
const NAMES = ['web', "d'b {0}", 'Büro 漢字'];

interface Point {
  readonly id: string;
  readonly method: string;
  readonly shadowSet?: string;
  readonly vm: { readonly id: string; readonly name: string };
  readonly configFiles: readonly { readonly file: string }[];
}

/** The command on the host itself: our own requestor makes the set, and its devices are read. */
test('three VMs on two volumes are backed up at one instant by our own requestor', async (t) => {
  const lab = await hostLab(t);
  if (lab === undefined) return;
  for (const name of NAMES) {
    const disks = [{ size: 8 * MIB }, { size: 8 * MIB }];
    await lab.ask('add-vm', { name, disks, drives: ['C', 'D'] });
  }
  const folder = await temporaryFolder(t);
  const store = join(folder, 'store');
  const foreign = await lab.ask('shadow-create', {});
  const args = ['backup', '--all', '--method', 'vss', '--store', store, ...lab.command.options];
  const { env } = lab.command;

  await t.test(
    'the restored disks show one instant, and only the foreign copy is left',
    async () => {
      const stop = startCounting(lab);
      await refpointJson(args, { env });
      const last = await stop();
      const points = await pointsIn(store);
      assert.equal(points.length, NAMES.length);
      assert.equal(new Set(points.map(({ shadowSet }) => shadowSet)).size, 1);
      const counters: number[] = [];
      for (const name of NAMES) {
        const point = points.find(({ vm }) => vm.name === name);
        assert.equal(point?.method, 'vss');
        const files = point?.configFiles.map(({ file }) => file) ?? [];
        assert.ok(
          files.includes('config/vss-components.xml') && files.includes('config/vss-writer.xml'),
        );
        counters.push(...(await countersOf(t, store, point?.vm.id ?? '', env)));
      }
      // The guests' writer goes from disk to disk: at one instant the later ones lag behind by one at most.
      const [first = 0] = counters;
      assert.ok(first > 0 && first < last, `${first} of ${last}`);
      const lagging = counters.indexOf(first - 1);
      const expected = counters.map((_, i) => (lagging >= 0 && i >= lagging ? first - 1 : first));
      assert.deepEqual(counters, expected);
      const left = await lab.ask('shadow-list', {});
      assert.deepEqual(
        left.map(({ id }) => id),
        [foreign.id],
      );
    },
  );

  await t.test('a killed process leaves no set, and the next run succeeds', async () => {
    const child = startRefpoint(args, { env });
    while ((await lab.ask('shadow-list', {})).length < 3) await new Promise(setImmediate);
    child.kill('SIGKILL');
    await once(child, 'close');
    for (let tries = 0; (await lab.ask('shadow-list', {})).length > 1; tries++) {
      assert.ok(tries < 1000, 'the set vanishes with its process');
    }
    await refpointJson(args, { env });
    assert.equal((await lab.ask('shadow-list', {})).length, 1);
    const { refused, left } = await lab.ask('vssapi-record', {});
    assert.deepEqual({ refused, left }, { refused: [], left: 0 });
  });
});

/** Writes one counter to every disk, over and over, until it is stopped. */
function startCounting(lab: HostLab): () => Promise<number> {
  let counter = 0;
  const stop = new AbortController();
  const run = (async () => {
    while (!stop.signal.aborted) {
      counter++;
      const page = Buffer.alloc(4096);
      page.writeUInt32LE(counter);
      const base64 = page.toString('base64');
      for (const vm of NAMES) {
        for (const disk of [0, 1]) await lab.ask('write-bytes', { vm, disk, offset: AT, base64 });
      }
    }
  })();
  return async () => {
    stop.abort();
    await run;
    return counter;
  };
}

/** Returns the records of the points in a store. */
async function pointsIn(store: string): Promise<readonly Point[]> {
  const found: Point[] = [];
  for (const entry of await readdir(store, { recursive: true })) {
    if (!entry.endsWith('point.chain.json')) continue;
    found.push(JSON.parse(await readFile(join(store, entry), 'utf8')) as Point);
  }
  return found;
}

/** Returns the counters of the restored disks of a VM. */
async function countersOf(
  t: TestContext,
  store: string,
  vm: string,
  env: Record<string, string>,
): Promise<number[]> {
  const to = join(await temporaryFolder(t), 'restored');
  await refpointJson(['restore', '--vm', vm, '--store', store, '--to', to, '--format', 'raw'], {
    env,
  });
  const files = (await readdir(to)).filter((name) => name.endsWith('.raw')).sort();
  assert.equal(files.length, 2);
  const found = [];
  for (const file of files) found.push((await readFile(join(to, file))).readUInt32LE(AT));
  return found;
}
