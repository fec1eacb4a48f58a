import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
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

/** Unpacks one image to a sparse file and checks that it is the one that was meant. */
export async function unpack(
  folder: string,
  name: string,
  expected: Expected,
  bzip2: string,
  target: string,
): Promise<string> {
  const packed = expected.packed ?? name;
  const bytes = await readFile(join(folder, packed));
  const file = packed.endsWith('.gz')
    ? gunzipSync(bytes)
    : packed.endsWith('.bz2')
      ? spawnSync(bzip2, ['-dc'], { input: bytes, maxBuffer: 1024 * MIB }).stdout
      : bytes;
  assert.equal(sha256(file), expected.fileSha256, `${packed} is not the image that was recorded`);
  const path = join(target, name);
  const out = await open(path, 'w');
  try {
    await out.truncate(file.length);
    for (let at = 0; at < file.length; at += MIB) {
      const part = file.subarray(at, at + MIB);
      if (!isZero(part)) await out.write(part, 0, part.length, at);
    }
  } finally {
    await out.close();
  }
  return path;
}

/** Returns what is recorded of the images; undefined if they, or bzip2, are missing. */
export async function expectations(
  t: TestContext,
): Promise<{ folder: string; bzip2: string; all: [string, Expected][] } | undefined> {
  const folder = corpus(t);
  const bzip2 = folder === undefined ? undefined : peer(t, 'bzip2');
  if (folder === undefined || bzip2 === undefined) return undefined;
  const text = await readFile(join(folder, 'expect.json'), 'utf8');
  return { folder, bzip2, all: Object.entries(JSON.parse(text) as Record<string, Expected>) };
}
