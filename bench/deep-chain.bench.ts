/** `disk map` of a chain of 62: a full of 1 TiB and 61 increments with 2,043 scattered changes of 64 KiB each. */
import { join } from 'node:path';
import { formatBytes } from '../src/engine/base/format-bytes.ts';
import { makeChain } from './make-chain.ts';
import { inFolder, measured, report, seconds } from './measure.ts';

const DEPTH = 62;
const CHANGES = 2043;

await inFolder(async (dir) => {
  const top = join(dir, await makeChain(dir, DEPTH, CHANGES));
  const runs = [];
  for (let i = 0; i < 3; i++) runs.push(measured<unknown[]>(['disk', 'map', top]));
  const wall = Math.min(...runs.map((run) => run.wall));
  const peak = Math.max(...runs.map((run) => run.peak));
  report(
    `disk map, chain of ${DEPTH}, ${runs[0]?.result.length} entries: ${seconds(wall)} (at most 5 s), peak ${formatBytes(peak)} (at most 250 MiB)`,
  );
});
