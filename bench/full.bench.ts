/**
 * Full backup by `file` of a 4 GiB disk with 2 GiB of data, beside `qemu-img convert -O vhdx` followed by `sync` of its file, and
 * beside other programs that copy a disk. Memory is touched before each run, and the runs alternate; medians. The backup from its
 * first read to its last fsync of data, hashes included. Then the same right after the machine's caches were given back.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refpointJson, startLabProcess } from '../test/support/process/command.ts';
import { formatBytes } from '../src/engine/base/format-bytes.ts';
import {
  GIB,
  has,
  inFolder,
  makeRaw,
  measured,
  median,
  report,
  seconds,
  timed,
  touchMemory,
  type Cost,
} from './measure.ts';

interface Result {
  readonly dataSeconds: number;
  readonly seconds: number;
}

/** A way to copy the disk; returns the seconds that count. */
interface Peer {
  readonly name: string;
  readonly runs: { readonly wall: number; readonly cpu: number; readonly peak: number }[];
  readonly run: () => Cost;
}

const PAIRS = 5;

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
    const copy = join(dir, 'copy');
    const synced = (program: string, args: readonly string[]): Cost => {
      const cost = timed(program, args);
      const { wall } = timed('sync', [copy]);
      rmSync(copy);
      return { ...cost, wall: cost.wall + wall };
    };
    let stores = 0;
    const refpoint = (): Cost => {
      const store = join(dir, `store${stores++}`);
      const { result, cpu, peak } = measured<Result>(
        [
          ...['backup', 'bench', '--store', store, '--method', 'file', '--kind', 'full'],
          ...lab.hostOptions,
          ...lab.pathMapOptions,
        ],
        lab.env,
      );
      rmSync(store, { recursive: true });
      return { wall: result.dataSeconds, cpu, peak };
    };
    const convert = (...args: string[]): Cost =>
      synced('qemu-img', ['convert', ...args, '-f', 'vhdx', '-O', 'vhdx', vhdx, copy]);
    const peers: Peer[] = [
      { name: 'refpoint', runs: [], run: refpoint },
      { name: 'qemu-img convert', runs: [], run: () => convert() },
      { name: 'qemu-img convert -t none', runs: [], run: () => convert('-t', 'none') },
      { name: 'cp', runs: [], run: () => synced('cp', ['--sparse=never', vhdx, copy]) },
    ];
    if (has('nbdcopy') && has('qemu-nbd')) {
      const args = ['--', '[', 'qemu-nbd', '-r', '-f', 'vhdx', vhdx, ']', copy];
      peers.push({
        name: 'nbdcopy',
        runs: [],
        run: () => {
          makeRaw(copy, 4 * GIB, []);
          return synced('nbdcopy', args);
        },
      });
    }
    for (let round = 0; round <= PAIRS; round++) {
      for (const peer of peers) {
        touchMemory();
        const cost = peer.run();
        // The first round warms the caches.
        if (round > 0) peer.runs.push(cost);
      }
    }
    const [ours, theirs] = peers.map(({ runs }) => median(runs.map(({ wall }) => wall)));
    for (const { name, runs } of peers) {
      report(
        `  ${name}: ${seconds(median(runs.map(({ wall }) => wall)))}, processor ${seconds(median(runs.map(({ cpu }) => cpu)))}`,
      );
    }
    const peak = Math.max(...(peers[0]?.runs.map((each) => each.peak) ?? []));
    report(
      `full backup, 4 GiB disk with 2 GiB of data, against qemu-img convert + sync: ratio ${((ours ?? 0) / (theirs ?? 1)).toFixed(2)} (at most 0.95), peak ${formatBytes(peak)} (under 400 MiB)`,
    );
    coldRatio(peers);
  } finally {
    await lab.stop();
  }
});

/** Each run right after the machine dropped its caches, so that their memory is back at its host. */
function coldRatio([ours, theirs]: readonly Peer[]): void {
  if (ours === undefined || theirs === undefined || process.getuid?.() !== 0) return;
  const cold = (peer: Peer): number => {
    timed('sync', []);
    writeFileSync('/proc/sys/vm/drop_caches', '3');
    timed('sleep', ['5']);
    return peer.run().wall;
  };
  const pairs = Array.from({ length: 3 }, () => [cold(ours), cold(theirs)] as const);
  const [a, b] = [median(pairs.map(([one]) => one)), median(pairs.map(([, two]) => two))];
  report(
    `  the same after memory was given back: ${seconds(a)} against ${seconds(b)}, ratio ${(a / b).toFixed(2)} (at most 0.5)`,
  );
}
