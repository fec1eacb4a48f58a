/**
 * The virtual disk API in Windows Node under Wine, on the stand-in of virtdisk.dll, which asks a lab: reading an attached disk beside
 * `fs` on a raw file with the same bytes, and a million changed ranges beside the same ones over WS-Management. Needs what
 * `npm run test:windows` leaves in build/windows.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { build } from 'esbuild';
import { HOST_OVERRIDES, makeWineHost } from '../scripts/lib/wine-host.mjs';
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
import type { Figures, Work } from './virtdisk-in-windows.ts';

const DISK_MIB = sized(512, 64);
const RANGES = sized(1_000_000, 20_000);
/** Every second unit of the lab's tracker. */
const STEP = 2 * 65_536;
const CHANGED_SIZE = RANGES * STEP;
const PAIRS = sized(5, 2);
const NODE = join('build', 'windows', 'node-22.23.3.exe');
const PREFIX = join(process.cwd(), 'build', 'windows', 'prefix');

if (existsSync(NODE) && existsSync(PREFIX)) await inFolder(measure);
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
    const ask: typeof perform = (...args) => perform(...args);
    await ask(
      lab,
      'add-vm',
      { name: 'full', disks: [{ size: DISK_MIB * MIB }] },
      noProgress,
      never,
    );
    await ask(lab, 'write-raw', { vm: 'full', disk: 0, image: raw }, noProgress, never);
    await ask(lab, 'add-vm', { name: 'many', disks: [{ size: CHANGED_SIZE }] }, noProgress, never);
    for (const vm of ['full', 'many']) {
      await ask(lab, 'set-state', { vm, state: 'off' }, noProgress, never);
    }
    const [image = ''] = lab.vm('full').disks[0]?.files ?? [];
    const disk = lab.vm('many').disks[0];
    if (disk === undefined) throw new Error('The VM has no disk');
    const tracker = await lab.tracker(disk);
    const sealed = await tracker.seal(never);
    for (let i = 0; i < RANGES; i++) {
      await tracker.mark({ start: i * STEP, end: i * STEP + STEP / 2 });
    }
    const host = await smallHost(t, new LabRepository(lab));
    const server = await startVirtdiskServer(lab, 'bench', 0);
    cleanups.push(() => server.close());
    const figures = await inWindows(dir, `${server.port}:bench`, {
      image,
      raw: windowsPath(raw),
      pairs: PAIRS,
      url: host.url,
      user: USER,
      password: PASSWORD,
      changed: disk.files[0] ?? '',
      changedSize: CHANGED_SIZE,
      rctId: rctId(disk.trackingId, sealed),
    });
    judge(figures);
  } finally {
    for (const work of cleanups.reverse()) await work();
  }
}

function judge(figures: Figures): void {
  const read = median(figures.readRatios);
  const query = median(figures.queryRatios);
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
}

/** Runs the other part in Windows Node, as the process of a job is started. */
async function inWindows(dir: string, virtdisk: string, work: Work): Promise<Figures> {
  const program = join('build', 'windows', 'bench', 'virtdisk.mjs');
  await build({
    entryPoints: [join('bench', 'virtdisk-in-windows.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    logLevel: 'warning',
  });
  const output = join(dir, 'output.txt');
  const file = openSync(output, 'w');
  const child = spawn('wine', [NODE, program, JSON.stringify(work)], {
    env: {
      ...process.env,
      WINEPREFIX: PREFIX,
      WINEARCH: 'win64',
      WINEDEBUG: '-all',
      WINEDLLOVERRIDES: `mscoree,mshtml=;winemenubuilder.exe=d;${HOST_OVERRIDES}`,
      NODE_OPTIONS: `--require ${windowsPath(join(process.cwd(), 'scripts', 'wine-shim.cjs'))}`,
      UV_THREADPOOL_SIZE: '16',
      REFPOINT_VIRTDISK: virtdisk,
    },
    stdio: ['ignore', file, file],
  });
  const [status] = (await once(child, 'exit')) as [number | null];
  closeSync(file);
  const text = readFileSync(output, 'utf8');
  if (status !== 0) throw new Error(`Windows Node ended with ${status}:\n${text}`);
  return JSON.parse(text.trim().split('\n').at(-1) ?? '') as Figures;
}

function windowsPath(path: string): string {
  return `Z:${path.replaceAll('/', '\\')}`;
}
