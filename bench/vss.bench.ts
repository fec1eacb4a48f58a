/**
 * Three VMs by `vss`, out of one shadow copy set, beside the same VMs by `file`: the seconds in which their data is read, and those
 * of PowerShell. Needs PowerShell, which REFPOINT_PWSH names; the lab plays diskshadow and the writer.
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
  timed,
  type Cost,
} from './measure.ts';
import { sized } from './sizes.ts';

/** Size of the disk of each VM, half of which is data. */
const SIZE_MIB = sized(512, 64);
const ROUNDS = 3;
/** Limits: data against `file`, seconds of PowerShell, and bytes of memory. */
const DATA_LIMIT = 1.1;
const POWERSHELL_LIMIT = 3;
/** A run starts PowerShell twice: to make the set, and to remove it. */
const STARTS = 2;
const MEMORY_LIMIT = 400 * MIB;

interface Run {
  readonly points: readonly { readonly dataSeconds: number }[];
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
      const [vss, file]: [Cost[], Cost[]] = [[], []];
      const data: Record<'vss' | 'file', number[]> = { vss: [], file: [] };
      const [shells, standIns]: [number[], number[]] = [[], []];
      for (let round = 0; round < ROUNDS; round++) {
        for (const method of ['vss', 'file'] as const) {
          const store = join(dir, `store-${method}-${round}`);
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
          const { result, ...cost } = measured<Run>(line, lab.env);
          rmSync(store, { recursive: true });
          (method === 'vss' ? vss : file).push(cost);
          data[method].push(result.points.reduce((sum, each) => sum + each.dataSeconds, 0));
        }
        // The same start of PowerShell and diskshadow, beside a command that needs neither.
        const [long, short] = ['writers', 'list'].map(
          (name) => measured(['vss', name, ...lab.hostOptions], lab.env).wall,
        );
        // The lab's diskshadow is a program of Node, which Windows does not have to start.
        const standIn = timed(process.execPath, ['-e', `require('node:http')`]).wall;
        shells.push(((long ?? 0) - (short ?? 0)) * STARTS);
        standIns.push(standIn * STARTS);
      }
      const ratio = median(data.vss) / median(data.file);
      const both = median(shells);
      const shell = both - median(standIns);
      const peak = Math.max(...vss.map((each) => each.peak));
      const walls = [vss, file].map((all) => seconds(median(all.map(({ wall }) => wall))));
      report(
        `vss, three VMs of ${SIZE_MIB} MiB: data ${seconds(median(data.vss))}, by file ${seconds(median(data.file))}: ${ratio.toFixed(2)} (at most ${DATA_LIMIT})`,
      );
      report(
        `  PowerShell ${seconds(shell)} (at most ${POWERSHELL_LIMIT} s), with the starts of the lab's diskshadow ${seconds(both)}; peak ${Math.round(peak / MIB)} MiB (at most 400); in all ${walls.join(', by file ')}, with the copies that the lab makes`,
      );
      if (ratio > DATA_LIMIT || shell > POWERSHELL_LIMIT || peak > MEMORY_LIMIT)
        process.exitCode = 1;
    } finally {
      await lab.stop();
    }
  });
}
