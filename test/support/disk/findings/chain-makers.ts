import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { never } from '../../../../src/engine/base/abort.ts';
import { newGuid, type Guid } from '../../../../src/engine/base/guid.ts';
import { VhdWriter } from '../../../../src/engine/disk/vhd/write/vhd-writer.ts';
import type { NewImage } from '../../../../src/engine/disk/vhdx/structures/image/image-head.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { MemoryPart } from '../../files/memory-part.ts';
import { makeTagged, type TaggedWrite } from '../tagged-image.ts';

/** Makes a chain in a folder. Returns the path of its last child. */
type ChainMaker = (folder: string) => Promise<string>;

const SIZE = 4 * MIB;
const DAY = 86_400;

interface Made {
  readonly base?: Partial<NewImage>;
  readonly child?: Partial<NewImage>;
  /** What the child links to, if not to the base as it is. */
  readonly linkage?: Guid;
  readonly written?: readonly TaggedWrite[];
  readonly hidden?: readonly TaggedWrite[];
}

/** Makes `base.vhdx` and its child. */
async function pair(folder: string, made: Made = {}): Promise<string> {
  const { base, child, written = [[0, MIB, 1]], hidden = [] } = made;
  const image = { size: SIZE, blockSize: MIB };
  const guid = await makeTagged(join(folder, 'base.vhdx'), { ...image, ...base }, written);
  const file = join(folder, 'child.avhdx');
  const parent = { linkage: made.linkage ?? guid, relativePath: '.\\base.vhdx' };
  await makeTagged(file, { ...image, parent, ...child }, hidden);
  return file;
}

/** Two images of which each is the parent of the other. */
async function cycle(folder: string): Promise<string> {
  const [one, two] = [newGuid(), newGuid()];
  const image = { size: SIZE, blockSize: MIB };
  const file = join(folder, 'one.avhdx');
  const first = {
    ...image,
    dataWriteGuid: one,
    parent: { linkage: two, relativePath: '.\\two.avhdx' },
  };
  const second = {
    ...image,
    dataWriteGuid: two,
    parent: { linkage: one, relativePath: '.\\one.avhdx' },
  };
  await makeTagged(file, first, []);
  await makeTagged(join(folder, 'two.avhdx'), second, []);
  return file;
}

/** 257 empty VHDs, each the child of the one before. */
async function deep(folder: string): Promise<string> {
  let identity: Guid | undefined;
  let file = '';
  for (let i = 0; i < 257; i++) {
    const parent =
      identity === undefined
        ? undefined
        : { identity, size: MIB, relativePath: `${i - 1}.vhd`, absolutePath: undefined };
    const part = new MemoryPart();
    identity = newGuid();
    const subformat = parent === undefined ? 'dynamic' : 'differencing';
    const disk = { size: MIB, blockSize: 512 * 1024, diskId: identity, subformat } as const;
    await new VhdWriter(part, parent === undefined ? disk : { ...disk, parent }).complete(never);
    file = join(folder, `${i}.vhd`);
    await writeFile(file, part.result);
  }
  return file;
}

async function siblings(folder: string): Promise<string> {
  const linkage = newGuid();
  const parent = { linkage, relativePath: '.\\base.vhdx' };
  await makeTagged(join(folder, 'other.avhdx'), { size: SIZE, blockSize: MIB, parent }, []);
  return pair(folder, { base: { dataWriteGuid: linkage }, written: [] });
}

async function newer(folder: string): Promise<string> {
  const file = await pair(folder);
  const then = Date.now() / 1000 - 3 * DAY;
  await utimes(file, then, then);
  return file;
}

/** A child that holds only the path of the parent on the machine where it was made. */
async function absolute(folder: string): Promise<string> {
  const linkage = newGuid();
  const parent = { linkage, absolutePath: 'C:\\VMs\\base.vhdx' };
  return pair(folder, { base: { dataWriteGuid: linkage }, written: [], child: { parent } });
}

export const CHAIN_MAKERS: Readonly<Record<string, ChainMaker>> = {
  'disk.parent.missing': async (folder) => {
    const parent = { linkage: newGuid(), relativePath: '.\\base.vhdx' };
    const file = join(folder, 'child.avhdx');
    await makeTagged(file, { size: SIZE, blockSize: MIB, parent }, []);
    return file;
  },
  'disk.parent.mismatch': (folder) => pair(folder, { linkage: newGuid() }),
  'disk.chain.cycle': cycle,
  'disk.chain.depth': deep,
  'disk.chain.sectors': (folder) => pair(folder, { base: { logicalSectorSize: 4096 } }),
  'disk.chain.size': (folder) => pair(folder, { child: { size: 2 * SIZE } }),
  'disk.chain.absolute': absolute,
  'disk.chain.newer': newer,
  'disk.chain.hidden': (folder) => pair(folder, { hidden: [[0, MIB, 0]] }),
  'disk.chain.siblings': siblings,
};

/** Makes a chain without findings. */
export const soundChain: ChainMaker = (folder) => pair(folder);
