// npm start: sets up what is missing, builds, and runs the main job on the embedded lab host.
import { join } from 'node:path';
import { build } from './build.mjs';
import { node24, root, run, say } from './lib/setup.mjs';

say('Building Refpoint …');
await build({ quiet: true });
run(node24, [join(root, 'dist', 'cli.cjs'), 'demo', ...process.argv.slice(2)], {
  // Relative --image paths mean the folder that npm was called from.
  cwd: process.env['INIT_CWD'] ?? process.cwd(),
});
