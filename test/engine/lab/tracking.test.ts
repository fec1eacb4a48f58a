import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import fc, { thinned } from '../../support/checks/properties.ts';
import { never } from '../../../src/engine/base/abort.ts';
import { noProgress } from '../../../src/engine/base/progress.ts';
import { fromStartLength } from '../../../src/engine/base/range.ts';
import { RangeSet } from '../../../src/engine/base/range-set.ts';
import { openDisk } from '../../../src/engine/disk/chain/open-disk.ts';
import { perform } from '../../../src/engine/lab/control/perform.ts';
import { virtualDiskChanges } from '../../../src/engine/lab/model/changes.ts';
import {
  createCheckpoint,
  createReferencePoint,
  destroyCheckpoint,
} from '../../../src/engine/lab/model/checkpoints.ts';
import { Lab } from '../../../src/engine/lab/model/lab.ts';
import { createState } from '../../../src/engine/lab/state/state-file.ts';
import { rctId, type LabReferencePoint } from '../../../src/engine/lab/state/state.ts';
import { afterwards } from '../../support/checks/afterwards.ts';

const SIZE = 4 * 2 ** 20;
const UNIT = 65_536;

async function labFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'refpoint-track-'));
  await createState(dir, {}, never);
  return dir;
}

async function labOf(t: TestContext): Promise<Lab> {
  const dir = await labFolder();
  const lab = await openLab(dir);
  afterwards(t, async () => {
    await lab.close();
    await rm(dir, { recursive: true, force: true });
  });
  return lab;
}

/** A lab with one VM of one small disk. */
async function openLab(dir: string): Promise<Lab> {
  const lab = await Lab.open(dir, { jobDelay: 0 }, never);
  if (lab.state.vms.length === 0) {
    await perform(lab, 'add-vm', { name: 'vm', disks: [{ size: SIZE }] }, noProgress, never);
  }
  return lab;
}

async function write(lab: Lab, offset: number, bytes: Uint8Array): Promise<void> {
  const base64 = Buffer.from(bytes).toString('base64');
  await perform(lab, 'write-bytes', { vm: 'vm', disk: 0, offset, base64 }, noProgress, never);
}

/** What the guest sees now. */
async function guestBytes(lab: Lab): Promise<Buffer> {
  const opened = await openDisk(lab.local(lab.vm('vm').disks[0]?.files.at(-1) ?? ''), {}, never);
  const bytes = Buffer.alloc(SIZE);
  await opened.disk.read(0, bytes, never);
  await opened.disk.close();
  return bytes;
}

async function changesSince(lab: Lab, point: LabReferencePoint): Promise<RangeSet> {
  const disk = lab.vm('vm').disks[0];
  const sealed = point.disks[0];
  assert.ok(disk !== undefined && sealed !== undefined);
  const limitId = rctId(sealed.trackingId, sealed.generation);
  const query = { path: disk.files.at(-1) ?? '', limitId, offset: 0, length: SIZE };
  const answer = await virtualDiskChanges(lab, query);
  assert.equal(answer.returnValue, 0);
  return RangeSet.of((answer.ranges ?? []).map(fromStartLength));
}

async function mergesDone(lab: Lab): Promise<void> {
  while (lab.vm('vm').disks.some((disk) => disk.merges.length > 0)) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

type Step =
  | { readonly kind: 'write'; readonly page: number; readonly pages: number; readonly fill: number }
  | { readonly kind: 'point' | 'checkpoint' | 'merge' | 'restart' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      page: fc.nat(1000),
      pages: fc.integer({ min: 1, max: 23 }),
      fill: fc.nat(3),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'point' as const,
        'checkpoint' as const,
        'merge' as const,
        'restart' as const,
      ),
    }),
  },
);

