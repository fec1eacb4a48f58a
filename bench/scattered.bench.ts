/**
 * Increments of many small changes: 6,400 of 64 KiB on 16 GiB, 100,000 of 64 KiB on 1 TiB, and how long the file becomes for
 * 1,000 of them on 100 GiB. The data phase of the backup, in one process with the lab's delays off.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { formatBytes } from '../src/engine/base/format-bytes.ts';
import { refpointJson, startLabProcess } from '../test/support/process/command.ts';
import { line } from './bounds.ts';
import { inFolder, measured, MIB, report, seconds, touchMemory } from './measure.ts';
import { sized } from './sizes.ts';

interface Result {
  readonly point: string;
  readonly kind: string;
  readonly seconds: number;
  readonly dataSeconds: number;
  readonly disks: readonly { readonly readBytes: number; readonly fileBytes: number }[];
}

/** `chain`: points that the measured increment builds on; each but the first holds 200 changes. */
const CASES = [
  { vm: 'small', size: '16G', changes: sized(6_400, 400), chain: 1, limit: 1.5 },
  { vm: 'large', size: '1T', changes: sized(100_000, 2000), chain: sized(60, 4), limit: 20 },
  { vm: 'length', size: '100G', changes: 1_000, chain: 1, limit: undefined },
] as const;

await inFolder(async (dir) => {
  const lab = await startLabProcess(join(dir, 'lab'), ['--job-delay', '0']);
  const store = join(dir, 'store');
  const backup = (vm: string): ReturnType<typeof measured<Result>> =>
    measured<Result>(
      [
        ...['backup', vm, '--store', store, '--method', 'file', '--check-tracker', 'off'],
        ...['--max-chain', '100'],
        ...lab.hostOptions,
        ...lab.pathMapOptions,
      ],
      lab.env,
    );
  try {
    for (const { vm, size, changes, chain, limit } of CASES) {
      await refpointJson(['lab', 'add-vm', '--dir', lab.dir, '--name', vm, '--size', size]);
      backup(vm);
      for (let point = 1; point < chain; point++) {
        await write(lab.dir, vm, 200, point);
        backup(vm);
      }
      await write(lab.dir, vm, changes, 1_000_000);
      touchMemory();
      const { result, peak, cpu } = backup(vm);
      if (!result.kind.startsWith('incr'))
        throw new Error(`${vm}: the run became a ${result.kind}`);
      const disk = result.disks[0];
      const changed = disk?.readBytes ?? 0;
      const what = `${changes} changes of 64 KiB on ${size}, chain of ${chain + 1}`;
      if (limit === undefined) report(`${what}: ${seconds(result.dataSeconds)}`);
      else line(what, seconds(result.dataSeconds), result.dataSeconds <= limit, `${limit} s`);
      report(`  whole run ${seconds(result.seconds)}, processor ${seconds(cpu)}`);
      line('  peak', formatBytes(peak), peak <= 400 * MIB, '400 MiB');
      const file = fileOf(store, result.point);
      const times = file.size / changed;
      if (vm === 'length') line('  file over changes', times.toFixed(1), times <= 20, '20');
      else report(`  the file is ${times.toFixed(1)} times the changes`);
      const space = changed + 32 * MIB;
      const occupied = formatBytes(file.allocated);
      line(
        `  allocated for ${formatBytes(changed)}`,
        occupied,
        file.allocated <= space,
        formatBytes(space),
      );
    }
  } finally {
    await lab.stop();
  }
});

/** The guest changes `count` places of 64 KiB, other ones for each seed. */
async function write(dir: string, vm: string, count: number, seed: number): Promise<void> {
  await refpointJson([
    ...['lab', 'write', '--dir', dir, '--vm', vm, '--disk', '0'],
    ...['--random', String(count), '--length', '64K', '--seed', String(seed)],
  ]);
}

/** Size and allocated bytes of the image of a point. */
function fileOf(store: string, point: string): { size: number; allocated: number } {
  for (const vm of readdirSync(store, { withFileTypes: true })) {
    if (!vm.isDirectory()) continue;
    const folder = join(store, vm.name, point);
    const names = readdirSync(join(store, vm.name)).includes(point) ? readdirSync(folder) : [];
    const image = names.find((name) => name.endsWith('.avhdx'));
    if (image === undefined) continue;
    const { size, blocks } = statSync(join(folder, image));
    return { size, allocated: blocks * 512 };
  }
  throw new Error(`no image of ${point}`);
}
