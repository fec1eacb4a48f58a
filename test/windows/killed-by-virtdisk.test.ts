import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { EDGES, type Edge } from '../../src/engine/backup/context/edges.ts';
import { WindowsHandle } from '../../src/engine/win32/handles/windows-handle.ts';
import { temporaryFolder } from '../support/files/temporary-folder.ts';
import { ALL_CASES } from '../support/process/all-cases.ts';
import { runCliJson } from '../support/process/cli-io.ts';
import { startRefpoint } from '../support/process/command.ts';
import { hostLab, type HostLab } from '../support/windows/host-lab.ts';

const MIB = 2 ** 20;

/** Edges of exports, which this method does not make. */
const OF_EXPORTS: readonly Edge[] = ['export.intended', 'exported', 'staging.removed'];
/** Without all cases, every N-th edge; a run by file is killed at each of them on Linux. */
const NTH = 3;
/** Edge at which the first run of a VM is killed, too: its disk was just read. */
const OF_FULL: Edge = 'data.written';

interface Point {
  readonly point: string;
  readonly kind: string;
  readonly method: string;
  readonly warnings: readonly unknown[];
}

interface Scene {
  readonly lab: HostLab;
  readonly vm: string;
  readonly store: string;
  readonly folder: string;
}

const json = <T>({ lab }: Scene, ...words: readonly string[]): Promise<T> =>
  runCliJson<T>(words, { env: lab.command.env });

const backupWords = ({ lab, vm, store }: Scene, method: string): readonly string[] => [
  ...['backup', vm, '--store', store, '--method', method, '--consistency', 'crash'],
  ...['--check-tracker', 'off', ...lab.command.options],
];

async function newScene(lab: HostLab, folder: string, vm: string): Promise<Scene> {
  await lab.ask('add-vm', { name: vm, disks: [{ size: 4 * MIB }] });
  return { lab, vm, folder, store: join(folder, `store-${vm}`) };
}

async function write({ lab, vm }: Scene, at: number, byte: number): Promise<void> {
  const base64 = Buffer.alloc(512, byte).toString('base64');
  await lab.ask('write-bytes', { vm, disk: 0, offset: at * 65_536, base64 });
}

/** Runs the command, whose process ends at the edge as if the machine had lost power. */
async function killAt(scene: Scene, edge: Edge): Promise<void> {
  const env = { ...scene.lab.command.env, REFPOINT_KILL_AT: edge };
  const child = startRefpoint(backupWords(scene, 'virtdisk'), { env });
  let output = '';
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [status] = (await once(child, 'close')) as [number | null];
  assert.notEqual(status, 0, `the command lived beyond ${edge}: ${output}`);
  assert.equal(output, '', `killed at ${edge}`);
}

/** The next run makes a point, and leaves nothing of the killed one. */
async function assertGoesOn(scene: Scene, method: string, when: string): Promise<Point> {
  const { lab, vm } = scene;
  const made = await json<Point>(scene, ...backupWords(scene, method));
  assert.equal(made.method, method);
  const shown = (await lab.ask('list', {})).find(({ name }) => name === vm);
  const left = [shown?.checkpoints.length, shown?.referencePoints.length];
  assert.deepEqual(left, [0, 1], `${when}: one reference point, no checkpoint`);
  assert.equal(WindowsHandle.openCount, 0);
  return made;
}

/** The newest point holds what the guest has written, and every point verifies. */
async function assertRestores(scene: Scene): Promise<void> {
  const { lab, vm, store, folder } = scene;
  const { hash } = await lab.ask('hash', { vm, disk: 0 });
  const restore = ['restore', '--store', store, '--to', join(folder, vm), '--format', 'raw'];
  const { disks } = await json<{ disks: { file: string }[] }>(scene, ...restore);
  const restored = await json<{ hash: string }>(scene, 'disk', 'hash', disks[0]?.file ?? '');
  assert.equal(restored.hash, hash);
  await json(scene, 'verify', '--store', store);
}

test('killed at any edge of a run by virtdisk, the store verifies, and goes on by file and by virtdisk', async (t) => {
  const lab = await hostLab(t);
  if (lab === undefined) return;
  const folder = await temporaryFolder(t);
  await t.test(`${OF_FULL}, in the first run`, async () => {
    const scene = await newScene(lab, folder, 'full');
    await write(scene, 3, 1);
    await killAt(scene, OF_FULL);
    await write(scene, 4, 2);
    await assertGoesOn(scene, 'virtdisk', OF_FULL);
    await assertRestores(scene);
  });
  const scene = await newScene(lab, folder, 'web');
  await assertGoesOn(scene, 'virtdisk', 'first');
  const all = EDGES.filter((edge) => !OF_EXPORTS.includes(edge));
  const edges = all.filter((_, i) => ALL_CASES || i % NTH === 0);
  for (const [i, edge] of edges.entries()) {
    await t.test(edge, async () => {
      await write(scene, i, i + 1);
      await killAt(scene, edge);
      await write(scene, i + 20, i + 1);
      const method = i % 2 === 0 ? 'file' : 'virtdisk';
      const { kind } = await assertGoesOn(scene, method, edge);
      assert.equal(kind, 'incr', edge);
    });
  }
  // Each run wrote at places of its own, so that a change that any of them lost is missing here.
  await assertRestores(scene);
});
