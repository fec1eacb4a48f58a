/**
 * The data phase of an increment whose disk lies behind a slow line: 256 MiB changed in runs of 4 KiB, 64 KiB and 1 MiB, from a
 * source that answers each read after 50 ms, against one that answers at once. The source itself limits nothing, so this shows
 * what the copy keeps in flight, and its memory.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyDisk } from '../src/engine/backup/images/copy-disk.ts';
import type { CopyBase } from '../src/engine/backup/images/copy-piece.ts';
import { zeroDigest } from '../src/engine/backup/hashes/hash-cell.ts';
import { HASHES_V2 } from '../src/engine/backup/hashes/hash-format.ts';
import { HashTreeWriter } from '../src/engine/backup/hashes/hash-tree-writer.ts';
import { changedSource } from '../src/engine/backup/read/source/host-disk-source.ts';
import { delay, never } from '../src/engine/base/abort.ts';
import { formatBytes } from '../src/engine/base/format-bytes.ts';
import { noProgress } from '../src/engine/base/progress.ts';
import { RangeSet } from '../src/engine/base/range-set.ts';
import { ChainDisk } from '../src/engine/disk/chain/chain.ts';
import { VhdxImage } from '../src/engine/disk/vhdx/read/vhdx-image.ts';
import { VhdxWriter } from '../src/engine/disk/vhdx/write/vhdx-writer.ts';
import type { ByteSource } from '../src/engine/source/byte-source.ts';
import { createFilePart } from '../src/engine/source/files/file-part.ts';
import { FileSource } from '../src/engine/source/files/file-source.ts';
import { line } from './bounds.ts';
import { inFolder, median, megabyte, MIB, report, seconds } from './measure.ts';
import { sized } from './sizes.ts';

const CHANGED = Number(process.env['REFPOINT_BENCH_MIB'] ?? sized(256, 16)) * MIB;
const DELAY_MS = 50;
const ROUNDS = sized(3, 1);
const CASES = [
  { length: 4096, stride: 65_536 },
  { length: 65_536, stride: MIB },
  { length: MIB, stride: 2 * MIB },
] as const;
type Case = (typeof CASES)[number];

const sizeOf = ({ length, stride }: Case): number => (CHANGED / length) * stride;
const rangesOf = ({ length, stride }: Case): RangeSet =>
  RangeSet.of(
    Array.from({ length: CHANGED / length }, (_, i) => ({
      start: i * stride,
      end: i * stride + length,
    })),
  );

/** Answers each read after some time, however many there are. */
function late(inner: ByteSource, milliseconds: number): ByteSource {
  return {
    name: inner.name,
    size: inner.size,
    read: async (offset, into, signal) => {
      if (milliseconds > 0) await delay(milliseconds, signal);
      await inner.read(offset, into, signal);
    },
    close: () => inner.close(),
  };
}

async function write(path: string, of: Case): Promise<void> {
  const part = await createFilePart(path, { replace: true }, never);
  const image = new VhdxWriter(part, { size: sizeOf(of), blockSize: MIB });
  const data = megabyte(of.length);
  for (const { start, end } of rangesOf(of)) {
    data.writeUInt32LE(start / 4096, 0);
    await image.write(start, data.subarray(0, end - start), never);
  }
  await image.complete(never);
}

interface Measured {
  readonly rate: number;
  /** Processor seconds of the copy. */
  readonly cpu: number;
  readonly peak: number;
}

/** Copies the runs of a frozen image; runs in a process of its own, whose memory is measured. */
async function copy(dir: string, of: Case, milliseconds: number): Promise<Measured> {
  const size = sizeOf(of);
  const file = await FileSource.open(join(dir, `${of.length}.vhdx`), never);
  const image = await VhdxImage.open(late(file, milliseconds), never);
  const disk = new ChainDisk([image]);
  const empty = await createFilePart(join(dir, 'parent.vhdx'), { replace: true }, never);
  const parent = new VhdxWriter(empty, { size, blockSize: MIB });
  await parent.complete(never);
  const below = await VhdxImage.open(await FileSource.open(join(dir, 'parent.vhdx'), never), never);
  const leaf = async (): Promise<Uint8Array> => zeroDigest(HASHES_V2.unit);
  const base = {
    disk: new ChainDisk([below]),
    hashes: { leaf } as unknown as CopyBase['hashes'],
  };
  const part = await createFilePart(join(dir, 'copy.avhdx'), { replace: true }, never);
  const link = { linkage: parent.dataWriteGuid, relativePath: '.\\parent.vhdx' };
  const writer = new VhdxWriter(part, { size, blockSize: MIB, parent: link });
  const hashes = HashTreeWriter.begin(null, size, HASHES_V2, null);
  const layers = [image] as const;
  const opened = { disk, format: 'vhdx', chain: [file.name], layers, fileSize: image.fileSize };
  const source = changedSource(opened, rangesOf(of));
  const start = performance.now();
  const before = process.cpuUsage();
  await copyDisk(source, writer, hashes, base, noProgress, never);
  const rate = CHANGED / ((performance.now() - start) / 1000);
  const used = process.cpuUsage(before);
  await writer.abandon();
  await disk.close();
  await base.disk.close();
  return {
    rate,
    cpu: (used.user + used.system) / 1e6,
    peak: process.resourceUsage().maxRSS * 1024,
  };
}

const perSecond = (rate: number): string => `${(rate / 1e6).toFixed(1)} MB/s`;

function inProcess(dir: string, index: number, milliseconds: number): Measured {
  const args = [fileURLToPath(import.meta.url), dir, String(index), String(milliseconds)];
  const output = execFileSync(process.execPath, ['--no-warnings', ...args], { encoding: 'utf8' });
  return JSON.parse(output) as Measured;
}

const [dir, index, milliseconds] = process.argv.slice(2);
if (dir !== undefined && index !== undefined) {
  const of = CASES[Number(index)] as Case;
  report(JSON.stringify(await copy(dir, of, Number(milliseconds))));
} else {
  await inFolder(async (folder) => {
    for (const [i, each] of CASES.entries()) {
      await write(join(folder, `${each.length}.vhdx`), each);
      const pairs: { readonly slow: Measured; readonly fast: Measured }[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        pairs.push({ slow: inProcess(folder, i, DELAY_MS), fast: inProcess(folder, i, 0) });
      }
      const ratio = median(pairs.map(({ slow, fast }) => slow.rate / fast.rate));
      const slow = median(pairs.map((pair) => pair.slow.rate));
      const fast = median(pairs.map((pair) => pair.fast.rate));
      const cpu = median(pairs.map((pair) => pair.fast.cpu));
      const peak = Math.max(...pairs.flatMap((pair) => [pair.slow.peak, pair.fast.peak]));
      report(
        `runs of ${formatBytes(each.length)}, each read answered after ${DELAY_MS} ms: ${perSecond(slow)}, at once: ${perSecond(fast)} (processor ${seconds(cpu)})`,
      );
      line('  ratio', ratio.toFixed(2), ratio >= 0.5, 'at least 0.5');
      line('  peak', formatBytes(peak), peak <= 400 * MIB, '400 MiB');
    }
  });
}
