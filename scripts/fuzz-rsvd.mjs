// npm run fuzz:rsvd [-- ROUNDS [SEED]]: payloads of RSVD and VHD Sets that were changed anywhere, a million of each if no number
// is named.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { node24, onNode24, root } from './lib/setup.mjs';

if (onNode24()) {
  const [rounds = '1000000', seed = '1'] = process.argv.slice(2);
  const { status } = spawnSync(
    node24,
    [
      join(root, 'scripts', 'test.mjs'),
      'test/engine/net/rsvd/codec/mutations',
      'test/engine/disk/vhds/mutations',
    ],
    {
      cwd: root,
      stdio: 'inherit',
      env: {
        ...process.env,
        REFPOINT_RSVD_MUTATIONS: rounds,
        REFPOINT_VHDS_MUTATIONS: rounds,
        REFPOINT_RSVD_SEED: seed,
      },
    },
  );
  process.exitCode = status ?? 1;
}
