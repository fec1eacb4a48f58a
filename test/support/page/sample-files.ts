import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { never } from '../../../src/engine/base/abort.ts';
import { newGuid, type Guid } from '../../../src/engine/base/guid.ts';
import { createVhdx } from '../../../src/engine/disk/vhdx/write/create-vhdx.ts';
import { MIB } from '../../../src/engine/disk/vhdx/structures/layout.ts';
import { GIB, TIB } from '../disk/sizes.ts';
import { VhdxEditor } from '../../../src/engine/disk/vhdx/edit/vhdx-editor.ts';
import { FileStorage } from '../../../src/engine/source/files/file-storage.ts';

const BLOCK = MIB;

interface Layer {
  readonly size: number;
  readonly parent?: { readonly linkage: Guid; readonly relativePath: string };
  /** Where whole blocks are written, where a part of one, where zeros. */
  readonly whole: readonly number[];
  readonly part: readonly number[];
  readonly zeros: readonly number[];
}

/** A layer made by the project's own writer and changed by its own editor; answers what a child links to. */
async function layer(path: string, { size, parent, whole, part, zeros }: Layer): Promise<Guid> {
  const storage = await FileStorage.open(path, { create: true }, never);
  const more =
    parent === undefined ? {} : { parent: { ...parent, absolutePath: `C:\\vm\\base.vhdx` } };
  await createVhdx(storage, { size, blockSize: BLOCK, ...more }, never);
  const editor = await VhdxEditor.open(storage, never);
  for (const block of whole) {
    await editor.write(block * BLOCK, Buffer.alloc(BLOCK, `block ${block} `), never);
  }
  for (const block of part) {
    await editor.write(block * BLOCK + 4096, Buffer.alloc(8192, `part of ${block} `), never);
  }
  for (const block of zeros) await editor.zero(block * BLOCK, BLOCK, never);
  await editor.flush(never);
  const { dataWriteGuid } = editor;
  await editor.close();
  await storage.close();
  return dataWriteGuid;
}

/** A base and a checkpoint's layer over it, as they lie beside one another; answers the layer's path. */
export async function differencingDisk(folder: string): Promise<string> {
  const blocks = [...Array(24).keys()];
  const linkage = await layer(join(folder, 'base.vhdx'), {
    size: GIB,
    whole: blocks.map((block) => block * 3),
    part: [],
    zeros: [],
  });
  const path = join(folder, 'web-01_8C1F.avhdx');
  await layer(path, {
    size: GIB,
    parent: { linkage, relativePath: '.\\base.vhdx' },
    whole: [1, 2, 3, 40, 41, 700, 701, 1023],
    part: [7, 8, 90, 91, 92, 500],
    zeros: [12, 13, 14, 600, 601, 602, 603],
  });
  return path;
}

/** Damages a copy of a header, an entry of the table, and a path of the parent. */
export async function damage(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    // Any byte of the first header.
    await file.write(Buffer.from([0xff]), 0, 1, 0x1_0020);
    // Block 30 is said to lie at 9 TiB.
    const entry = Buffer.alloc(8);
    entry.writeBigUInt64LE(BigInt(9 * TIB) | 6n);
    await file.write(entry, 0, 8, 3 * MIB + 30 * 8);
  } finally {
    await file.close();
  }
}

/** Where the table of the huge disk ends: the first byte for data. */
const HUGE_DATA = 3 * MIB + 513 * MIB;

/** Runs of blocks of the huge disk: each begins with a chunk of 4096 entries and stays in it; every fifth is of zeros. */
export const RUNS = Array.from({ length: 64 }, (_, run) => ({
  block: run * run * 4 * 4096,
  count: 200 + ((run * 977) % 3800),
  zero: run % 5 === 4,
  offset: 0,
}));
let next = HUGE_DATA;
for (const run of RUNS) {
  run.offset = next;
  if (!run.zero) next += run.count * MIB;
}

/** 64 TiB in blocks of 1 MiB: a table of 67 million entries of which runs are written; the file is sparse. */
export async function hugeDisk(folder: string): Promise<string> {
  const path = join(folder, 'huge.vhdx');
  const storage = await FileStorage.open(path, { create: true }, never);
  await createVhdx(storage, { size: 64 * TIB, blockSize: MIB }, never);
  const { size } = storage;
  await storage.close();
  if (size !== HUGE_DATA) throw new Error(`the table ends at ${size}`);
  const file = await open(path, 'r+');
  for (const { block, count, zero, offset } of RUNS) {
    const entries = Buffer.alloc(count * 8);
    for (let i = 0; i < count; i++) {
      entries.writeBigUInt64LE(zero ? 2n : BigInt(offset + i * MIB) | 6n, i * 8);
    }
    await file.write(entries, 0, entries.length, 3 * MIB + (block / 4096) * 4097 * 8);
  }
  await file.truncate(next);
  await file.close();
  return path;
}

/** Files that are empty, unknown, damaged all over, or full of long names; answers their paths. */
export async function oddFiles(folder: string): Promise<readonly string[]> {
  const path = (name: string): string => join(folder, name);
  await writeFile(path('empty.img'), '');
  await writeFile(path('raw.img'), Buffer.alloc(100_000, 'x'));
  const damaged = await differencingDisk(folder);
  const file = await open(damaged, 'r+');
  const junk = Buffer.alloc(8 * 900);
  for (let i = 0; i < 900; i++) {
    const entry = BigInt(i % 7) * 0x1000_0001n + BigInt(i % 8) * 0x30_0007n;
    junk.writeBigUInt64LE(entry, i * 8);
  }
  await file.write(junk, 0, junk.length, 3 * MIB + 80);
  await file.write(Buffer.alloc(3000, 0xab), 0, 3000, 0x3_0010);
  await file.close();
  const long = path(`${'a long name with spaces '.repeat(8)}.avhdx`);
  const storage = await FileStorage.open(long, { create: true }, never);
  const parent = {
    linkage: newGuid(),
    relativePath: `..\\${'deep\\'.repeat(60)}\u202e\u200bbase.vhdx`,
    absolutePath: `\\\\server\\share\\${'x'.repeat(700)}.vhdx`,
  };
  await createVhdx(storage, { size: TIB, blockSize: 32 * MIB, parent }, never);
  await storage.close();
  return [path('empty.img'), path('raw.img'), damaged, long];
}
