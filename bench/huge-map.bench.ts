/** Opening and mapping, and checking, a 64 TiB dynamic VHDX with blocks of 1 and of 32 MiB: the BAT is streamed. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { formatBytes } from '../src/engine/base/format-bytes.ts';
import { LIBRARY, ROUNDS } from './alternate.ts';
import { line } from './bounds.ts';
import { type Cost, inFolder, measured, median, MIB, report, seconds, timed } from './measure.ts';
import { sized } from './sizes.ts';

interface Checked {
  readonly findings: readonly unknown[];
}

const LIMITS = [2, 4];

const rounds = <Run>(run: () => Run): readonly Run[] => Array.from({ length: ROUNDS }, run);

await inFolder(async (dir) => {
  for (const block of sized([1, 32], [32])) {
    const path = join(dir, `huge-${block}.vhdx`);
    timed('qemu-img', [
      ...[
        'create',
        '-q',
        '-f',
        'vhdx',
        '-o',
        `subformat=dynamic,block_size=${block}M`,
        path,
        '64T',
      ],
    ]);
    await markBlocks(path, 50_000, (64 * 2 ** 40) / (block * MIB));
    const cost = (runs: readonly Cost[]): { wall: number; peak: number } => ({
      wall: median(runs.map((run) => run.wall)),
      peak: Math.max(...runs.map((run) => run.peak)),
    });
    for (const [i, { name, env }] of LIBRARY.entries()) {
      const maps = rounds(() => measured<unknown[]>(['disk', 'map', path], env));
      const map = cost(maps);
      report(`64 TiB, blocks of ${block} MiB, ${maps[0]?.result.length} extents, ${name}`);
      line('  open and map, the whole command', seconds(map.wall), map.wall <= 1, '1 s');
      line('  peak', formatBytes(map.peak), map.peak <= 300 * MIB, '300 MiB');
      const checks = rounds(() => measured<Checked>(['disk', 'check', path], env));
      const check = cost(checks);
      const limit = LIMITS[i] as number;
      const what = `  check, ${checks[0]?.result.findings.length} findings`;
      line(what, seconds(check.wall), check.wall <= limit, `${limit} s`);
      line('  peak', formatBytes(check.peak), check.peak <= 300 * MIB, '300 MiB');
    }
  }
});

/** Gives `count` blocks, spread over the disk, space at the end of the file. */
async function markBlocks(path: string, count: number, blocks: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    // qemu puts the BAT at 2 MiB or after it; its place is in the region table at 192 KiB.
    const table = Buffer.alloc(65536);
    await file.read(table, 0, table.length, 0x30000);
    const bat = Buffer.from('6677c22d23f600429d64115e9bfd4a08', 'hex');
    const entry = table.indexOf(bat);
    if (entry < 0) throw new Error('no BAT region in the image');
    const offset = Number(table.readBigUInt64LE(entry + 16));
    const { size } = await file.stat();
    const blockSize = (64 * 2 ** 40) / blocks;
    const ratio = (2 ** 23 * 512) / blockSize;
    let end = Math.ceil(size / MIB) * MIB;
    const word = Buffer.alloc(8);
    for (let i = 0; i < count; i++) {
      const block = Math.floor((blocks / count) * i);
      word.writeBigUInt64LE(BigInt(end) | 6n);
      await file.write(word, 0, 8, offset + (block + Math.floor(block / ratio)) * 8);
      end += blockSize;
    }
    await file.truncate(end);
  } finally {
    await file.close();
  }
}
