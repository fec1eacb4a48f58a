// Compiles the native library, or its test program, with nothing but a C compiler.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './setup.mjs';

/** Compilers and files of the platforms that the library is built for; names of platforms as in VS Code. */
export const NATIVE_TARGETS = {
  'linux-x64': {
    compilers: ['gcc', 'clang', 'cc'],
    file: 'refpoint.so',
    flags: ['-fPIC', '-pthread'],
    link: ['-shared', '-Wl,-z,relro,-z,now', '-Wl,--as-needed'],
    packages: 'gcc libc6-dev',
  },
  'win32-x64': {
    compilers: ['x86_64-w64-mingw32-gcc'],
    file: 'refpoint.dll',
    flags: [],
    link: ['-shared', '-static', '-s'],
    packages: 'gcc-mingw-w64-x86-64',
  },
};

const WARNINGS = ['-Wall', '-Wextra', '-Werror'];
// -O2 takes the compiler longer than all the tests run.
const SANITIZERS = [
  ...['-g', '-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
  ...['-fno-omit-frame-pointer', '-DRP_NEW_GLIBC'],
];

/** Returns the path of a target's library after it was built. */
const nativeFile = (target) => join(root, 'build', 'native', target, NATIVE_TARGETS[target].file);

/** Returns the first compiler of a target that starts; undefined if none does. */
export function compilerOf(target) {
  return NATIVE_TARGETS[target]?.compilers.find(
    (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0,
  );
}

/** Builds the library of a target unless it is up to date. Throws what the compiler says. */
export function buildLibrary(target, compiler) {
  const { flags, link } = NATIVE_TARGETS[target];
  const args = ['-O3', '-fvisibility=hidden', ...flags, ...link];
  return compile(compiler, args, sources('src'), nativeFile(target));
}

/**
 * Builds the program that prints the layouts of native/abi as its compiler makes them; on Windows a layout that differs from that
 * of the system's headers does not compile.
 */
export function buildAbi(target, compiler) {
  const name = target === 'win32-x64' ? 'print-abi.exe' : 'print-abi';
  const out = join(root, 'build', 'native', target, name);
  const files = sources('abi').filter(
    (path) => target === 'win32-x64' || !path.endsWith('compare-headers.c'),
  );
  return compile(compiler, target === 'win32-x64' ? ['-static'] : [], files, out);
}

/**
 * Builds the virtdisk.dll of native/doubles, which tests load instead of Windows' own; `name` without ending selects the functions
 * that it has: `virtdisk`, or `virtdisk-old` for those of Windows 8. Never ships.
 */
export function buildDouble(compiler, name) {
  const folder = join(root, 'native', 'doubles');
  const out = join(root, 'build', 'native', 'win32-x64', `${name}.dll`);
  const include = `-I${join(root, 'native', 'abi')}`;
  const args = ['-O2', '-D_WIN32_WINNT=0x0A00', include, '-shared', '-static', '-s'];
  const files = [...sources('doubles'), join(folder, `${name}.def`)];
  return compile(compiler, args, files, out, ['-lws2_32', '-ladvapi32']);
}

/** Builds the test program with sanitizers; `folder` of native: `test`, or `fuzz` for clang. */
export function buildProgram(compiler, folder, name, extra = []) {
  const out = join(root, 'build', 'native', name);
  const args = [...SANITIZERS, '-pthread', ...extra];
  return compile(compiler, args, [...sources(folder), ...sources('src')], out);
}

function sources(folder) {
  return readdirSync(join(root, 'native', folder))
    .filter((name) => name.endsWith('.c'))
    .sort()
    .map((name) => join(root, 'native', folder, name));
}

/** Compiles all sources into `out`, unless it was made of the same sources by the same command. */
function compile(compiler, args, files, out, libraries = []) {
  const include = join(root, 'native', 'include');
  const command = ['-std=c11', ...WARNINGS, `-I${include}`, `-I${join(root, 'native', 'src')}`];
  command.push(...args, ...files, ...libraries);
  const wanted = stampOf(compiler, command, files);
  const stamp = `${out}.stamp`;
  if (existsSync(out) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return out;
  mkdirSync(dirname(out), { recursive: true });
  rmSync(stamp, { force: true });
  // Others may run the old file meanwhile.
  const temporary = `${out}.${process.pid}.tmp`;
  const { status, stderr, error } = spawnSync(compiler, [...command, '-o', temporary], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${compiler}: ${error?.message ?? stderr}`);
  renameSync(temporary, out);
  writeFileSync(stamp, wanted);
  return out;
}

function stampOf(compiler, command, files) {
  const hash = createHash('sha256').update(JSON.stringify([compiler, command]));
  const { stdout } = spawnSync(compiler, ['--version'], { encoding: 'utf8' });
  hash.update(stdout ?? '');
  const folders = new Set([
    join(root, 'native', 'include'),
    join(root, 'native', 'abi'),
    ...files.map(dirname),
  ]);
  for (const path of folders) {
    for (const name of readdirSync(path).sort()) hash.update(readFileSync(join(path, name)));
  }
  return hash.digest('hex');
}
