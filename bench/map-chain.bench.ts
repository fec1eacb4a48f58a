/**
 * The map of a chain of 10 over a 1 TiB disk, inside the engine: opening the chain and merging the tables of all layers, without
 * the start of a command.
 */
import { join } from 'node:path';
import { never } from '../src/engine/base/abort.ts';
import { formatBytes } from '../src/engine/base/format-bytes.ts';
import { openDisk } from '../src/engine/disk/chain/open-disk.ts';
import { LIBRARY } from './alternate.ts';
import { line } from './bounds.ts';
import { inFolder, median, MIB, report } from './measure.ts';
import { sized } from './sizes.ts';
import { makeChain } from './make-chain.ts';

const DEPTH = 10;
const ROUNDS = sized(7, 2);
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
  const top = await makeChain(dir, DEPTH, 200);
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
  report(`map of a chain of ${DEPTH} over 1 TiB, ${extents} extents, in the engine`);
  for (const [i, { name }] of LIBRARY.entries()) {
    const found = median(times[i] ?? []);
    const limit = LIMITS[i] as number;
    line(`  ${name}`, `${found.toFixed(0)} ms`, found <= limit, `${limit} ms`);
  }
  const peak = process.resourceUsage().maxRSS * 1024;
  line('  peak of all rounds', formatBytes(peak), peak <= 250 * MIB, '250 MiB');
});
