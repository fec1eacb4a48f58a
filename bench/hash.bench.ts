/**
 * `disk hash` of a 4 GiB disk with 2 GiB of data, with the native library and without, beside a program that hashes 4 GiB of
 * memory on one core: what SHA-256 alone reaches, with Node's start as for the command.
 */
import { join } from 'node:path';
import { LIBRARY, reportAlternating } from './alternate.ts';
import { DISK_MIB, hashAlone, inFolder, makeDisk, measured, timed } from './measure.ts';

await inFolder(async (dir) => {
  const raw = join(dir, 'disk.raw');
  const image = join(dir, 'disk.vhdx');
  makeDisk(raw);
  timed('qemu-img', ['convert', '-f', 'raw', '-O', 'vhdx', raw, image]);
  reportAlternating('hash of a virtual disk (90 % of SHA-256 alone: a ratio of 1.11)', [
    ...LIBRARY.map(({ name, env }) => ({
      name,
      limit: 1.11,
      run: () => measured(['disk', 'hash', image], env),
    })),
    { name: 'SHA-256 alone', run: () => hashAlone(DISK_MIB) },
  ]);
});
