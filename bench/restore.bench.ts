/**
 * Restore of a 4 GiB disk with 2 GiB of data to a raw file, read back and proven, with the native library and without, beside
 * `qemu-img convert` and `qemu-img compare`; verification of its store beside SHA-256 alone on one core. Then restore of a 1 TiB
 * disk with 57 MB of data.
 */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { refpointJson, startLabProcess } from '../test/support/process/command.ts';
import { formatBytes } from '../src/engine/base/format-bytes.ts';
import { LIBRARY, reportAlternating, ROUNDS } from './alternate.ts';
import { line } from './bounds.ts';
import {
  type Cost,
  DISK_MIB,
  hashAlone,
  inFolder,
  makeDisk,
  measured,
  median,
  MIB,
  seconds,
  timed,
  touchMemory,
} from './measure.ts';

const LIMITS = [0.8, 1.1];

await inFolder(async (dir) => {
  const raw = join(dir, 'disk.raw');
  const vhdx = join(dir, 'disk.vhdx');
  makeDisk(raw);
  timed('qemu-img', ['convert', '-f', 'raw', '-O', 'vhdx', raw, vhdx]);
  rmSync(raw);
  const store = await backedUp(dir, ['--image', vhdx]);
  rmSync(vhdx);
  const image = imageIn(store);
  const [to, copy] = [join(dir, 'out'), join(dir, 'copy.raw')];
  const restore = (env: Readonly<Record<string, string>>): Cost => {
    const args = ['restore', '--store', store, '--vm', 'bench', '--to', to, '--format', 'raw'];
    const cost = measured(args, env);
    rmSync(to, { recursive: true });
    return cost;
  };
  const peer = (): Cost => {
    const convert = timed('qemu-img', ['convert', '-f', 'vhdx', '-O', 'raw', image, copy]);
    const sync = timed('sync', [copy]);
    const compare = timed('qemu-img', ['compare', '-f', 'vhdx', '-F', 'raw', image, copy]);
    rmSync(copy);
    return {
      wall: convert.wall + sync.wall + compare.wall,
      cpu: convert.cpu + compare.cpu,
      peak: Math.max(convert.peak, compare.peak),
    };
  };
  reportAlternating('restore, read back and proven', [
    ...LIBRARY.map(({ name, env }, i) => ({
      name,
      limit: LIMITS[i] as number,
      run: () => restore(env),
    })),
    { name: 'qemu-img convert, sync and qemu-img compare', run: peer },
  ]);
  reportAlternating('verify of that store (90 % of SHA-256 alone: a ratio of 1.11)', [
    ...LIBRARY.map(({ name, env }) => ({
      name,
      limit: 1.11,
      run: () => measured(['verify', '--store', store], env),
    })),
    { name: 'SHA-256 alone of its data', run: () => hashAlone(DISK_MIB / 2) },
  ]);
});

await inFolder(async (dir) => {
  const store = await backedUp(dir, ['--size', '1T'], ['--random', '1000', '--length', '64K']);
  const to = join(dir, 'out');
  const args = ['restore', '--store', store, '--vm', 'bench', '--to', to, '--format', 'raw'];
  for (const { name, env } of LIBRARY) {
    const runs: Cost[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      touchMemory();
      runs.push(measured(args, env));
      rmSync(to, { recursive: true });
    }
    const wall = median(runs.map((run) => run.wall));
    const peak = Math.max(...runs.map((run) => run.peak));
    const what = `restore to raw, 1 TiB with 57 MB of data, ${name}`;
    line(what, seconds(wall), wall <= 5, '5 s');
    line('  peak', formatBytes(peak), peak <= 250 * MIB, '250 MiB');
  }
});

/** Makes a store with one full backup of a VM in a lab. */
async function backedUp(
  dir: string,
  disk: readonly string[],
  written: readonly string[] = [],
): Promise<string> {
  const lab = await startLabProcess(join(dir, 'lab'), ['--job-delay', '0']);
  const store = join(dir, 'store');
  try {
    await refpointJson(['lab', 'add-vm', '--dir', lab.dir, '--name', 'bench', ...disk]);
    if (written.length > 0) {
      await refpointJson([
        ...['lab', 'write', '--dir', lab.dir, '--vm', 'bench', '--disk', '0'],
        ...written,
        ...['--seed', '3'],
      ]);
    }
    await refpointJson(
      [
        ...['backup', 'bench', '--store', store, '--method', 'file'],
        ...lab.hostOptions,
        ...lab.pathMapOptions,
      ],
      { env: lab.env },
    );
  } finally {
    await lab.stop();
  }
  rmSync(lab.dir, { recursive: true, force: true });
  return store;
}

/** Returns the path of the only image of a store. */
function imageIn(store: string): string {
  const images = readdirSync(store, { recursive: true, encoding: 'utf8' });
  const found = images.find((name) => /[.]a?vhdx$/.test(name));
  if (found === undefined) throw new Error('The store has no image');
  return join(store, found);
}
