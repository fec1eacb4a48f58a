import assert from 'node:assert/strict';
import fs, { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { BackupOptions } from '../../src/engine/api/backup.ts';
import type { Edge } from '../../src/engine/backup/context/edges.ts';
import { DirectoryStore } from '../../src/engine/backup/store/directory/directory-store.ts';
import { runSet } from '../../src/engine/backup/vss/run-set.ts';
import { never } from '../../src/engine/base/abort.ts';
import { noLog } from '../../src/engine/base/log.ts';
import { noProgress } from '../../src/engine/base/progress.ts';
import { connectTarget } from '../../src/engine/hosts/connect-target.ts';
import { FileSource } from '../../src/engine/source/files/file-source.ts';
import { temporaryFolder } from '../support/files/temporary-folder.ts';
import { refpointJson } from '../support/process/command.ts';
import { hostLab, type HostLab } from '../support/windows/host-lab.ts';

const MIB = 2 ** 20;
/** Offset of the counter that the guests write to all their disks. */
const AT = 3 * MIB;
const NAMES = ['web', "d'b {0}", 'Büro 漢字'];
const OPTIONS: BackupOptions = {
  kind: 'auto',
  method: 'vss',
  consistency: 'default',
  guestBackup: 'copy',
  checkTracker: 'off',
  maxChain: 30,
  pathMap: [],
  exportDirectory: null,
  excludeDisks: [],
  vssWaitSeconds: 0,
};

interface Point {
  readonly id: string;
  readonly method: string;
  readonly shadowSet?: string;
  readonly vm: { readonly id: string; readonly name: string };
  readonly configFiles: readonly { readonly file: string }[];
}

/** The command on the host itself: our own requestor makes the set, and its devices are read. */
for (const hostVersion of ['2012r2', '2022']) {
  test(`three VMs on two volumes of a ${hostVersion} host are backed up at one instant by our own requestor`, async (t) => {
    const lab = await hostLab(t, ['--host-version', hostVersion]);
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

    await t.test('once the set is made, no file of the live folders is opened', async (t) => {
      const opened: string[] = [];
      let made = false;
      const note = (path: unknown): void => {
        if (made) opened.push(String(path));
      };
      const open = FileSource.open.bind(FileSource);
      t.mock.method(FileSource, 'open', (...args: Parameters<typeof open>) => {
        note(args[0]);
        return open(...args);
      });
      const { open: openAny } = fs;
      t.mock.method(fs, 'open', (...args: Parameters<typeof openAny>) => {
        note(args[0]);
        return openAny(...args);
      });
      const onEdge = async (edge: Edge): Promise<void> => {
        made ||= edge === 'set.made';
      };
      const host = connectTarget(lab.target, noLog);
      try {
        const vms = [];
        for (const name of NAMES) vms.push(await host.identifyVm(name, never));
        const around = {
          store: await DirectoryStore.open(store, { create: false }, never),
          onEdge,
        };
        const deps = { host, ...around, progress: noProgress, log: noLog, now: Date.now };
        const { points, failed } = await runSet(deps, vms, OPTIONS, 'test', never);
        assert.deepEqual([points.length, failed], [NAMES.length, []]);
      } finally {
        await host.close();
      }
      const inCopies = opened.filter((path) => path.includes('HarddiskVolumeShadowCopy'));
      const disks = new Set(inCopies.filter((path) => path.endsWith('.vhdx')));
      assert.equal(disks.size, 2 * NAMES.length, opened.join('\n'));
      const live = opened.filter((path) => /^(?:\\\\[?.]\\)?[a-z]:\\Lab\\/i.test(path));
      assert.deepEqual(live, []);
    });

    const { refused, left } = await lab.ask('vssapi-record', {});
    assert.deepEqual({ refused, left }, { refused: [], left: 0 });
  });
}

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
