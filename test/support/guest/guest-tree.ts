import { createHash } from 'node:crypto';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Contents by path from the root; a folder has no contents. */
export type Tree = ReadonlyMap<string, Buffer>;

/** Bytes that look random, and are the same each time. */
export function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** Numbers, a line each. */
export const lines = (count: number): Buffer =>
  Buffer.from(Array.from({ length: count }, (_, i) => `${i}\n`).join(''));

/** A guest's files: small and large, in folders that need more than a block, with long and foreign names. */
export function sampleTree(many = 300): Map<string, Buffer> {
  const tree = new Map<string, Buffer>([
    ['/empty', Buffer.alloc(0)],
    ['/short.txt', Buffer.from('short')],
    ['/sub/numbers.txt', lines(30_000)],
    ['/sub/deep/random.bin', noise(700_001, 7)],
    ['/sub/deep/Grüße aus München 🎉.txt', Buffer.from('Servus')],
    ['/sub/deep/.hidden', Buffer.from('hidden')],
  ]);
  for (let i = 0; i < many; i++) {
    tree.set(`/many/a rather long name of a file, number ${i}.txt`, Buffer.from(`file ${i}\n`));
  }
  return tree;
}

/** Writes a tree below a folder of this machine. */
export function writeTree(folder: string, tree: Tree): void {
  for (const [path, bytes] of tree) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}

/** A file with data only behind a hole, and links with a short and a long target. */
export function writeOddities(folder: string): Tree {
  const path = join(folder, 'sparse.bin');
  writeFileSync(path, Buffer.alloc(0));
  truncateSync(path, 3 * 2 ** 20);
  writeFileSync(path, 'end', { flag: 'a' });
  symlinkSync('sub/numbers.txt', join(folder, 'short-link'));
  symlinkSync(`sub/${'../sub/'.repeat(20)}numbers.txt`, join(folder, 'long-link'));
  return new Map([['/sparse.bin', Buffer.concat([Buffer.alloc(3 * 2 ** 20), Buffer.from('end')])]]);
}

/** Hashes by path, which fail readably. */
export const hashesOf = (tree: Tree): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Array.from(tree, ([path, bytes]) => [path, sha256(bytes)] as const).sort(([a], [b]) =>
      a < b ? -1 : 1,
    ),
  );
