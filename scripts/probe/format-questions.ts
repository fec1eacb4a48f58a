import { createHash } from 'node:crypto';
import { checkDisk } from '../../src/engine/disk/check/check-disk.ts';
import { openDisk } from '../../src/engine/disk/chain/open-disk.ts';
import { MIB, DISK_SIZE, newDisk, withDisk, writeFromOutside } from './own-disks.ts';
import { answer, compared, type Place, type Question } from './question.ts';

/** Images as Windows makes them, under names that say how. */
const IMAGES = {
  'dynamic.vhdx': {},
  'fixed.vhdx': { fixed: true },
  'sectors-4096.vhdx': { sectorSize: 4096, physicalSectorSize: 4096 },
  'blocks-1m.vhdx': { blockSize: MIB },
  'dynamic.vhd': {},
  'fixed.vhd': { fixed: true },
} as const;

/** Questions about the files that Windows makes. */
export const FORMAT_QUESTIONS: readonly Question[] = [
  ...Object.entries(IMAGES).map(([name, change]): Question => ({
    id: `check ${name}`,
    question: `Does \`disk check\` find an error in a new ${name} of Windows?`,
    expected: 'no error',
    ask: async (place) => {
      const path = await newDisk(place, name, change);
      const { findings } = await checkDisk(path, {}, place.signal);
      const errors = findings.filter(({ severity }) => severity === 'error');
      const text = errors.map(({ code, message }) => `${code}: ${message}`).join('; ');
      return compared(text === '' ? 'no error' : text, 'no error');
    },
  })),
  {
    id: 'differencing',
    question: 'Do we find the parent of a differencing disk of Windows, and do the two fit?',
    expected: 'no error',
    ask: async (place) => {
      const parentPath = await newDisk(place, 'parent.vhdx');
      const child = await newDisk(place, 'child.vhdx', { parentPath, virtualSize: 0 });
      const { findings } = await checkDisk(child, { chain: true }, place.signal);
      const codes = findings.filter(({ severity }) => severity === 'error').map(({ code }) => code);
      return compared(codes.length === 0 ? 'no error' : codes.join(', '), 'no error');
    },
  },
  {
    id: 'same bytes',
    question: 'Do Windows and Refpoint read the same bytes of a disk that Refpoint wrote into?',
    expected: 'the same bytes',
    ask: async (place) => {
      const path = await newDisk(place, 'read.vhdx');
      await writeFromOutside(path, place);
      const windows = await hashByWindows(path, place);
      const own = await hashByReader(path, place);
      return compared(windows === own ? 'the same bytes' : 'different bytes', 'the same bytes');
    },
  },
  {
    id: 'information',
    question: 'Which kinds of information does Windows refuse for a dynamic disk without a parent?',
    ask: async (place) => {
      const path = await newDisk(place, 'information.vhdx');
      const all = await withDisk(path, 'read', (disk) => disk.information(place.signal));
      const refused = Object.entries(all).flatMap(([kind, each]) =>
        each.ok ? [] : [`${kind}: ${each.error.hex} ${each.error.name ?? ''}`.trim()],
      );
      return answer(refused.length === 0 ? 'none' : refused.join('; '));
    },
  },
];

async function hashByWindows(path: string, { signal }: Place): Promise<string> {
  return withDisk(path, 'read', async (disk) => {
    const source = await disk.attach(signal);
    try {
      return await hashOf((offset, into) => source.read(offset, into, signal));
    } finally {
      await source.close();
    }
  });
}

async function hashByReader(path: string, { signal }: Place): Promise<string> {
  const { disk } = await openDisk(path, {}, signal);
  try {
    return await hashOf((offset, into) => disk.read(offset, into, signal));
  } finally {
    await disk.close();
  }
}

async function hashOf(read: (offset: number, into: Uint8Array) => Promise<void>): Promise<string> {
  const hash = createHash('sha256');
  const part = new Uint8Array(MIB);
  for (let at = 0; at < DISK_SIZE; at += MIB) {
    await read(at, part);
    hash.update(part);
  }
  return hash.digest('hex');
}
