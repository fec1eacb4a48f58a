// Bundles what ships: dist/cli.cjs for Node 22 (Node 20 runs it too).
import { mkdirSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled, root, say } from './setup.mjs';

export async function build({ quiet = false } = {}) {
  ensureInstalled();
  const { build: bundle } = await import('esbuild');
  const dist = join(root, 'dist');
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  const result = await bundle({
    absWorkingDir: root,
    entryPoints: { cli: 'src/engine/cli/main.ts' },
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
    keepNames: true,
    metafile: true,
    legalComments: 'none',
    logLevel: 'warning',
    banner: { js: '#!/usr/bin/env node' },
  });
  writeFileSync(join(dist, 'meta.json'), JSON.stringify(result.metafile));
  // Modules are CommonJS here, whatever the package above says.
  writeFileSync(join(dist, 'package.json'), '{ "type": "commonjs" }\n');
  chmodSync(join(dist, 'cli.cjs'), 0o755);
  if (!quiet) {
    const bytes = result.metafile.outputs['dist/cli.cjs'].bytes;
    say(`dist/cli.cjs ${Math.round(bytes / 1000)} kB`);
  }
}

if (process.argv[1] === join(root, 'scripts', 'build.mjs')) await build();
