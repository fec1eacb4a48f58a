/**
 * Three VMs by `vss`, out of one shadow copy set, beside the same VMs by `file`: the seconds in which their data is read, and all
 * that PowerShell does. Needs PowerShell, which REFPOINT_PWSH names; the lab plays diskshadow and the writer.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { refpointJson, startLabProcess } from '../test/support/process/command.ts';
import {
  inFolder,
  makeRaw,
  measured,
  median,
  MIB,
  report,
  runsOfData,
  seconds,
} from './measure.ts';
import { sized } from './sizes.ts';

/** Size of the disk of each VM, half of which is data. */
const SIZE_MIB = sized(1024, 64);
const ROUNDS = 3;
/** Limits of the issue: data against `file`, seconds around it, and bytes of memory. */
const DATA_LIMIT = 1.1;
const AROUND_LIMIT = 3;
const MEMORY_LIMIT = 400 * MIB;

interface Run {
  readonly points: readonly { readonly seconds: number; readonly dataSeconds: number }[];
}

const powershell = process.env['REFPOINT_PWSH'] ?? '';
if (powershell === '') report('vss: REFPOINT_PWSH is missing; skipped');
else {
  await inFolder(async (dir) => {
    const options = ['--job-delay', '0', '--shell'];
    const lab = await startLabProcess(join(dir, 'lab'), options, { REFPOINT_PWSH: powershell });
    try {
      const raw = join(dir, 'disk.raw');
      makeRaw(raw, SIZE_MIB * MIB, runsOfData(SIZE_MIB));
      for (const name of ['one', 'two', 'three']) {
        await refpointJson(['lab', 'add-vm', '--dir', lab.dir, '--name', name, '--image', raw]);
      }
      const found: Record<string, { data: number[]; around: number[]; peak: number[] }> = {};
      for (let round = 0; round < ROUNDS; round++) {
        for (const method of ['vss', 'file']) {
          const store = join(dir, 'store');
          const words = [
            'backup',
            '--all',
            '--method',
            method,
            '--store',
            store,
            '--parallel',
            '1',
          ];
          const line = [...words, ...lab.pathMapOptions, ...lab.hostOptions];
          const { result, wall, peak } = measured<Run>(line, lab.env);
          rmSync(store, { recursive: true });
          const data = result.points.reduce((sum, { dataSeconds }) => sum + dataSeconds, 0);
          const own = (found[method] ??= { data: [], around: [], peak: [] });
          own.data.push(data);
          own.around.push(wall - data);
          own.peak.push(peak);
        }
      }
      const [vss, file] = [found['vss'], found['file']];
      if (vss === undefined || file === undefined) throw new Error('nothing was measured');
      const ratio = median(vss.data) / median(file.data);
      const around = median(vss.around) - median(file.around);
      const peak = Math.max(...vss.peak);
      report(
        `vss, three VMs of ${SIZE_MIB} MiB: data ${seconds(median(vss.data))}, by file ${seconds(median(file.data))}: ${ratio.toFixed(2)} (at most ${DATA_LIMIT})`,
      );
      report(
        `  around it ${seconds(around)} more than by file (at most ${AROUND_LIMIT} s); peak ${Math.round(peak / MIB)} MiB (at most 400)`,
      );
      if (ratio > DATA_LIMIT || around > AROUND_LIMIT || peak > MEMORY_LIMIT) process.exitCode = 1;
    } finally {
      await lab.stop();
    }
  });
}
