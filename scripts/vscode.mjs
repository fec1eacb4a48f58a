// npm run vscode: builds, and opens the extension from this folder in a VS Code of this machine. Further arguments go to it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { build } from './build.mjs';
import { root, say } from './lib/setup.mjs';

/** Names of the program, the stable one first. */
const NAMES = ['code', 'code-insiders', 'codium'];

/** Where installers put it without a word in PATH; on Windows the program itself, since `code.cmd` needs a shell. */
function places() {
  const { env, platform } = process;
  if (platform === 'darwin') {
    return ['Visual Studio Code', 'Visual Studio Code - Insiders', 'VSCodium'].map(
      (name) => `/Applications/${name}.app/Contents/MacOS/Electron`,
    );
  }
  if (platform !== 'win32') return [];
  const folders = [
    env['LOCALAPPDATA'] && join(env['LOCALAPPDATA'], 'Programs'),
    env['ProgramFiles'],
  ].filter(Boolean);
  return folders.flatMap((folder) => [
    join(folder, 'Microsoft VS Code', 'Code.exe'),
    join(folder, 'Microsoft VS Code Insiders', 'Code - Insiders.exe'),
    join(folder, 'VSCodium', 'VSCodium.exe'),
  ]);
}

function inPath() {
  if (process.platform === 'win32') return [];
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
}

const program = [...inPath(), ...places()].find((path) => existsSync(path));
if (program === undefined) {
  say(
    'There is no VS Code on this machine. `npm run workbench` needs none: it opens in a browser.',
  );
  process.exit(1);
}
await build({ quiet: true });
const args = [`--extensionDevelopmentPath=${root}`, ...process.argv.slice(2)];
say(`${program} ${args.join(' ')}`);
// The window outlives this script.
const child = spawn(program, args, { detached: true, stdio: 'ignore' });
child.on('error', (error) => {
  say(`${program} could not be started: ${error.message}`);
  process.exitCode = 1;
});
child.unref();
