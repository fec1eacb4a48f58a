// Bundles what ships into dist: the command, the engine, the extension, the language client, the views.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { bundles, COPIES, missingOf } from './lib/bundles.mjs';
import {
  buildLibrary,
  buildVss,
  compilerOf,
  cxxCompiler,
  NATIVE_TARGETS,
  VSS_FILE,
} from './lib/native-build.mjs';
import { ensureInstalled, root, say } from './lib/setup.mjs';

const dist = join(root, 'dist');

/**
 * Builds all bundles, or those named in `only`. Files are written when all were made, each at once, so that whoever runs the old
 * ones meanwhile is not cut short. `release`: a bundle without its sources is an error instead of left out.
 */
export async function build({ quiet = false, only, release = false } = {}) {
  ensureInstalled();
  const { build: bundle } = await import('esbuild');
  const wanted = bundles().filter(({ name }) => only === undefined || only.includes(name));
  const files = new Map();
  const metafile = { inputs: {}, outputs: {} };
  for (const each of wanted) {
    const missing = missingOf(each);
    if (missing.length > 0) {
      if (release) throw new Error(`dist/${each.name} cannot be made: no ${missing.join(', ')}`);
      continue;
    }
    const result = await bundle({
      absWorkingDir: root,
      entryPoints: each.entryPoints,
      outdir: 'dist',
      bundle: true,
      minify: true,
      metafile: true,
      write: false,
      legalComments: 'none',
      logLevel: 'warning',
      ...each.options,
    });
    for (const { path, text } of result.outputFiles) {
      files.set(relative(dist, path), Buffer.from(`${each.start?.(text) ?? ''}${text}`));
    }
    Object.assign(metafile.inputs, result.metafile.inputs);
    Object.assign(metafile.outputs, result.metafile.outputs);
  }
  if (!quiet) {
    const isModule = ([name]) => name.startsWith('cli/');
    for (const file of files) {
      if (!isModule(file)) say(`dist/${file[0]} ${kilobytes(file[1].length)}`);
    }
    const modules = [...files].filter(isModule);
    const size = modules.reduce((sum, [, { length }]) => sum + length, 0);
    if (modules.length > 0) say(`dist/cli, ${modules.length} modules, ${kilobytes(size)}`);
  }
  for (const [name, source] of Object.entries(COPIES)) {
    files.set(name, readFileSync(join(root, source)));
  }
  for (const [name, path] of nativeLibraries()) files.set(name, readFileSync(path));
  files.set('meta.json', JSON.stringify(metafile));
  // Modules are CommonJS here, whatever the package above says.
  files.set('package.json', '{ "type": "commonjs" }\n');
  if (only === undefined) removeOthers(files);
  for (const [name, contents] of files) replaceFile(join(dist, name), contents);
  if (files.has('cli.cjs')) chmodSync(join(dist, 'cli.cjs'), 0o755);
}

/** Libraries that can be compiled here, by name below dist. Nothing needs them: a failure is only told. */
function nativeLibraries() {
  const libraries = new Map();
  const add = (file, what, compiler, make) => {
    if (compiler === undefined) return;
    try {
      libraries.set(`native/${file}`, make(compiler));
    } catch (error) {
      say(`Without ${what}: ${error.message}`);
    }
  };
  for (const [target, { file }] of Object.entries(NATIVE_TARGETS)) {
    const make = (compiler) => buildLibrary(target, compiler);
    add(file, `the native library for ${target}`, compilerOf(target), make);
  }
  add(VSS_FILE, 'the requestor of VSS for win32-x64', cxxCompiler(), buildVss);
  return libraries;
}

const kilobytes = (bytes) => `${Math.round(bytes / 1000)} kB`;

function replaceFile(path, contents) {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, contents);
  renameSync(temporary, path);
}

/** Removes what an earlier build left and this one does not make. An old command that still runs has loaded its modules when its work began. */
function removeOthers(files) {
  if (!existsSync(dist)) return;
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const temporary = entry.name.endsWith('.tmp');
    if (entry.isFile() && !temporary && !files.has(relative(dist, path))) rmSync(path);
  }
}

if (process.argv[1] === join(root, 'scripts', 'build.mjs')) {
  await build({ release: process.argv.includes('--release') });
}
