import { dirname } from 'node:path';
import { build } from 'esbuild';

/** Bundles the suite of the extension host into one file, and answers its path. */
export async function bundleSuite(outfile: string): Promise<string> {
  await build({
    absWorkingDir: dirname(dirname(dirname(dirname(import.meta.dirname)))),
    entryPoints: ['test/e2e/host/main.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    external: ['vscode'],
    logLevel: 'warning',
  });
  return outfile;
}
