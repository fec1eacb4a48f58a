/** `disk map` of a chain of 62: a full of 1 TiB and 61 increments with 2,043 scattered changes of 64 KiB each. */
import { join } from 'node:path';
import { formatBytes } from '../src/engine/base/format-bytes.ts';
import { makeChain } from './make-chain.ts';
import { LIBRARY, ROUNDS } from './alternate.ts';
import { line } from './bounds.ts';
import { inFolder, measured, median, MIB, seconds } from './measure.ts';
import { sized } from './sizes.ts';

const DEPTH = sized(62, 6);
const CHANGES = sized(2043, 200);

await inFolder(async (dir) => {
  const top = join(dir, await makeChain(dir, DEPTH, CHANGES));
  for (const { name, env } of LIBRARY) {
    const runs = Array.from({ length: ROUNDS }, () =>
      measured<unknown[]>(['disk', 'map', top], env),
    );
    const wall = median(runs.map((run) => run.wall));
    const peak = Math.max(...runs.map((run) => run.peak));
    const what = `map, chain of ${DEPTH}, ${runs[0]?.result.length} entries, ${name}`;
    line(what, seconds(wall), wall <= 5, '5 s');
    line('  peak', formatBytes(peak), peak <= 250 * MIB, '250 MiB');
  }
});
