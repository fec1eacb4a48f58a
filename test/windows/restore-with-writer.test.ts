import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { JobInfo } from '../../src/engine/api/jobs.ts';
import { storeLedger } from '../../src/engine/backup/ledger/ledger-file.ts';
import { cleanVm } from '../../src/engine/backup/recovery/clean.ts';
import { WRITER_EDGE_WORDS } from '../../src/engine/backup/restore/writer/writer-edges.ts';
import { DirectoryStore } from '../../src/engine/backup/store/directory/directory-store.ts';
import type { Store } from '../../src/engine/backup/store/contract/store.ts';
import { restoreWithWriter } from '../../src/engine/backup/vss/restore/restore-with-writer.ts';
import { never } from '../../src/engine/base/abort.ts';
import { isEngineError } from '../../src/engine/base/errors.ts';
import { parseGuid } from '../../src/engine/base/guid.ts';
import { noLog } from '../../src/engine/base/log.ts';
import { noProgress } from '../../src/engine/base/progress.ts';
import { connectTarget } from '../../src/engine/hosts/connect-target.ts';
import type { HypervBackupHost } from '../../src/engine/hosts/hyperv-backup-host.ts';
import { afterwards } from '../support/checks/afterwards.ts';
import { temporaryFolder } from '../support/files/temporary-folder.ts';
import { ALL_CASES } from '../support/process/all-cases.ts';
import { refpoint, refpointJson, startRefpoint } from '../support/process/command.ts';
import { hostLab, type HostLab } from '../support/windows/host-lab.ts';

const MIB = 2 ** 20;
const AT = 3 * MIB;
const EDGES = Object.keys(WRITER_EDGE_WORDS);
/** Edges before which no writer was asked: a failure leaves nothing. */
const HARMLESS = ['writer.recorded', 'writer.staged'];

interface Scene {
  readonly lab: HostLab;
  readonly host: HypervBackupHost;
  readonly store: Store;
  readonly vm: string;
  readonly ids: ReadonlyMap<string, string>;
  readonly args: readonly string[];
  /** Hashes of the disks in the point. */
  readonly before: readonly string[];
  readonly others: readonly (readonly string[])[];
}

const hashes = (lab: HostLab, vm: string): Promise<string[]> =>
  Promise.all([0, 1].map(async (disk) => (await lab.ask('hash', { vm, disk })).hash));

const names = async (lab: HostLab): Promise<string[]> =>
  (await lab.ask('list', {})).map(({ name }) => name).sort();

/** Three VMs on two volumes in one set; all were written to since. */
async function startScene(t: TestContext): Promise<Scene | undefined> {
  const lab = await hostLab(t);
  if (lab === undefined) return undefined;
  const ids = new Map<string, string>();
  for (const name of ['web', 'db', 'mail']) {
    const disks = [{ size: 8 * MIB }, { size: 8 * MIB }];
    ids.set(name, (await lab.ask('add-vm', { name, disks, drives: ['C', 'D'] })).id);
  }
  const write = async (byte: number): Promise<void> => {
    const base64 = Buffer.alloc(4096, byte).toString('base64');
    for (const vm of ids.keys()) {
      for (const disk of [0, 1]) await lab.ask('write-bytes', { vm, disk, offset: AT, base64 });
    }
  };
  const folder = join(await temporaryFolder(t), 'store');
  const { options, env } = lab.command;
  await write(1);
  await refpointJson(['backup', '--all', '--method', 'vss', '--store', folder, ...options], {
    env,
  });
  const before = await hashes(lab, 'web');
  await write(2);
  const others = [await hashes(lab, 'db'), await hashes(lab, 'mail')];
  const vm = ids.get('web') ?? '';
  const host = connectTarget(lab.target, noLog);
  afterwards(t, () => host.close());
  const store = await DirectoryStore.open(folder, { create: false }, never);
  const args = ['restore', '--with-writer', '--vm', vm, '--store', folder, ...options];
  return { lab, host, store, vm, ids, args, before, others };
}

async function assertOthers({ lab, others }: Scene): Promise<void> {
  assert.deepEqual([await hashes(lab, 'db'), await hashes(lab, 'mail')], others);
  const left = await names(lab);
  assert.ok(left.includes('db') && left.includes('mail'));
}

