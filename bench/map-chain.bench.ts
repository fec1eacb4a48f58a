/**
 * The map of a chain of 10 over a 1 TiB disk, inside the engine: opening the chain and merging the tables of all layers, without
 * the start of a command.
 */
import { join } from 'node:path';
import { never } from '../src/engine/base/abort.ts';
import { formatBytes } from '../src/engine/base/format-bytes.ts';
import { openDisk } from '../src/engine/disk/chain/open-disk.ts';
import { LIBRARY } from './alternate.ts';
import { inFolder, median, report } from './measure.ts';
import { makeChain } from './make-chain.ts';

const ROUNDS = 7;
const LIMITS = [100, 200];

/** Opens and maps a chain; returns the number of extents. */
async function map(path: string): Promise<number> {
  const { disk } = await openDisk(path, {}, never);
  let extents = 0;
  try {
    const all = disk.extents({ start: 0, end: disk.size }, never);
    for await (const extent of all) if (extent.length > 0) extents++;
  } finally {
    await disk.close();
  }
  return extents;
}

await inFolder(async (dir) => {
  const top = await makeChain(dir, 10, 200);
  const times: number[][] = LIBRARY.map(() => []);
  let extents = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [i, { env }] of LIBRARY.entries()) {
      process.env['REFPOINT_NATIVE'] = env['REFPOINT_NATIVE'] ?? '';
      const start = process.hrtime.bigint();
      extents = await map(join(dir, top));
      // The first round compiles.
      if (round > 0) times[i]?.push(Number(process.hrtime.bigint() - start) / 1e6);
    }
  }
  report(`map of a chain of 10 over 1 TiB, ${extents} extents, in the engine`);
  for (const [i, { name }] of LIBRARY.entries()) {
    report(`  ${name}: ${median(times[i] ?? []).toFixed(0)} ms (at most ${LIMITS[i]} ms)`);
  }
  report(`  peak of all rounds ${formatBytes(process.resourceUsage().maxRSS * 1024)}`);
});
