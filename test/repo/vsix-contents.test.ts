import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import {
  createProtocolConnection,
  InitializeRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { requests } from '../../src/engine/api/methods.ts';
import type { Environment } from '../../src/engine/api/notifications.ts';
import { VERSION } from '../../src/engine/base/version.ts';
import { checkVsix } from '../../scripts/package/check-vsix.ts';
import { koffiFiles } from '../../scripts/package/koffi-files.ts';
import { compilerOf, cxxCompiler, NATIVE_TARGETS } from '../../scripts/lib/native-build.mjs';
import { vsixName, type Target } from '../../scripts/package/targets.ts';
import { temporaryFolder } from '../support/files/temporary-folder.ts';
import { absent } from '../support/process/peers.ts';
import { root } from '../support/repo/source-files.ts';

const HERE = `${process.platform}-${process.arch}` as Target;
const OTHER: Target = HERE === 'win32-arm64' ? 'darwin-x64' : 'win32-arm64';

async function packaged(t: TestContext, target: Target): Promise<Buffer> {
  const out = await temporaryFolder(t);
  // The bundles were built when the tests began.
  const args = ['--no-warnings', join(root, 'scripts', 'package.mjs'), '--no-build'];
  const { stderr } = await promisify(execFile)(
    process.execPath,
    [...args, '--target', target, '--out', out],
    { cwd: root },
  );
  assert.match(stderr, /VSIX without pictures/);
  return readFile(join(out, vsixName(VERSION, target)));
}

test('the package for this platform holds what ships and nothing else, within the budget, and its engine loads koffi', async (t) => {
  const { problems, figures, files } = checkVsix(await packaged(t, HERE), HERE);
  for (const line of figures) t.diagnostic(line);
  assert.deepEqual(problems, []);
  const folder = await temporaryFolder(t);
  for (const [path, { contents }] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), contents);
  }
  const { koffi, version } = await askEnvironment(join(folder, 'extension', 'dist', 'engine.cjs'));
  assert.equal(version, VERSION);
  assert.deepEqual(koffi, { loaded: true, detail: '3.3.4' });
  if (compilerOf(HERE) !== undefined) {
    const library = NATIVE_TARGETS[HERE as 'linux-x64'].file;
    assert.ok(files.has(`extension/dist/native/${library}`), 'the native library ships');
  }
});

test('the package for another platform brings koffi for that one', async (t) => {
  const archive = await packaged(t, OTHER);
  const { problems, files } = checkVsix(archive, OTHER);
  assert.deepEqual(problems, []);
  // The stand-ins of Windows' library and the program that prints layouts are not shipped.
  assert.deepEqual(
    [...files.keys()].filter((path) =>
      /(?:virtdisk|vssapi).*\.(dll|def)|print-abi|doubles/i.test(path),
    ),
    [],
  );
  const wrong = checkVsix(archive, HERE).problems.join('\n');
  assert.match(wrong, new RegExp(`koffi-${OTHER}/.*koffi\\.node must not ship`));
  assert.match(wrong, new RegExp(`koffi\\.node is for ${OTHER}`));
});

test('the package for Windows brings both libraries, and no stand-in of one of Windows', async (t) => {
  if (
    HERE !== 'linux-x64' ||
    compilerOf('win32-x64') === undefined ||
    cxxCompiler() === undefined
  ) {
    absent(t, 'needs MinGW (Debian: gcc-mingw-w64-x86-64 g++-mingw-w64-x86-64)');
    return;
  }
  const { problems, files } = checkVsix(await packaged(t, 'win32-x64'), 'win32-x64');
  assert.deepEqual(problems, []);
  const libraries = [...files.keys()].filter((name) => name.endsWith('.dll')).sort();
  const native = 'extension/dist/native';
  assert.deepEqual(libraries, [`${native}/refpoint-vss.dll`, `${native}/refpoint.dll`]);
  // The static runtime: nothing but libraries of Windows is imported.
  const library = files.get(`${native}/refpoint-vss.dll`)?.contents.toString('latin1') ?? '';
  const imported = new Set(
    library.match(/\b[\w-]+\.dll(?=\0)/gi)?.map((name) => name.toLowerCase()),
  );
  const windows = ['kernel32.dll', 'msvcrt.dll', 'ole32.dll', 'oleaut32.dll', 'refpoint-vss.dll'];
  assert.deepEqual(
    [...imported].filter((name) => !windows.includes(name)),
    [],
  );
  assert.ok(imported.has('ole32.dll'));
});

test('a koffi that is not the one of the lock file is refused', async (t) => {
  const cache = await temporaryFolder(t);
  const npm = ([, name = '']: readonly string[]): void => {
    writeFileSync(join(cache, `${name.replace('@', '-')}.tgz`), gzipSync('another koffi'));
  };
  assert.throws(() => koffiFiles(root, cache, HERE, npm), /package-lock\.json says sha512-/);
});

/** Starts an engine and asks what it runs on. */
async function askEnvironment(engine: string): Promise<Environment> {
  const child = spawn(process.execPath, [engine, '--stdio'], { cwd: dirname(engine) });
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  connection.listen();
  try {
    const params = { processId: process.pid, rootUri: null, capabilities: {} };
    await connection.sendRequest(InitializeRequest.type, params);
    return await connection.sendRequest<Environment>(requests.environment.method, {});
  } finally {
    connection.dispose();
    child.kill();
  }
}
