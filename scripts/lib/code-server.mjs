// code-server: VS Code's own server and workbench from the npm registry, installed when it is first asked for. Nothing is compiled.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { npm, root, say } from './setup.mjs';
import { cache } from './tools.mjs';

/** Is VS Code 1.139.1. Its package pins its own dependencies. */
export const CODE_SERVER = '4.139.1';

/** Change it when what is installed below changes: what was installed before is not used then. */
const RECIPE = 1;

/** Only chat, sign-in through proxies and Windows need these; they are large, or want a compiler. */
const LEFT_OUT = [
  '@devcontainers/cli',
  '@github/copilot-sdk',
  '@microsoft/mxc-sdk',
  '@vscode/copilot-api',
  '@vscode/sandbox-runtime',
  '@vscode/sqlite3',
  '@vscode/windows-process-tree',
  '@vscode/windows-registry',
  'kerberos',
  'ssh2',
];

/**
 * Installs code-server unless it is there, and answers its entry point. Its install scripts are not run: they compile for
 * minutes and refuse other Nodes; what they would do that matters is done here.
 */
export function ensureCodeServer(version = CODE_SERVER) {
  const folder = join(cache, `code-server-${version}-${RECIPE}`);
  const entry = join(folder, 'node_modules', 'code-server', 'out', 'node', 'entry.js');
  const marker = join(folder, 'installed');
  if (existsSync(marker)) return entry;
  say(`Installing code-server ${version} (350 MB in node_modules/.cache) …`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const dependencies = { 'code-server': version };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  npm(['install', ...quiet], { cwd: folder });
  const server = join(folder, 'node_modules', 'code-server', 'lib', 'vscode');
  leaveOut(join(server, 'package.json'));
  npm(['install', '--omit=dev', ...quiet], { cwd: server });
  // Every channel of the output is written through it, and it would have to be compiled.
  const spdlog = join(server, 'node_modules', '@vscode', 'spdlog', 'index.js');
  copyFileSync(join(root, 'scripts', 'code-server-spdlog.cjs'), spdlog);
  onlyThisPlatform(join(server, 'node_modules', '@vscode', 'ripgrep-universal', 'bin'));
  writeFileSync(marker, '');
  return entry;
}

function leaveOut(path) {
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  for (const name of LEFT_OUT) delete manifest.dependencies[name];
  for (const name of Object.keys(manifest.overrides ?? {})) {
    if (LEFT_OUT.some((each) => name === each || name.startsWith(`${each}@`))) {
      delete manifest.overrides[name];
    }
  }
  writeFileSync(path, JSON.stringify(manifest, undefined, 2));
}

function onlyThisPlatform(folder) {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (name !== `${process.platform}-${process.arch}`) {
      rmSync(join(folder, name), { recursive: true });
    }
  }
}