/** Files that restores leave in the folders of the host until they are done. */
async function leftFiles({ lab }: Scene): Promise<string[]> {
  const all = await readdir(lab.dir, { recursive: true });
  return all.filter((name) => /refpoint-(?:restore|old)/.test(name));
}

const ledgerOf = async ({ store, vm }: Scene): Promise<readonly unknown[] | undefined> =>
  (await storeLedger(store, parseGuid(vm)).load(never)).writers;

function restore(
  { host, store, vm }: Scene,
  onEdge: (edge: string) => Promise<void> = async () => undefined,
  signal: AbortSignal = never,
): Promise<unknown> {
  const deps = { host, store, progress: noProgress, log: noLog, onEdge, now: Date.now };
  return restoreWithWriter(deps, { vmId: parseGuid(vm), point: 'latest', confirm: vm }, signal);
}

/** The same restore is done to its end: nothing of it is left. */
async function assertContinues(scene: Scene): Promise<void> {
  await restore(scene);
  assert.deepEqual(await hashes(scene.lab, 'web'), scene.before);
  assert.deepEqual([await leftFiles(scene), await ledgerOf(scene)], [[], undefined]);
  assert.deepEqual(await names(scene.lab), ['db', 'mail', 'web']);
  await assertOthers(scene);
}

const clean = async ({ host, store, vm }: Scene, later = 0): Promise<string[]> => {
  const now = (): number => Date.now() + later;
  const onEdge = async (): Promise<void> => undefined;
  const deps = { host, store, progress: noProgress, log: noLog, onEdge, now };
  const items = await cleanVm(deps, parseGuid(vm), { pathMap: [], dryRun: false }, never);
  return items.map(({ kind, text }) => `${kind}: ${text}`);
};

/** Starts the command, and waits until the writer holds its step. */
async function startHeld(
  { lab, args, vm }: Scene,
  step: string,
): Promise<ReturnType<typeof startRefpoint>> {
  await lab.fault('vss.hold', step);
  const child = startRefpoint([...args, '--confirm', vm], { env: lab.command.env });
  while ((await lab.ask('fault-list', {})).occurred['vss.hold'] === undefined) {
    assert.equal(child.exitCode, null, `the command ended before ${step}`);
    await pause(20);
  }
  return child;
}

const newestJob = async ({ lab }: Scene): Promise<JobInfo> => {
  const [job] = await refpointJson<JobInfo[]>(['jobs'], { env: lab.command.env });
  assert.ok(job !== undefined);
  return job;
};

