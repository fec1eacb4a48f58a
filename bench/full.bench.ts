/**
 * Full backup by `file` of a 4 GiB disk with 2 GiB of data, with the native library and without, beside `qemu-img convert -O vhdx`
 * followed by `sync` of its file, and beside other programs that copy a disk: the whole command, from Node's start to its end with
 * the checkpoint and its conversion, and its data phase, from the first read to the last fsync. Then the whole command with a cold
 * source, if this user may drop the page cache.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refpointJson, startLabProcess } from '../test/support/process/command.ts';
import { alternate, LIBRARY, reportCosts, ROUNDS, type Way } from './alternate.ts';
import {
  DISK_MIB,
  has,
  inFolder,
  makeDisk,
  makeRaw,
  measured,
  report,
  MIB,
  timed,
  type Cost,
} from './measure.ts';

/** What a full backup cost, and the seconds of its data phase. */
interface FullCost extends Cost {
  readonly data: number;
}

const COMMAND_LIMITS = [0.95, 1.3];
const DATA_LIMITS = [0.65, 0.95];
const COLD_LIMITS = [1.2, 1.5];

await inFolder(async (dir) => {
  const raw = join(dir, 'disk.raw');
  const vhdx = join(dir, 'disk.vhdx');
  makeDisk(raw);
  timed('qemu-img', ['convert', '-f', 'raw', '-O', 'vhdx', raw, vhdx]);
  rmSync(raw);
  const lab = await startLabProcess(join(dir, 'lab'), ['--job-delay', '0']);
  try {
    await refpointJson(['lab', 'add-vm', '--dir', lab.dir, '--name', 'bench', '--image', vhdx]);
    const copy = join(dir, 'copy');
    const synced = (program: string, args: readonly string[]): Cost => {
      const cost = timed(program, args);
      const { wall } = timed('sync', [copy]);
      rmSync(copy);
      return { ...cost, wall: cost.wall + wall };
    };
    let stores = 0;
    const refpoint = (env: Readonly<Record<string, string>>): FullCost => {
      const store = join(dir, `store${stores++}`);
      const { result, ...cost } = measured<{ readonly dataSeconds: number }>(
        [
          ...['backup', 'bench', '--store', store, '--method', 'file', '--kind', 'full'],
          ...lab.hostOptions,
          ...lab.pathMapOptions,
        ],
        { ...lab.env, ...env },
      );
      rmSync(store, { recursive: true });
      return { ...cost, data: result.dataSeconds };
    };
    const ours = LIBRARY.map(({ name, env }) => ({ name, run: () => refpoint(env) }));
    const peers: Way[] = [
      { name: 'cp and sync', run: () => synced('cp', ['--sparse=never', vhdx, copy]) },
    ];
    if (has('nbdcopy') && has('qemu-nbd')) {
      const args = ['--', '[', 'qemu-nbd', '-r', '-f', 'vhdx', vhdx, ']', copy];
      const run = (): Cost => {
        makeRaw(copy, DISK_MIB * MIB, []);
        return synced('nbdcopy', args);
      };
      peers.push({ name: 'nbdcopy and sync', run });
    }
    const convert: Way = {
      name: 'qemu-img convert and sync',
      run: () => synced('qemu-img', ['convert', '-f', 'vhdx', '-O', 'vhdx', vhdx, copy]),
    };
    const ways = [...ours, ...peers, convert];
    const costs = alternate(ROUNDS, ways);
    const limited = (limits: readonly number[]): Pick<Way, 'name' | 'limit'>[] =>
      ways.map(({ name }, i) => ({ name, limit: limits[i] as number }));
    reportCosts('full backup, the whole command', limited(COMMAND_LIMITS), costs);
    const data = costs.map((each) =>
      each.map((cost) => ({ ...cost, wall: 'data' in cost ? Number(cost.data) : cost.wall })),
    );
    reportCosts('full backup, its data phase', limited(DATA_LIMITS), data);
    cold([...ours, convert]);
  } finally {
    await lab.stop();
  }
});

/** Each run right after the page cache was dropped. */
function cold(ways: readonly Way[]): void {
  if (process.getuid?.() !== 0) {
    report('full backup with a cold source: not measured; only root may drop the page cache');
    return;
  }
  const dropped = (way: Way): Way => ({
    ...way,
    run: () => {
      timed('sync', []);
      writeFileSync('/proc/sys/vm/drop_caches', '3');
      return way.run();
    },
  });
  const costs = alternate(ROUNDS, ways.map(dropped));
  const limited = ways.map(({ name }, i) => ({ name, limit: COLD_LIMITS[i] as number }));
  reportCosts('full backup with a cold source, the whole command', limited, costs);
}
