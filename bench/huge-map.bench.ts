/** Opening and mapping, and checking, a 64 TiB dynamic VHDX with blocks of 1 and of 32 MiB: the BAT is streamed. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { formatBytes } from '../src/engine/base/format-bytes.ts';
import { LIBRARY } from './alternate.ts';
import { inFolder, measured, median, MIB, report, seconds, timed } from './measure.ts';

interface Checked {
  readonly findings: readonly unknown[];
}

const LIMITS = [2, 4];

await inFolder(async (dir) => {
  for (const block of [1, 32]) {
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
    const runs = [];
    for (let i = 0; i < 3; i++) runs.push(measured<unknown[]>(['disk', 'map', path]));
    const wall = Math.min(...runs.map((run) => run.wall));
    const peak = Math.max(...runs.map((run) => run.peak));
    report(
      `open and map 64 TiB, blocks of ${block} MiB: ${seconds(wall)} (under 1 s, start of the command included), ${runs[0]?.result.length} extents, peak ${formatBytes(peak)} (under 300 MiB)`,
    );
    for (const [i, { name, env }] of LIBRARY.entries()) {
      const checks = [0, 1, 2].map(() => measured<Checked>(['disk', 'check', path], env));
      const findings = checks[0]?.result.findings.length;
      report(
        `  check of its metadata, ${name}: ${seconds(median(checks.map((run) => run.wall)))} (at most ${LIMITS[i]} s), ${findings} findings, peak ${formatBytes(Math.max(...checks.map((run) => run.peak)))} (at most 300 MiB)`,
      );
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
