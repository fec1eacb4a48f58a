// What is bundled, from where, for what. The names below dist are those that sources ask for.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { editorModule } from './editor-module.mjs';
import { root } from './setup.mjs';

/** @typedef {{ name: string, entryPoints: { in: string, out: string }[], options: import('esbuild').BuildOptions, start?: (text: string) => string }} Bundle `start`: what a file of it begins with */

const NODE = {
  platform: 'node',
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  // The editor gives the first; the second has a native part and lies beside the bundle or in node_modules.
  external: ['vscode', 'koffi'],
  define: { 'import.meta.dirname': '__dirname' },
};

/** Modules of the command lie in a folder of dist, beside the one of native libraries. Those of packages in CommonJS use require. */
const MODULE_START = [
  `import{createRequire as createRequire_}from'node:module';`,
  `import{fileURLToPath as fileURLToPath_}from'node:url';`,
  `const require=createRequire_(import.meta.url);`,
  `const distFolder_=fileURLToPath_(new URL('..',import.meta.url));\n`,
].join('');
const USES_START = /\bdistFolder_\b|\btypeof require\b/;

/** Folders of src/views that are not views. */
const NOT_VIEWS = ['api', 'common'];

/** @returns {Bundle[]} */
export function bundles() {
  return [
    {
      // Node 20 runs the command too. cli.cjs loads it: a module for each group of commands, so that a short one starts in half of the time.
      name: 'cli',
      entryPoints: [{ in: 'src/engine/cli/main.ts', out: 'cli/main' }],
      options: {
        ...NODE,
        format: 'esm',
        splitting: true,
        chunkNames: 'cli/[name]-[hash]',
        outExtension: { '.js': '.mjs' },
        define: { 'import.meta.dirname': 'distFolder_' },
        target: 'node20',
        keepNames: true,
      },
      start: (text) => (USES_START.test(text) ? MODULE_START : ''),
    },
    {
      name: 'engine',
      entryPoints: [{ in: 'src/engine/main.ts', out: 'engine' }],
      options: { ...NODE, target: 'node22', keepNames: true },
    },
    {
      name: 'extension',
      entryPoints: [{ in: 'src/extension/extension.ts', out: 'extension' }],
      options: { ...NODE, target: 'node22', plugins: [editorModule] },
    },
    {
      // The language client: loaded with the engine, not with the extension.
      name: 'client',
      entryPoints: [{ in: 'src/extension/engine/engine-client.ts', out: 'client' }],
      options: { ...NODE, target: 'node22' },
    },
    ...views().map((view) => ({
      name: `views/${view}`,
      entryPoints: [
        { in: `src/views/${view}/main.ts`, out: `views/${view}` },
        { in: `src/views/${view}/${view}.css`, out: `views/${view}` },
      ],
      options: { platform: 'browser', format: 'iife', target: 'es2022' },
    })),
  ];
}

/** Files that ship as they are: name below dist, and where it comes from. */
export const COPIES = {
  'cli.cjs': 'src/engine/cli/cli.cjs',
  'point.schema.json': 'src/engine/backup/point.schema.json',
};

export function views() {
  return readdirSync(join(root, 'src', 'views'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !NOT_VIEWS.includes(entry.name))
    .map(({ name }) => name)
    .sort();
}

/** Source files of a bundle that are not there. */
export function missingOf({ entryPoints }) {
  return entryPoints.map((point) => point.in).filter((path) => !existsSync(join(root, path)));
}
