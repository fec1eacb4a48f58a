/** Restore of a 1 TiB disk with 57 MB of data to a raw file, read back and proven. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { refpointJson, startLabProcess } from '../test/support/process/command.ts';
import { formatBytes } from '../src/engine/base/format-bytes.ts';
import { inFolder, measured, median, report, seconds, touchMemory } from './measure.ts';

await inFolder(async (dir) => {
  const lab = await startLabProcess(join(dir, 'lab'), ['--job-delay', '0']);
  const store = join(dir, 'store');
  try {
    await refpointJson(['lab', 'add-vm', '--dir', lab.dir, '--name', 'bench', '--size', '1T']);
    await refpointJson([
      ...['lab', 'write', '--dir', lab.dir, '--vm', 'bench', '--disk', '0'],
      ...['--random', '1000', '--length', '64K', '--seed', '3'],
    ]);
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
  const runs = [];
  for (let i = 0; i < 3; i++) {
    const to = join(dir, 'out');
    touchMemory();
    runs.push(
      measured(['restore', '--store', store, '--vm', 'bench', '--to', to, '--format', 'raw']),
    );
    rmSync(to, { recursive: true });
  }
  report(
    `restore to raw, 1 TiB disk with 57 MB of data: ${seconds(median(runs.map(({ wall }) => wall)))} (at most 5 s), peak ${formatBytes(Math.max(...runs.map(({ peak }) => peak)))}`,
  );
});
