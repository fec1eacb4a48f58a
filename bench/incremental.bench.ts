/**
 * Incremental cost follows the changes: the same 64 changes of 1 MiB within the first 16 GiB, on a 16 GiB
 * and on a 1 TiB virtual disk; and 64 changes spread over the whole of the larger. The lab's delays are off.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatBytes } from '../src/engine/base/format-bytes.ts';
import { refpointJson, startLabProcess, type RunningLab } from '../test/support/process/command.ts';
import { line } from './bounds.ts';
import { GIB, inFolder, measured, median, megabyte, MIB, report, seconds } from './measure.ts';
import { sized } from './sizes.ts';

interface Result {
  readonly kind: string;
  readonly seconds: number;
  readonly disks: readonly { readonly readBytes: number }[];
}

const ROUNDS = sized(5, 1);
const CHANGES = sized(64, 8);
const CASES = [
  { vm: 'small', size: '16G', span: 16 * GIB },
  { vm: 'large', size: '1T', span: 16 * GIB },
  { vm: 'spread', size: '1T', span: 1024 * GIB },
] as const;

await inFolder(async (dir) => {
  const lab = await startLabProcess(join(dir, 'lab'), ['--job-delay', '0']);
  const times = new Map<string, { seconds: number[]; peak: number; read: number }>();
  try {
    for (const { vm, size } of CASES) {
      await refpointJson(['lab', 'add-vm', '--dir', lab.dir, '--name', vm, '--size', size]);
      backup(lab, dir, vm);
      times.set(vm, { seconds: [], peak: 0, read: 0 });
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (const { vm, span } of CASES) {
        await change(lab, dir, vm, span, round);
        const { result, peak } = backup(lab, dir, vm);
        if (!result.kind.startsWith('incr'))
          throw new Error(`${vm}: the run became a ${result.kind}`);
        const entry = times.get(vm);
        entry?.seconds.push(result.seconds);
        if (entry !== undefined) entry.peak = Math.max(entry.peak, peak);
        if (entry !== undefined) entry.read = result.disks[0]?.readBytes ?? 0;
      }
    }
  } finally {
    await lab.stop();
  }
  const of = (vm: string): number => median(times.get(vm)?.seconds ?? []);
  for (const { vm, size, span } of CASES) {
    const entry = times.get(vm);
    report(
      `  ${size} disk, ${CHANGES} changes of 1 MiB within ${formatBytes(span)}: ${seconds(of(vm))}, read ${formatBytes(entry?.read ?? 0)}, peak ${formatBytes(entry?.peak ?? 0)}`,
    );
  }
  const ratio = of('large') / of('small');
  line('incremental, 1 TiB against 16 GiB, ratio', ratio.toFixed(2), ratio <= 1.3, '1.3');
  report(
    `incremental, spread over 1 TiB against 16 GiB: ratio ${(of('spread') / of('small')).toFixed(2)}`,
  );
});

function backup(lab: RunningLab, dir: string, vm: string): ReturnType<typeof measured<Result>> {
  const args = ['backup', vm, '--store', join(dir, 'store'), '--method', 'file'];
  return measured<Result>([...args, ...lab.hostOptions, ...lab.pathMapOptions], lab.env);
}

/** The guest writes a megabyte at each of 64 evenly spread places. */
async function change(
  lab: RunningLab,
  dir: string,
  vm: string,
  span: number,
  round: number,
): Promise<void> {
  for (let i = 0; i < CHANGES; i++) {
    const file = join(dir, 'change');
    writeFileSync(file, megabyte(round * CHANGES + i));
    const offset = Math.floor((span / CHANGES) * i) + round * MIB;
    await refpointJson([
      ...['lab', 'write', '--dir', lab.dir, '--vm', vm, '--disk', '0'],
      ...['--offset', String(offset), '--file', file],
    ]);
  }
}