test('reported ranges cover every difference between two states, and lie within their units', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
      const dir = await labFolder();
      try {
        let lab = await openLab(dir);
        const model = Buffer.alloc(SIZE);
        const states = new Map<string, { bytes: Buffer; written: RangeSet }>();
        for (const each of steps) {
          if (each.kind === 'write') {
            const length = Math.min(each.pages * 4096, SIZE - each.page * 4096);
            const bytes = Buffer.alloc(length, each.fill);
            await write(lab, each.page * 4096, bytes);
            bytes.copy(model, each.page * 4096);
            const range = { start: each.page * 4096, end: each.page * 4096 + length };
            for (const state of states.values())
              state.written = state.written.union(RangeSet.of([range]));
          } else if (each.kind === 'point') {
            await mergesDone(lab);
            const point = await createReferencePoint(lab, lab.vm('vm'), 2, never);
            states.set(point.instanceId, { bytes: Buffer.from(model), written: RangeSet.empty });
          } else if (each.kind === 'checkpoint') {
            await mergesDone(lab);
            await createCheckpoint(lab, lab.vm('vm'), { type: 'user', consistency: 2 }, never);
          } else if (each.kind === 'merge') {
            const [checkpoint] = lab.vm('vm').checkpoints;
            if (checkpoint !== undefined)
              await destroyCheckpoint(lab, lab.vm('vm'), checkpoint, never);
          } else {
            await mergesDone(lab);
            await lab.close();
            lab = await openLab(dir);
          }
        }
        await mergesDone(lab);
        assert.ok((await guestBytes(lab)).equals(model), 'the guest reads what it wrote');
        for (const point of lab.vm('vm').referencePoints) {
          const state = states.get(point.instanceId);
          assert.ok(state !== undefined);
          const reported = await changesSince(lab, point);
          assert.ok(
            state.written.align(UNIT).equals(reported),
            'exactly the units that were written',
          );
          for (let at = 0; at < SIZE; at += 4096) {
            const same = model.compare(state.bytes, at, at + 4096, at, at + 4096) === 0;
            assert.ok(same || reported.covers({ start: at, end: at + 4096 }), `a change at ${at}`);
          }
        }
        await lab.close();
      } finally {
        await rm(dir, { recursive: true, force: true });
      }
    }),
    { numRuns: thinned(12) },
  );
});

test('ids of before are invalid once a disk is resized or replaced', async (t) => {
  const lab = await labOf(t);
  const point = await createReferencePoint(lab, lab.vm('vm'), 2, never);
  await changesSince(lab, point);
  await perform(lab, 'resize', { vm: 'vm', disk: 0, size: 2 * SIZE }, noProgress, never);
  const ask = async (): Promise<number> => {
    const sealed = point.disks[0];
    const limitId = sealed === undefined ? '' : rctId(sealed.trackingId, sealed.generation);
    const path = lab.vm('vm').disks[0]?.files[0] ?? '';
    return (await virtualDiskChanges(lab, { path, limitId, offset: 0, length: SIZE })).returnValue;
  };
  assert.equal(await ask(), 32768);
  await perform(lab, 'replace', { vm: 'vm', disk: 0, with: { size: SIZE } }, noProgress, never);
  assert.equal(await ask(), 32768);
});

test('a checkpoint freezes the disk: what is written afterwards is not in the frozen file', async (t) => {
  const lab = await labOf(t);
  await write(lab, 0, Buffer.alloc(8192, 1));
  const vm = lab.vm('vm');
  const checkpoint = await createCheckpoint(lab, vm, { type: 'recovery', consistency: 2 }, never);
  const frozen = checkpoint.disks[0]?.path ?? '';
  await write(lab, 4096, Buffer.alloc(8192, 2));
  const opened = await openDisk(lab.local(frozen), {}, never);
  const bytes = Buffer.alloc(16_384);
  await opened.disk.read(0, bytes, never);
  await opened.disk.close();
  assert.deepEqual([bytes[0], bytes[4096], bytes[8192]], [1, 1, 0]);
  assert.match(vm.disks[0]?.files.at(-1) ?? '', /\\disk0_[0-9A-F-]{36}\.avhdx$/);
  await destroyCheckpoint(lab, vm, checkpoint, never);
  await mergesDone(lab);
  assert.deepEqual(vm.disks[0]?.files, [frozen], 'merged back into the first file');
  const now = await guestBytes(lab);
  assert.deepEqual([now[0], now[4096], now[8192], now[12_288]], [1, 2, 2, 0]);
});
