/**
 * Full backup by `file` of a 4 GiB disk with 2 GiB of data, beside `qemu-img convert -O vhdx` followed by
 * `sync` of its file. Warm, five alternating pairs, medians; the backup from its first read to its last
 * fsync of data, hashes included.
 */
import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { refpointJson, startLabProcess } from '../test/support/command.ts';
import { formatBytes } from '../src/engine/base/format-bytes.ts';
import { GIB, inFolder, makeRaw, measured, median, report, seconds, timed } from './measure.ts';

interface Result {
  readonly dataSeconds: number;
  readonly seconds: number;
}

const PAIRS = 5;

/** The memory of the files just removed is given back meanwhile: both start alike, whoever comes after whom. */
const settle = (): Promise<void> => pause(500);

await inFolder(async (dir) => {
  const raw = join(dir, 'disk.raw');
  const vhdx = join(dir, 'disk.vhdx');
  // Half the disk holds data, in runs of 64 MiB.
  const data = Array.from({ length: 4096 }, (_, i) => i).filter(
    (i) => Math.floor(i / 64) % 2 === 0,
  );
  makeRaw(raw, 4 * GIB, data);
  timed('qemu-img', ['convert', '-f', 'raw', '-O', 'vhdx', raw, vhdx]);
  rmSync(raw);
  const lab = await startLabProcess(join(dir, 'lab'), ['--job-delay', '0']);
  try {
    await refpointJson(['lab', 'add-vm', '--dir', lab.dir, '--name', 'bench', '--image', vhdx]);
    const ours: number[] = [];
    const theirs: number[] = [];
    const peaks: number[] = [];
    for (let pair = 0; pair <= PAIRS; pair++) {
      const store = join(dir, `store${pair}`);
      await settle();
      const backup = await measured<Result>(
        [
          ...['backup', 'bench', '--store', store, '--method', 'file', '--kind', 'full'],
          ...lab.hostOptions,
          ...lab.pathMapOptions,
        ],
        lab.env,
      );
      rmSync(store, { recursive: true });
      const copy = join(dir, 'copy.vhdx');
      await settle();
      const qemu =
        timed('qemu-img', ['convert', '-f', 'vhdx', '-O', 'vhdx', vhdx, copy]) +
        timed('sync', [copy]);
      rmSync(copy);
      // The first pair warms the caches.
      if (pair === 0) continue;
      ours.push(backup.result.dataSeconds);
      theirs.push(qemu);
      peaks.push(backup.peak);
      report(
        `  pair ${pair}: refpoint ${seconds(backup.result.dataSeconds)} (whole run ${seconds(backup.result.seconds)}), qemu-img ${seconds(qemu)}`,
      );
    }
    const ratio = median(ours) / median(theirs);
    report(
      `full backup, 4 GiB disk with 2 GiB of data: ${seconds(median(ours))}, qemu-img convert + sync ${seconds(median(theirs))}, ratio ${ratio.toFixed(2)} (at most 1.5), peak ${formatBytes(Math.max(...peaks))} (under 400 MiB)`,
    );
  } finally {
    await lab.stop();
  }
});
