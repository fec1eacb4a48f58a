/**
 * `disk compare` of two equal images with 2 GiB of data, with the native library and without, beside `qemu-img compare`. All find
 * the files in memory.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { LIBRARY, reportAlternating } from './alternate.ts';
import { inFolder, makeDisk, measured, timed } from './measure.ts';

const LIMITS = [0.8, 1.5];

await inFolder(async (dir) => {
  const raw = join(dir, 'disk.raw');
  const images = ['a.vhdx', 'b.vhdx'].map((name) => join(dir, name));
  makeDisk(raw);
  for (const image of images) timed('qemu-img', ['convert', '-f', 'raw', '-O', 'vhdx', raw, image]);
  rmSync(raw);
  reportAlternating('compare of two equal images', [
    ...LIBRARY.map(({ name, env }, i) => ({
      name,
      limit: LIMITS[i] as number,
      run: () => measured(['disk', 'compare', ...images], env),
    })),
    {
      name: 'qemu-img compare',
      run: () => timed('qemu-img', ['compare', '-f', 'vhdx', '-F', 'vhdx', ...images]),
    },
  ]);
});