test('the Hyper-V writer restores one of three VMs, and the others are not touched', async (t) => {
  const scene = await startScene(t);
  if (scene === undefined) return;
  const { lab, args, vm, ids } = scene;
  const { env } = lab.command;

  await t.test('it needs the ID of the VM, and says first that the VM is deleted', async () => {
    const plan = await refpoint([...args, '--plan'], { env });
    assert.match(plan.stdout, /turns off and deletes the VM “web”/);
    assert.equal((await refpoint(args, { env })).status, 2);
    const wrong = await refpoint([...args, '--confirm', ids.get('db') ?? '', '--json'], { env });
    assert.match(wrong.stdout, /over\.confirm/);
    assert.deepEqual(await names(lab), ['db', 'mail', 'web']);
  });

  for (const edge of EDGES) {
    await t.test(`cut at ${edge}, the same restore continues`, async () => {
      const cut = new Error('cut');
      const cutting = restore(scene, async (each) => {
        if (each === edge) throw cut;
      });
      const interrupted = await cutting.then(
        () => undefined,
        (error: unknown) => error,
      );
      if (HARMLESS.includes(edge)) {
        assert.equal(interrupted, cut);
        assert.deepEqual([await leftFiles(scene), await ledgerOf(scene)], [[], undefined]);
      } else {
        assert.ok(isEngineError(interrupted, 'vss.restore'), String(interrupted));
        assert.match(interrupted.message, /The files stay\. Run the same command again/);
      }
      await assertOthers(scene);
      await assertContinues(scene);
    });
  }

  for (const [fault, value] of [
    ['vss.step', 'preRestore:0x800423F3'],
    ['vss.writer', 'preRestore:0x800423F4'],
    ['vss.step', 'postRestore:0x80042301'],
    ['vss.writer', 'postRestore:0x800423F4'],
  ] as const) {
    await t.test(`${fault} ${value} is told, and the same restore continues`, async () => {
      await lab.fault(fault, value);
      await assert.rejects(restore(scene), (error) => isEngineError(error, 'vss.restore'));
      await lab.clearFaults();
      await assertOthers(scene);
      await assertContinues(scene);
    });
  }

  await t.test('the command restores it, as a job that is listed', async () => {
    await lab.ask('set-state', { vm: 'web', state: 'running' });
    await refpointJson([...args, '--confirm', vm], { env });
    assert.deepEqual(await hashes(lab, 'web'), scene.before);
    assert.deepEqual(await names(lab), ['db', 'mail', 'web']);
    await assertOthers(scene);
    const { spec, state, result, title } = await newestJob(scene);
    assert.deepEqual([spec.kind, state, title], ['writer', 'done', 'web']);
    assert.ok((result?.files.length ?? 0) >= 3);
  });

  await t.test(
    'while it runs, nothing else is done with the VM; cancelled, it tells how to go on',
    async () => {
      const child = await startHeld(scene, 'preRestore');
      const { id, state } = await newestJob(scene);
      assert.equal(state, 'running');
      await assert.rejects(restore(scene), (error) => isEngineError(error, 'lease.held'));
      await assert.rejects(clean(scene), (error) => isEngineError(error, 'lease.held'));
      const ended = once(child, 'close');
      await refpointJson(['jobs', 'cancel', id], { env });
      await ended;
      await lab.clearFaults();
      const cancelled = await newestJob(scene);
      assert.deepEqual([cancelled.id, cancelled.state], [id, 'cancelled']);
      assert.equal(cancelled.error?.code, 'job.leftovers');
      assert.match(cancelled.error?.message ?? '', /The files stay\. Run the same command again/);
      await assertOthers(scene);
      await assertContinues(scene);
    },
  );

  // The other processes released their interfaces of vssapi.dll, or these ended with them.
  const { refused, left, open } = await lab.ask('vssapi-record', {});
  assert.deepEqual({ refused, left, open }, { refused: [], left: 0, open: 0 });

  /** Words of `clean` after a kill at an edge. */
  const found: Readonly<Record<string, RegExp | undefined>> = {
    'writer.recorded': /^temporary: .*: removed$/,
    'writer.staged': /^temporary: .*: removed$/,
    'writer.asked': /^left: .*may still delete the VM/,
    'writer.deleted': /^left: .*its files stay\. Start the same restore on the host again/,
    'writer.placed': /^left: .*its files stay\. Start the same restore on the host again/,
    'writer.registered': /^temporary: .*is complete/,
    'writer.finished': undefined,
  };
  for (const [i, edge] of EDGES.entries()) {
    if (!ALL_CASES && i % 3 !== 1) continue;
    await t.test(`killed at ${edge}, clean removes what is left or says how to go on`, async () => {
      const kill = { ...env, REFPOINT_KILL_AT: edge };
      const { status } = await refpoint([...args, '--confirm', vm], { env: kill });
      assert.notEqual(status, 0);
      assert.equal((await newestJob(scene)).state, 'interrupted');
      await assertOthers(scene);
      const files = await leftFiles(scene);
      const expected = found[edge];
      const items = await clean(scene);
      if (expected === undefined) assert.deepEqual(items, []);
      else assert.ok(items.length === 1 && expected.test(items[0] ?? ''), items.join());
      if (expected?.source.startsWith('^left') === true) {
        assert.deepEqual(await leftFiles(scene), files, 'no file is touched');
      } else assert.deepEqual([await leftFiles(scene), await ledgerOf(scene)], [[], undefined]);
      if (edge === 'writer.asked') {
        // A minute later the writer has not deleted the VM.
        assert.match((await clean(scene, 61_000)).join(), /^temporary: .*: removed$/);
        assert.deepEqual([await leftFiles(scene), await ledgerOf(scene)], [[], undefined]);
      }
      await assertContinues(scene);
    });
  }

  for (const step of ['preRestore', 'postRestore']) {
    await t.test(`killed between ${step} and its answer, the same restore continues`, async () => {
      const child = await startHeld(scene, step);
      child.kill('SIGKILL');
      await once(child, 'close');
      await lab.clearFaults();
      await assertOthers(scene);
      await assertContinues(scene);
    });
  }
});
