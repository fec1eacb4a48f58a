/**
 * An increment of a shared disk by `rsvd` against one of a private disk by `smb`, of the same changes, from the lab's file server, in
 * turns: 256 MiB in runs of 64 KiB. Times are those of the data phase. A group has at least two members with a disk each, which are
 * small and do not change, but are asked for their changes and opened: the VM has as many of them, so that the pair differs in the
 * protocol of the large disk alone.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatBytes } from '../src/engine/base/format-bytes.ts';
import { refpointJson, startLabProcess } from '../test/support/process/command.ts';
import { line } from './bounds.ts';
import { inFolder, measured, median, MIB, report } from './measure.ts';
import { sized } from './sizes.ts';

interface Result {
  readonly kind: string;
  readonly dataSeconds: number;
  readonly disks: readonly { readonly readBytes: number; readonly kind: string }[];
}

interface Run {
  readonly seconds: number;
  readonly bytes: number;
  readonly peak: number;
}

const CHANGED = sized(256, 16) * MIB;
const SIZE = sized(8192, 256) * MIB;
const LENGTH = 65_536;
const SMALL_DISK = '8M';
const ROUNDS = sized(5, 2);
const MOST_MEMORY = 400 * MIB;
const MOST_RATIO = 1.3;

await inFolder(async (dir) => {
  const lab = await startLabProcess(join(dir, 'lab'), [
    ...['--job-delay', '0', '--granularity', '4K', '--smb-port', '0'],
  ]);
  const { smb } = lab.line as unknown as { readonly smb: { readonly port: number } };
  const store = ['--store', join(dir, 'store'), '--max-chain', '100', '--check-tracker', 'off'];
  const backup = (...subject: readonly string[]): Run => {
    const how = ['--method', 'smb', '--smb-port', String(smb.port), ...lab.hostOptions];
    const args = ['backup', ...subject, ...store, ...how];
    const { result, peak } = measured<Result>(args, lab.env);
    const bytes = result.disks.reduce((sum, { readBytes }) => sum + readBytes, 0);
    return { seconds: result.dataSeconds, bytes, peak };
  };
  const write = async (vm: string, disk: number, seed: number): Promise<void> => {
    const load = ['--random', String(CHANGED / LENGTH), '--length', String(LENGTH)];
    const where = ['--dir', lab.dir, '--vm', vm, '--disk', String(disk)];
    await refpointJson(['lab', 'write', ...where, ...load, '--seed', String(seed)]);
  };
  try {
    const at = ['--dir', lab.dir];
    const sizes = [SMALL_DISK, SMALL_DISK, String(SIZE)].flatMap((size) => ['--size', size]);
    await refpointJson(['lab', 'add-vm', ...at, '--name', 'plain', ...sizes]);
    for (const name of ['a', 'b']) {
      await refpointJson(['lab', 'add-vm', ...at, '--name', name, '--size', SMALL_DISK]);
    }
    const both = ['--vm', 'a', '--vm', 'b'];
    const shared = ['--name', 'quorum', '--size', String(SIZE), ...both];
    await refpointJson(['lab', 'add-shared-disk', ...at, ...shared]);
    await refpointJson(['lab', 'group', ...at, '--create', 'cluster', ...both]);
    backup('plain');
    backup('--group', 'cluster');
    const pairs: { readonly smb: Run; readonly rsvd: Run }[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      await write('plain', 2, round);
      await write('b', 1, round);
      const first = round % 2 === 0 ? backup('plain') : undefined;
      const rsvd = backup('--group', 'cluster');
      pairs.push({ smb: first ?? backup('plain'), rsvd });
    }
    const of = (which: 'smb' | 'rsvd'): string => {
      const seconds = median(pairs.map((pair) => pair[which].seconds));
      return `${which} ${seconds.toFixed(2)} s of ${formatBytes(pairs[0]?.[which].bytes ?? 0)}`;
    };
    report(`${formatBytes(CHANGED)} changed in runs of 64 KiB: ${of('rsvd')}, ${of('smb')}`);
    const ratio = median(pairs.map(({ smb, rsvd }) => rsvd.seconds / smb.seconds));
    const bound = `at most ${MOST_RATIO}`;
    line('increment by rsvd against smb', ratio.toFixed(2), ratio <= MOST_RATIO, bound);
    const peaks = [
      ['the job', Math.max(...pairs.map(({ rsvd }) => rsvd.peak))],
      ['the lab', peakOf(lab.process.pid ?? 0)],
    ] as const;
    for (const [whose, peak] of peaks) {
      const most = `at most ${formatBytes(MOST_MEMORY)}`;
      line(`peak memory of ${whose}`, formatBytes(peak), peak <= MOST_MEMORY, most);
    }
  } finally {
    await lab.stop();
  }
});

function peakOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0);
}
