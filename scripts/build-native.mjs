// npm run build:native: the native library for this platform and for Windows, or for the platforms named, into build/native.
import {
  buildLibrary,
  buildVss,
  compilerOf,
  cxxCompiler,
  NATIVE_TARGETS,
} from './lib/native-build.mjs';
import { say } from './lib/setup.mjs';

const named = process.argv.slice(2);
for (const target of named.length > 0 ? named : Object.keys(NATIVE_TARGETS)) {
  const compiler = compilerOf(target);
  if (compiler === undefined) {
    const packages = NATIVE_TARGETS[target]?.packages;
    say(
      packages === undefined
        ? `${target} has no native library; only ${Object.keys(NATIVE_TARGETS).join(', ')} have one.`
        : `${target}: no compiler. Install ${packages} (Debian).`,
    );
    process.exitCode = 1;
    continue;
  }
  try {
    say(`${target}: ${buildLibrary(target, compiler)}`);
    if (target !== 'win32-x64') continue;
    const cxx = cxxCompiler();
    if (cxx === undefined)
      throw new Error('no compiler of C++. Install g++-mingw-w64-x86-64 (Debian).');
    say(`${target}: ${buildVss(cxx)}`);
  } catch (error) {
    say(`${target}: ${error.message}`);
    process.exitCode = 1;
  }
}
