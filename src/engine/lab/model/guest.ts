import { createCipheriv, createHash } from 'node:crypto';
import path from 'node:path';
import type { Progress } from '../../base/progress.ts';
import type { Range } from '../../base/range.ts';
import { openDisk, type OpenedDisk } from '../../disk/chain/open-disk.ts';
import { FileStorage } from '../../source/files/file-storage.ts';
import type { DiskTracker } from '../rct/disk-tracker.ts';
import { labError } from '../lab-errors.ts';
import { openEditor } from '../files/open-editor.ts';
import { GUEST_PAGE, writeOrZero } from '../files/write-or-zero.ts';
import type { Lab } from './lab.ts';
import { makeFile } from './new-disks.ts';
import type { LabDisk, LabVm } from '../state/state.ts';

const PIECE = 2 ** 20;
/** Differences are written in units of a guest page. */
const UNIT = GUEST_PAGE;

export interface WriteResult {
  readonly writes: number;
  readonly bytes: number;
}

/** One write of a guest to its disk. */
type GuestWrite = (offset: number, bytes: Uint8Array) => Promise<void>;

/**
 * Writes `bytes` at `offset`. The disk is written in whole sectors; partial sectors are completed
 * with their current contents.
 */
export function writeBytes(
  lab: Lab,
  vm: LabVm,
  disk: LabDisk,
  offset: number,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<WriteResult> {
  return withTopLayer(lab, vm, disk, signal, async (write, sector) => {
    const start = offset - (offset % sector);
    const end = Math.min(Math.ceil((offset + bytes.length) / sector) * sector, disk.virtualSize);
    if (offset < 0 || offset + bytes.length > disk.virtualSize) {
      throw labError(
        'lab.argument',
        `${bytes.length} bytes at ${offset} do not lie inside the disk of ${disk.virtualSize}`,
        { data: { offset, length: bytes.length, expected: disk.virtualSize } },
      );
    }
    const whole = new Uint8Array(end - start);
    if (whole.length !== bytes.length) await readActive(lab, disk, start, whole, signal);
    whole.set(bytes, offset - start);
    for (let at = 0; at < whole.length; at += PIECE) {
      await write(start + at, whole.subarray(at, at + PIECE));
    }
  });
}

/** Makes the disk equal to an image by writing only the differing pages of 4 KiB. */
export function writeDifferences(
  lab: Lab,
  vm: LabVm,
  disk: LabDisk,
  image: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<WriteResult> {
  return withTopLayer(lab, vm, disk, signal, async (write) => {
    const wanted = await openDisk(image, {}, signal);
    // Opened before the first write; writes only touch offsets that were already compared.
    const active = await openActive(lab, disk, signal);
    try {
      if (wanted.disk.size > disk.virtualSize) {
        throw labError(
          'lab.argument',
          `${image} has ${wanted.disk.size} bytes, more than the disk's ${disk.virtualSize}`,
          { data: { found: wanted.disk.size, expected: disk.virtualSize } },
        );
      }
      const differences: { offset: number; bytes: Uint8Array }[] = [];
      progress.phase('compare', disk.virtualSize);
      const a = Buffer.allocUnsafe(PIECE);
      const b = Buffer.allocUnsafe(PIECE);
      for (let at = 0; at < disk.virtualSize; at += PIECE) {
        const length = Math.min(PIECE, disk.virtualSize - at);
        const now = a.subarray(0, length);
        const then = b.subarray(0, length).fill(0);
        const inImage = Math.max(0, Math.min(length, wanted.disk.size - at));
        await active.disk.read(at, now, signal);
        await wanted.disk.read(at, then.subarray(0, inImage), signal);
        for (const part of differing(now, then)) {
          differences.push({
            offset: at + part.start,
            bytes: Uint8Array.from(then.subarray(part.start, part.end)),
          });
        }
        progress.advance(length);
        // Bounds memory: differences are written before more are searched.
        if (differences.length >= 64) await flushDifferences(differences, write);
      }
      await flushDifferences(differences, write);
    } finally {
      await active.disk.close();
      await wanted.disk.close();
    }
  });
}

/** A random load: the same seed gives the same writes. */
export interface RandomLoad {
  readonly count: number;
  readonly seed: string;
  /** Size of each write in bytes, also its alignment; null for 4 to 256 KiB. */
  readonly length: number | null;
}

/** Writes a reproducible load; one in eight writes is zeros. */
export function writeRandom(
  lab: Lab,
  vm: LabVm,
  disk: LabDisk,
  { count, seed, length: fixed }: RandomLoad,
  signal: AbortSignal,
): Promise<WriteResult> {
  return withTopLayer(lab, vm, disk, signal, async (write, sector) => {
    // A disk smaller than a page is written in sectors.
    const unit = disk.virtualSize < UNIT ? sector : (fixed ?? UNIT);
    const pages = Math.floor(disk.virtualSize / unit);
    for (let i = 0; i < count; i++) {
      signal.throwIfAborted();
      const random = createHash('sha256').update(`${seed}/${i}`).digest();
      const units = fixed === null ? 1 + (random.readUInt8(0) % 64) : 1;
      const length = Math.min(units, pages) * unit;
      const page = Number(random.readBigUInt64LE(8) % BigInt(pages - length / unit + 1));
      const bytes = Buffer.alloc(length);
      if (random.readUInt8(1) % 8 !== 0) fillFrom(random, bytes);
      await write(page * unit, bytes);
    }
  });
}

/** Fills with a key stream: data that neither repeats nor compresses. */
function fillFrom(seed: Buffer, into: Buffer): void {
  const cipher = createCipheriv('aes-128-ctr', seed.subarray(0, 16), seed.subarray(16, 32));
  cipher.update(into).copy(into);
}

/** Opens the top layer, passes a write function that tracks first, and leaves a clean file. */
async function withTopLayer(
  lab: Lab,
  vm: LabVm,
  disk: LabDisk,
  signal: AbortSignal,
  work: (write: GuestWrite, sector: number) => Promise<void>,
): Promise<WriteResult> {
  if (disk.kind === 'passthrough') {
    throw labError('lab.argument', 'A pass-through disk has no file to write to');
  }
  if (disk.kind === 'shared') return writeShared(lab, vm, disk, signal, work);
  return lab.exclusively(
    vm,
    async () => {
      await makeFile(lab, disk, signal);
      const tracker: DiskTracker = await lab.tracker(disk);
      const storage = await FileStorage.open(lab.local(activeFile(disk)), {}, signal);
      try {
        const editor = await openEditor(storage, signal);
        let writes = 0;
        let total = 0;
        await work(async (offset, bytes) => {
          // The mark is durable before the write: a crash in between over-reports.
          await tracker.mark({ start: offset, end: offset + bytes.length });
          await writeOrZero(editor, offset, bytes, signal);
          writes++;
          total += bytes.length;
        }, editor.logicalSectorSize);
        await editor.close();
        return { writes, bytes: total };
      } finally {
        await storage.close();
      }
    },
    signal,
  );
}

/** Writes to a shared disk as a guest does; other guests and clients may have it open. */
async function writeShared(
  lab: Lab,
  vm: LabVm,
  disk: LabDisk,
  signal: AbortSignal,
  work: (write: GuestWrite, sector: number) => Promise<void>,
): Promise<WriteResult> {
  const write = (): Promise<WriteResult> =>
    lab.sharedDisks.use(lab.local(activeFile(disk)), async (shared) => {
      let [writes, total] = [0, 0];
      await work(
        async (offset, bytes) => {
          await shared.write(offset, bytes);
          writes++;
          total += bytes.length;
        },
        (await shared.facts()).sectorSize,
      );
      return { writes, bytes: total };
    });
  return lab.exclusively(vm, write, signal);
}

async function flushDifferences(
  differences: { offset: number; bytes: Uint8Array }[],
  write: GuestWrite,
): Promise<void> {
  for (const { offset, bytes } of differences.splice(0)) await write(offset, bytes);
}

/** Yields the runs of pages that differ. */
export function* differing(now: Buffer, then: Buffer): Generator<Range> {
  if (now.equals(then)) return;
  let start = -1;
  for (let at = 0; at < now.length; at += UNIT) {
    const end = Math.min(at + UNIT, now.length);
    const same = now.compare(then, at, end, at, end) === 0;
    if (same && start >= 0) {
      yield { start, end: at };
      start = -1;
    } else if (!same && start < 0) start = at;
  }
  if (start >= 0) yield { start, end: now.length };
}

async function readActive(
  lab: Lab,
  disk: LabDisk,
  offset: number,
  into: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const opened = await openActive(lab, disk, signal);
  try {
    await opened.disk.read(offset, into, signal);
  } finally {
    await opened.disk.close();
  }
}

/** Opens a disk as the guest sees it. Parents of a held file keep their own names. */
export async function openActive(
  lab: Lab,
  disk: LabDisk,
  signal: AbortSignal,
): Promise<OpenedDisk> {
  await makeFile(lab, disk, signal);
  const file = activeFile(disk);
  const folder = path.dirname(lab.paths.toLocal(file) ?? '');
  if (disk.kind === 'shared') await lab.sharedDisks.settle(lab.local(file));
  return openDisk(lab.local(file), { search: [folder] }, signal);
}

/** Returns the file that the guest writes to. */
export function activeFile(disk: LabDisk): string {
  const file = disk.files.at(-1);
  if (file === undefined) throw labError('lab.argument', 'The disk has no file');
  return file;
}
