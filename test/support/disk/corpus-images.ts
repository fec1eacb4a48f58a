import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { isZero } from '../../../src/engine/disk/virtual/zero-scan.ts';
import { corpus, peer } from '../process/peers.ts';

const MIB = 2 ** 20;

/** What is recorded of an image. */
interface Expected {
  readonly packed?: string;
  readonly format: string;
  readonly subformat?: string;
  readonly log?: string;
  readonly fileSha256: string;
  readonly rawSha256?: string;
  readonly virtualSize?: number;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Unpacked images of the corpus, kept between runs: some are sparse files of many GiB. */
const UNPACKED = join(process.cwd(), 'build', 'corpus');

/** Everything that is recorded, and the folder in which images appear once they were unpacked. */
export interface CorpusImages {
  readonly folder: string;
  readonly bzip2: string;
  readonly all: readonly (readonly [string, Expected])[];
  readonly unpacked: string;
}

/** Returns the path of an image that was unpacked to a sparse file and is the one that was meant. Nobody may write to it. */
export async function unpack(
  { folder, bzip2, unpacked }: CorpusImages,
  name: string,
  expected: Expected,
): Promise<string> {
  const path = join(unpacked, name);
  if (existsSync(path)) return path;
  const packed = expected.packed ?? name;
  const bytes = await readFile(join(folder, packed));
  const file = packed.endsWith('.gz')
    ? gunzipSync(bytes)
    : packed.endsWith('.bz2')
      ? spawnSync(bzip2, ['-dc'], { input: bytes, maxBuffer: 1024 * MIB }).stdout
      : bytes;
  assert.equal(sha256(file), expected.fileSha256, `${packed} is not the image that was recorded`);
  // Another test file may unpack it at the same time.
  const temporary = `${path}.${process.pid}.tmp`;
  const out = await open(temporary, 'w', 0o444);
  try {
    await out.truncate(file.length);
    for (let at = 0; at < file.length; at += MIB) {
      const part = file.subarray(at, at + MIB);
      if (!isZero(part)) await out.write(part, 0, part.length, at);
    }
  } finally {
    await out.close();
  }
  await rename(temporary, path);
  return path;
}

/** Returns what is recorded of the images; undefined if they, or bzip2, are missing. */
export async function expectations(t: TestContext): Promise<CorpusImages | undefined> {
  const folder = corpus(t);
  const bzip2 = folder === undefined ? undefined : peer(t, 'bzip2');
  if (folder === undefined || bzip2 === undefined) return undefined;
  const text = await readFile(join(folder, 'expect.json'), 'utf8');
  const unpacked = join(UNPACKED, sha256(Buffer.from(text)).slice(0, 16));
  await mkdir(unpacked, { recursive: true });
  const all = Object.entries(JSON.parse(text) as Record<string, Expected>);
  return { folder, bzip2, all, unpacked };
}
