/**
 * `disk convert` of a 4 GiB disk with 2 GiB of data: raw to VHDX, VHDX to raw and VHDX to VHDX, with the native library and
 * without, beside `qemu-img convert` and `sync` of its file. All find their source in memory.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { LIBRARY, reportAlternating } from './alternate.ts';
import { type Cost, inFolder, makeDisk, measured, timed } from './measure.ts';

const LIMITS = [0.8, 1.5];

await inFolder(async (dir) => {
  const raw = join(dir, 'disk.raw');
  const vhdx = join(dir, 'disk.vhdx');
  makeDisk(raw);
  timed('qemu-img', ['convert', '-f', 'raw', '-O', 'vhdx', raw, vhdx]);
  for (const [from, to] of [
    ['raw', 'vhdx'],
    ['vhdx', 'raw'],
    ['vhdx', 'vhdx'],
  ] as const) {
    const source = from === 'raw' ? raw : vhdx;
    const target = join(dir, `copy.${to}`);
    const emptied = (cost: Cost): Cost => {
      rmSync(target);
      return cost;
    };
    const ours = LIBRARY.map(({ name, env }, i) => ({
      name,
      limit: LIMITS[i] as number,
      run: () => emptied(measured(['disk', 'convert', source, target], env)),
    }));
    const theirs = (): Cost => {
      const cost = timed('qemu-img', ['convert', '-f', from, '-O', to, source, target]);
      const { wall } = timed('sync', [target]);
      return emptied({ ...cost, wall: cost.wall + wall });
    };
    reportAlternating(`convert ${from} to ${to}`, [
      ...ours,
      { name: 'qemu-img convert and sync', run: theirs },
    ]);
  }
});
