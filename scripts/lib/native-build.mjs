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
import { basename, dirname, join } from 'node:path';
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
    packages: 'gcc-mingw-w64-x86-64 g++-mingw-w64-x86-64',
  },
};

/** Compiler of C++ for Windows: the requestor of VSS, and the vssapi.dll of tests. */
const CXX = 'x86_64-w64-mingw32-g++';
const CXX_FLAGS = ['-std=c++17', '-O2', '-fno-exceptions', '-fno-rtti', '-fno-threadsafe-statics'];
const COM_LIBRARIES = ['-lole32', '-loleaut32', '-luuid'];
const C11 = ['-std=c11'];
const ABI_INCLUDE = `-I${join(root, 'native', 'abi')}`;

/** Name of the requestor of VSS. */
export const VSS_FILE = 'refpoint-vss.dll';

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
  return NATIVE_TARGETS[target]?.compilers.find(starts);
}

/** Returns the compiler of C++ for Windows; undefined if it does not start. */
export const cxxCompiler = () => (starts(CXX) ? CXX : undefined);

const starts = (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0;

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
    (path) => target === 'win32-x64' || !basename(path).startsWith('compare-'),
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
  const args = ['-O2', '-D_WIN32_WINNT=0x0A00', ABI_INCLUDE, '-shared', '-static', '-s'];
  const files = [...sources('doubles'), join(folder, `${name}.def`)];
  return compile(compiler, args, files, out, ['-lws2_32', '-ladvapi32']);
}

/** Builds the requestor of VSS for Windows (native/vss). */
export function buildVss(compiler) {
  const out = join(root, 'build', 'native', 'win32-x64', VSS_FILE);
  const args = ['-fvisibility=hidden', ABI_INCLUDE, '-shared', '-static', '-s'];
  return compile(compiler, args, sources('vss', '.cpp'), out, COM_LIBRARIES, CXX_FLAGS);
}

/**
 * Builds the vssapi.dll of native/doubles/vss, which tests load instead of Windows' own. Never ships.
 *
 * @param compiler of C, for what it shares with virtdisk.dll
 * @param cxx compiler of C++
 */
export function buildVssDouble(compiler, cxx) {
  const folder = join(root, 'native', 'doubles');
  const out = (name) => join(root, 'build', 'native', 'win32-x64', name);
  const common = ['-D_WIN32_WINNT=0x0A00', ABI_INCLUDE];
  const link = [join(folder, 'lab-link.c')];
  const object = compile(compiler, ['-O2', ...common, '-c'], link, out('lab-link.o'));
  const files = [...sources('doubles/vss', '.cpp'), join(folder, 'vss', 'vssapi.def')];
  const args = [...common, '-shared', '-static', '-s'];
  const libraries = [object, ...COM_LIBRARIES, '-lws2_32'];
  return compile(cxx, args, files, out('vssapi.dll'), libraries, CXX_FLAGS);
}

/** Builds the test program with sanitizers; `folder` of native: `test`, or `fuzz` for clang. */
export function buildProgram(compiler, folder, name, extra = []) {
  const out = join(root, 'build', 'native', name);
  const args = [...SANITIZERS, '-pthread', ...extra];
  return compile(compiler, args, [...sources(folder), ...sources('src')], out);
}

function sources(folder, ending = '.c') {
  return readdirSync(join(root, 'native', folder))
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(root, 'native', folder, name));
}

/** Compiles all sources into `out`, unless it was made of the same sources by the same command. */
function compile(compiler, args, files, out, libraries = [], language = C11) {
  const include = join(root, 'native', 'include');
  const command = [...language, ...WARNINGS, `-I${include}`, `-I${join(root, 'native', 'src')}`];
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
    join(root, 'native', 'doubles'),
    ...files.map(dirname),
  ]);
  for (const path of folders) {
    for (const each of readdirSync(path, { withFileTypes: true }).sort(byName)) {
      if (each.isFile()) hash.update(each.name).update(readFileSync(join(path, each.name)));
    }
  }
  return hash.digest('hex');
}

const byName = (a, b) => (a.name < b.name ? -1 : 1);
