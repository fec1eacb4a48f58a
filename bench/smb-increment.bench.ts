/**
 * Increments of method `smb`, encrypted, from the lab's file server: 256 MiB changed in runs of 4 KiB, 64 KiB and 1 MiB, through a
 * relay that holds every byte 25 ms each way against one that holds none, in turns. Rates are those of the data phase.
 */
import { join } from 'node:path';
import { formatBytes } from '../src/engine/base/format-bytes.ts';
import { refpointJson, startLabProcess } from '../test/support/process/command.ts';
import { delayedPort, type DelayedPort } from './delayed-port.ts';
import { inFolder, measured, median, MIB, report } from './measure.ts';

interface Result {
  readonly kind: string;
  readonly method: string;
  readonly dataSeconds: number;
  readonly disks: readonly { readonly readBytes: number }[];
}

interface Run {
  readonly rate: number;
  /** Bytes on the wire beyond 4 MiB, against the changed ones. */
  readonly wire: number;
  readonly peak: number;
}

const CHANGED = Number(process.env['REFPOINT_BENCH_MIB'] ?? 256) * MIB;
const ROUNDS = 3;
const CASES = [
  { vm: 'runs-4k', length: 4096, size: '8G', wire: 1.2 },
  { vm: 'runs-64k', length: 65_536, size: '8G', wire: 1.1 },
  { vm: 'runs-1m', length: MIB, size: '8G', wire: 1.1 },
] as const;

const perSecond = (rate: number): string => `${(rate / 1e6).toFixed(1)} MB/s`;

await inFolder(async (dir) => {
  const lab = await startLabProcess(join(dir, 'lab'), [
    ...['--job-delay', '0', '--granularity', '4K', '--smb-port', '0'],
  ]);
  const { smb } = lab.line as unknown as { readonly smb: { readonly port: number } };
  const relays = [await delayedPort(smb.port, 0), await delayedPort(smb.port, 25)] as const;
  const backup = async (vm: string, relay: DelayedPort): Promise<Run> => {
    const args = ['backup', vm, '--store', join(dir, 'store'), '--method', 'smb'];
    const how = ['--check-tracker', 'off', '--smb-port', String(relay.port), '--max-chain', '100'];
    await relay.bytes();
    const { result, peak } = measured<Result>([...args, ...how, ...lab.hostOptions], lab.env);
    const changed = result.disks[0]?.readBytes ?? 0;
    const bytes = await relay.bytes();
    return {
      rate: changed / result.dataSeconds,
      wire: Math.max(0, bytes - 4 * MIB) / changed,
      peak,
    };
  };
  try {
    for (const { vm, length, size, wire } of CASES) {
      await refpointJson(['lab', 'add-vm', '--dir', lab.dir, '--name', vm, '--size', size]);
      await backup(vm, relays[0]);
      const pairs: { readonly at0: Run; readonly at50: Run }[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        await write(lab.dir, vm, length, 2 * round + 1);
        const at50 = await backup(vm, relays[1]);
        await write(lab.dir, vm, length, 2 * round + 2);
        pairs.push({ at50, at0: await backup(vm, relays[0]) });
      }
      const ratio = median(pairs.map(({ at50, at0 }) => at50.rate / at0.rate));
      const rate = (which: 'at0' | 'at50'): string =>
        perSecond(median(pairs.map((pair) => pair[which].rate)));
      const all = pairs.flatMap(({ at0, at50 }) => [at0, at50]);
      const most = Math.max(...all.map((run) => run.wire));
      const peak = Math.max(...all.map((run) => run.peak));
      report(
        `runs of ${formatBytes(length)}, ${formatBytes(CHANGED)} changed, encrypted: ${rate('at50')} at 50 ms, ${rate('at0')} at 0 ms, ratio ${ratio.toFixed(2)} (at least 0.5), wire ${most.toFixed(2)} × changed + 4 MiB (at most ${wire}), peak ${formatBytes(peak)} (at most 400 MiB)`,
      );
    }
  } finally {
    for (const relay of relays) await relay.close();
    await lab.stop();
  }
});

async function write(dir: string, vm: string, length: number, seed: number): Promise<void> {
  const load = ['--random', String(CHANGED / length), '--length', String(length)];
  const where = ['--dir', dir, '--vm', vm, '--disk', '0'];
  await refpointJson(['lab', 'write', ...where, ...load, '--seed', String(seed)]);
}
