/**
 * `disk hash` of a 4 GiB disk with 2 GiB of data, with the native library and without, beside a program that hashes 4 GiB of
 * memory on one core: what SHA-256 alone reaches, with Node's start as for the command. Then `verify` of a store with a full of that
 * disk, beside the same of its 2 GiB.
 */
import { join } from 'node:path';
import { LIBRARY, reportAlternating } from './alternate.ts';
import { refpointJson, startLabProcess } from '../test/support/process/command.ts';
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
  const store = join(dir, 'store');
  const lab = await startLabProcess(join(dir, 'lab'), ['--job-delay', '0']);
  try {
    await refpointJson(['lab', 'add-vm', '--dir', lab.dir, '--name', 'vm', '--image', image]);
    const of = ['--store', store, '--method', 'file', ...lab.hostOptions, ...lab.pathMapOptions];
    await refpointJson(['backup', 'vm', ...of], { env: lab.env });
  } finally {
    await lab.stop();
  }
  reportAlternating('verify of a store with one full (90 %, as above)', [
    ...LIBRARY.map(({ name, env }) => ({
      name,
      limit: 1.11,
      run: () => measured(['verify', '--store', store], env),
    })),
    { name: 'SHA-256 alone', run: () => hashAlone(DISK_MIB / 2) },
  ]);
});
