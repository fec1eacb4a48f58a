/**
 * The virtual disk API in Windows Node under Wine, on the stand-in of virtdisk.dll, which asks a lab: reading an attached disk beside
 * `fs` on a raw file with the same bytes, full backups by `virtdisk` beside those by `file`, and a million changed ranges beside the same
 * ones over WS-Management. All pairs alternate and count by their median; WS-Management, which takes most of the time, has three pairs.
 * Needs what `npm run test:windows` leaves in build/windows.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { build } from 'esbuild';
import { makeWineHost } from '../scripts/lib/wine-host.mjs';
import { never } from '../src/engine/base/abort.ts';
import { LabRepository } from '../src/engine/lab/host/lab-repository.ts';
import { Lab } from '../src/engine/lab/model/lab.ts';
import { perform } from '../src/engine/lab/control/perform.ts';
import { noProgress } from '../src/engine/base/progress.ts';
import { createState } from '../src/engine/lab/state/state-file.ts';
import { rctId } from '../src/engine/lab/state/state.ts';
import { startVirtdiskServer } from '../src/engine/lab/virtdisk/virtdisk-server.ts';
import { PASSWORD, smallHost, USER } from '../test/support/host/small-host.ts';
import { line } from './bounds.ts';
import { inFolder, makeRaw, median, MIB, report } from './measure.ts';
import { sized } from './sizes.ts';
import { fullRatio, timeFullBackups, type FullTimes } from './virtdisk-full.ts';
import type { Figures, Work } from './virtdisk-in-windows.ts';
import { hasWineNode, PREFIX, windowsPath, wineNode, WINDOWS } from './wine-node.ts';

const DISK_MIB = sized(512, 64);
const RANGES = sized(1_000_000, 20_000);
/** Every second unit of the lab's tracker. */
const STEP = 2 * 65_536;
const CHANGED_SIZE = RANGES * STEP;
const PAIRS = sized(5, 2);
const FULL_PAIRS = sized(3, 1);

if (hasWineNode()) await inFolder(measure);
else report('virtdisk: skipped, run npm run test:windows first');

async function measure(dir: string): Promise<void> {
  const cleanups: (() => unknown)[] = [];
  const t = { after: (work: () => unknown) => void cleanups.push(work) } as unknown as TestContext;
  try {
    const folder = join(dir, 'lab');
    await mkdir(folder);
    if (!makeWineHost(PREFIX, folder)) throw new Error('The stand-in of virtdisk.dll needs MinGW');
    await createState(folder, {}, never);
    const lab = await Lab.open(folder, { jobDelay: 0 }, never);
    cleanups.push(() => lab.close());
    const raw = join(dir, 'disk.raw');
    makeRaw(raw, DISK_MIB * MIB, Array(DISK_MIB).keys());
    await addVm(lab, 'full', DISK_MIB * MIB, raw);
    await addVm(lab, 'whole', DISK_MIB * MIB, raw);
    await addVm(lab, 'many', CHANGED_SIZE);
    // The file of a running VM is in use. Backups of `whole` freeze it instead.
    for (const vm of ['full', 'many']) {
      await perform(lab, 'set-state', { vm, state: 'off' }, noProgress, never);
    }
    const [image = ''] = lab.vm('full').disks[0]?.files ?? [];
    const changed = await markRanges(lab);
    const host = await smallHost(t, new LabRepository(lab));
    const server = await startVirtdiskServer(lab, 'bench', 0);
    cleanups.push(() => server.close());
    const around = { url: host.url, user: USER, password: PASSWORD };
    const virtdisk = `${server.port}:bench`;
    const work = { image, raw: windowsPath(raw), pairs: PAIRS, ...around, ...changed };
    const figures = await inWindows(dir, virtdisk, work);
    const full = { dir, vm: 'whole', virtdisk, pairs: FULL_PAIRS, ...around };
    judge(figures, await timeFullBackups(full));
  } finally {
    for (const work of cleanups.reverse()) await work();
  }
}

/** Adds a VM that has one disk, with the bytes of a raw file if one is given. */
async function addVm(lab: Lab, name: string, size: number, image?: string): Promise<void> {
  await perform(lab, 'add-vm', { name, disks: [{ size }] }, noProgress, never);
  if (image === undefined) return;
  await perform(lab, 'write-raw', { vm: name, disk: 0, image }, noProgress, never);
}

/** Marks every second unit of the tracker of `many`, as writes of the guest do. */
async function markRanges(lab: Lab): Promise<Pick<Work, 'changed' | 'changedSize' | 'rctId'>> {
  const disk = lab.vm('many').disks[0];
  if (disk === undefined) throw new Error('The VM has no disk');
  const tracker = await lab.tracker(disk);
  const sealed = await tracker.seal(never);
  const unit = (i: number) => ({ start: i * STEP, end: i * STEP + STEP / 2 });
  await tracker.markAll(Array.from({ length: RANGES }, (_, i) => unit(i)));
  const id = rctId(disk.trackingId, sealed);
  return { changed: disk.files[0] ?? '', changedSize: CHANGED_SIZE, rctId: id };
}

function judge(figures: Figures, full: FullTimes): void {
  const read = median(figures.readRatios);
  const query = median(figures.queryRatios);
  const attach = median(figures.attachSeconds);
  const whole = fullRatio(full, attach);
  const { loopDelay, slowestStat, ranges, querySeconds } = figures;
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  line('attached disk, time relative to fs', read.toFixed(2), read <= 1.25, '1.25');
  line(
    `${ranges} ranges (${querySeconds.toFixed(2)} s), WS-Man takes times`,
    query.toFixed(1),
    query >= 5,
    'at least 5',
  );
  line('meanwhile: delay of the event loop, p99', ms(loopDelay), loopDelay <= 20, '20 ms');
  line('meanwhile: slowest fs.stat', ms(slowestStat), slowestStat <= 50, '50 ms');
  const alone = `${median(full.virtdisk).toFixed(2)} s less ${attach.toFixed(2)} s of the lab`;
  line(`full (${alone}), relative to file`, whole.toFixed(2), whole <= 1.3, '1.3');
}

/** Runs the other part in Windows Node. */
async function inWindows(dir: string, virtdisk: string, work: Work): Promise<Figures> {
  const program = join(WINDOWS, 'bench', 'virtdisk.mjs');
  await build({
    entryPoints: [join('bench', 'virtdisk-in-windows.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    logLevel: 'warning',
  });
  const args = [program, JSON.stringify(work)];
  const text = await wineNode(dir, args, { REFPOINT_VIRTDISK: virtdisk });
  return JSON.parse(text.trim().split('\n').at(-1) ?? '') as Figures;
}
