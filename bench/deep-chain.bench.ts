/** `disk map` of a chain of 62: a full of 1 TiB and 61 increments with 2,043 scattered changes of 64 KiB each. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { formatBytes } from '../src/engine/base/format-bytes.ts';
import { never } from '../src/engine/base/abort.ts';
import { VhdxWriter } from '../src/engine/disk/vhdx/write/vhdx-writer.ts';
import { createFilePart } from '../src/engine/source/files/file-part.ts';
import { inFolder, measured, MIB, random, report, seconds } from './measure.ts';

const SIZE = 2 ** 40;
const DEPTH = 62;
const CHANGES = 2043;
const CHANGE = 64 * 1024;

await inFolder(async (dir) => {
  const next = random(62);
  let parent: { linkage: Awaited<ReturnType<typeof layer>>; relativePath: string } | undefined;
  for (let depth = 0; depth < DEPTH; depth++) {
    const linkage = await layer(join(dir, `${depth}.vhdx`), parent, next);
    parent = { linkage, relativePath: `.\\${depth}.vhdx` };
  }
  const top = join(dir, `${DEPTH - 1}.vhdx`);
  const runs = [];
  for (let i = 0; i < 3; i++) runs.push(measured<unknown[]>(['disk', 'map', top]));
  const wall = Math.min(...runs.map((run) => run.wall));
  const peak = Math.max(...runs.map((run) => run.peak));
  report(
    `disk map, chain of ${DEPTH}, ${runs[0]?.result.length} entries: ${seconds(wall)} (at most 5 s), peak ${formatBytes(peak)} (at most 250 MiB)`,
  );
  rmSync(dir, { recursive: true });
});

/** Writes one image of the chain; returns the GUID that its child links to. */
async function layer(
  path: string,
  parent: { linkage: VhdxWriter['dataWriteGuid']; relativePath: string } | undefined,
  next: () => number,
): Promise<VhdxWriter['dataWriteGuid']> {
  const part = await createFilePart(path, {}, never);
  const writer = new VhdxWriter(part, {
    size: SIZE,
    blockSize: 2 * MIB,
    ...(parent === undefined ? {} : { parent }),
  });
  const bytes = Buffer.alloc(CHANGE, 1);
  const places = new Set<number>();
  while (places.size < CHANGES) places.add(Math.floor(next() * (SIZE / CHANGE)));
  for (const place of places) await writer.write(place * CHANGE, bytes, never);
  return (await writer.complete(never)).dataWriteGuid;
}
