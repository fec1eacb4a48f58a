// npm run package: one VSIX for each target, or those named by --target, in build/vsix; each is opened again and checked.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import {
  buildLibrary,
  buildVss,
  compilerOf,
  cxxCompiler,
  NATIVE_TARGETS,
  VSS_FILE,
} from './lib/native-build.mjs';
import { node24, npm, onNode24, root, say } from './lib/setup.mjs';
import { cache, ensureTool } from './lib/tools.mjs';

async function main() {
  const { TARGETS, isTarget, vsixName } = await import('./package/targets.ts');
  const { values } = parseArgs({
    options: {
      target: { type: 'string', multiple: true },
      out: { type: 'string', default: join(root, 'build', 'vsix') },
      // For whoever has just built: the bundles in dist are taken as they are.
      'no-build': { type: 'boolean', default: false },
    },
  });
  const targets = values.target ?? TARGETS;
  const unknown = targets.filter((target) => !isTarget(target));
  if (unknown.length > 0)
    throw new Error(`No such target: ${unknown.join(', ')}; there are ${TARGETS.join(', ')}`);
  if (!values['no-build']) await build({ quiet: true, release: true });
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const out = resolve(values.out);
  mkdirSync(out, { recursive: true });
  let failures = 0;
  for (const target of targets) {
    const file = join(out, vsixName(version, target));
    if (!(await packageOne(target, file))) failures++;
  }
  process.exitCode = failures === 0 ? 0 : 1;
}

async function packageOne(target, file) {
  const { koffiFiles } = await import('./package/koffi-files.ts');
  const { shippedFiles } = await import('./package/shipped-files.ts');
  const { checkVsix } = await import('./package/check-vsix.ts');
  const koffi = koffiFiles(root, join(cache, 'koffi'), target, (args) =>
    npm(args, { stdio: 'ignore' }),
  );
  const stage = join(root, 'build', `stage-${target}-${process.pid}`);
  try {
    for (const [path, contents] of shippedFiles(root, koffi, nativeLibraries(target))) {
      mkdirSync(dirname(join(stage, path)), { recursive: true });
      writeFileSync(join(stage, path), contents);
    }
    // Everything that was staged ships; the packager wants to be told.
    writeFileSync(join(stage, '.vscodeignore'), '');
    runVsce(stage, target, file);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
  const { problems, figures, files } = checkVsix(readFileSync(file), target);
  say(`${file}: ${files.size} files`);
  for (const line of figures) say(`  ${line}`);
  for (const line of problems) say(`  FAILED ${line}`);
  return problems.length === 0;
}

/** The native libraries of a target, by their names below dist; none for a target that has none, or without compilers. */
function nativeLibraries(target) {
  const { file, packages } = NATIVE_TARGETS[target] ?? {};
  if (file === undefined) return new Map();
  const [compiler, cxx] = [compilerOf(target), cxxCompiler()];
  const isWindows = target === 'win32-x64';
  if (compiler === undefined || (isWindows && cxx === undefined)) {
    const text = `${target}: no compiler for the native libraries. Install ${packages} (Debian).`;
    if (process.env.REFPOINT_REQUIRE_PEERS === '1') throw new Error(text);
    say(`${text} The package works without them, slower, and without a requestor of VSS.`);
    return new Map();
  }
  const libraries = new Map([[file, buildLibrary(target, compiler)]]);
  if (isWindows) libraries.set(VSS_FILE, buildVss(cxx));
  return new Map([...libraries].map(([name, path]) => [`native/${name}`, readFileSync(path)]));
}

/** No repository is named, since there is no address yet that would last. A warning is a failure. */
function runVsce(stage, target, file) {
  const vsce = join(ensureTool('vsce'), 'node_modules', '@vscode', 'vsce', 'vsce');
  const args = ['package', '--target', target, '--out', file, '--no-dependencies'];
  const quiet = ['--allow-missing-repository', '--no-rewrite-relative-links'];
  const { status, stdout, stderr } = spawnSync(node24, [vsce, ...args, ...quiet], {
    cwd: stage,
    encoding: 'utf8',
  });
  const said = `${stdout}${stderr}`;
  if (status !== 0 || /warn/i.test(said)) throw new Error(`vsce package: ${said}`);
}

if (onNode24()) {
  await main().catch((error) => {
    say(error.message);
    process.exitCode = 1;
  });
}
