// The main job by the read method virtdisk: the lab runs on Linux, the command in Windows Node in Wine, where the lab's folder is C:\Lab and
// virtdisk.dll asks the lab. The same store goes on by the method file on Linux, and back. qemu-img and e2fsck check the restored disks.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const PASSWORD = 'Lab-Pa55word';

/** Answers of QueryChangesVirtualDisk that make a disk a full, and the code of the reason. */
const CODES = {
  '0xC03A0022': 'virtdisk.tracking.inconsistent',
  '0xC03A0029': 'virtdisk.tracking.unknownId',
  '0xC03A002A': 'virtdisk.tracking.off',
  '0xC03A0030': 'virtdisk.tracking.lost',
  '0x803A0001': 'virtdisk.tracking.storage',
};

/** Edges at which a run is killed; test/windows has all of them. After the first, the next run is by `file` on Linux. */
const EDGES = ['ranges.known', 'converted'];

/**
 * Runs the story. Throws if a step goes wrong.
 * @param wine runs Windows Node with arguments and additional environment; answers status and output
 * @param windowsPath of a path of Linux
 */
export async function runHostStory({ lab, work, node, command, wine, windowsPath, say }) {
  const folder = join(work, 'story');
  rmSync(folder, { recursive: true, force: true });
  rmSync(lab, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const at = (name) => join(folder, name);
  makeStates(at);
  const env = { ...process.env, REFPOINT_PASSWORD: PASSWORD, REFPOINT_HOME: at('home') };
  const host = await startLab({ lab, node, command, env });
  try {
    const linux = (...words) => {
      const done = spawnSync(node, [command, ...words, '--json'], { env, encoding: 'utf8' });
      assert.equal(done.status, 0, `refpoint ${words.join(' ')}: ${done.stdout}${done.stderr}`);
      return JSON.parse(done.stdout);
    };
    const inLab = (what, ...words) => linux('lab', what, '--dir', lab, ...words);
    const address = ['--host', host.http, '--user', host.user];
    const windows = (words, change = {}) => {
      const { status, output } = wine([windowsPath(command), ...words, '--quiet', '--json'], {
        REFPOINT_PASSWORD: PASSWORD,
        REFPOINT_HOME: windowsPath(at('windows-home')),
        REFPOINT_VIRTDISK: host.virtdisk,
        ...change,
      });
      const text = /^[[{][\s\S]*^[\]}]/m.exec(output.replaceAll('\r', ''))?.[0];
      return { status, output, document: text === undefined ? undefined : JSON.parse(text) };
    };
    const byDriver = (vm, change, ...words) =>
      windows(
        ['backup', vm, '--store', windowsPath(at(`store-${vm}`)), '--consistency', 'crash'].concat(
          address,
          words,
        ),
        change,
      );
    const point = (vm, ...words) => {
      const { status, output, document } = byDriver(vm, {}, ...words);
      assert.equal(status, 0, output);
      assert.equal(document.method, 'virtdisk', JSON.stringify(document.methodReason));
      return document;
    };
    const story = { at, linux, inLab, windows, byDriver, point, address, host };
    const failed = [];
    for (const { what, part } of PARTS) {
      say(`… ${what}`);
      try {
        part(story);
      } catch (error) {
        say(error.stack);
        failed.push(what);
      }
    }
    assert.deepEqual(failed, []);
  } finally {
    await host.stop();
  }
}

const PARTS = [
  { what: 'two disks, by virtdisk in Wine and by file on Linux', part: mainJob },
  { what: 'codes and lies of the virtual disk API', part: liesAreFound },
  { what: 'killed at edges of the run', part: killed },
];

/** Two states of an ext4 file system, a VHDX of the first, and one with sectors of 4096 bytes. */
function makeStates(at) {
  mkdirSync(at('files'), { recursive: true });
  for (let i = 0; i < 20; i++) writeFileSync(at(`files/file${i}`), randomBytes(100_000 + i * 999));
  execFileSync('mke2fs', ['-q', '-t', 'ext4', '-d', at('files'), at('state1.raw'), '64M']);
  copyFileSync(at('state1.raw'), at('state2.raw'));
  writeFileSync(at('new'), randomBytes(3_000_000));
  writeFileSync(at('commands'), [`write ${at('new')} added`, 'rm file3', 'mkdir sub'].join('\n'));
  execFileSync('debugfs', ['-w', '-f', at('commands'), at('state2.raw')], { stdio: 'ignore' });
  execFileSync('qemu-img', ['convert', '-O', 'vhdx', at('state1.raw'), at('ext4.vhdx')]);
}

async function startLab({ lab, node, command, env }) {
  const child = spawn(node, [command, 'lab', 'start', '--dir', lab, '--job-delay', '0'], {
    env: { ...env, REFPOINT_LAB_VIRTDISK: '1', REFPOINT_PARENT_STDIN: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    const stop = () => (child.stdin.end(), ended);
    return { ...JSON.parse(line), stop };
  }
  throw new Error('the lab ended');
}

function mainJob({ at, linux, inLab, windows, point, address, host }) {
  linux('disk', 'create', at('other.vhdx'), '--size', '16M', '--sector-size', '4096');
  inLab('add-vm', '--name', 'main', '--image', at('ext4.vhdx'), '--image', at('other.vhdx'));
  const disk = (number) => ['--vm', 'main', '--disk', String(number)];
  inLab('write', ...disk(1), '--random', '20', '--seed', '1');
  const full = point('main');
  assert.equal(full.kind, 'full');
  assert.equal(full.methodReason.code, 'method.first');
  const checkpoint = inLab('checkpoint', '--vm', 'main').id;
  inLab('write', ...disk(0), '--from-raw', at('state2.raw'));
  inLab('write', ...disk(1), '--random', '5', '--seed', '2');
  const since = linux('vm', 'show', 'main', ...address).referencePoints[0].id;
  const both = ['--disk', '1', '--since', since, '--via', 'both'];
  // The file of a running VM is in use.
  inLab('state', '--vm', 'main', '--to', 'off');
  const asked = windows(['changes', 'main', ...both, ...address]);
  inLab('state', '--vm', 'main', '--to', 'running');
  assert.equal(asked.status, 0, asked.output);
  assert.equal(asked.document.comparison.equal, true, asked.output);
  assert.ok(asked.document.changedBytes > 0);
  const second = point('main');
  assert.equal(second.kind, 'incr', JSON.stringify(second.reason));
  const after = [inLab('hash', ...disk(0)).hash, inLab('hash', ...disk(1)).hash];
  inLab('write', ...disk(1), '--random', '5', '--seed', '3');
  const map = Object.entries(host.pathMap).flatMap(([of, to]) => ['--path-map', `${of}=${to}`]);
  const store = ['--store', at('store-main')];
  const third = linux('backup', 'main', ...store, '--method', 'file', ...address, ...map);
  assert.deepEqual([third.kind, third.method], ['incr', 'file']);
  inLab('write', ...disk(1), '--random', '5', '--seed', '4');
  assert.equal(point('main').kind, 'incr');
  inLab('checkpoint', '--vm', 'main', '--remove', checkpoint);
  inLab('resize', ...disk(1), '--size', '24M');
  inLab('write', ...disk(0), '--random', '3', '--seed', '5');
  const last = point('main', '--kind', 'auto');
  assert.deepEqual(
    last.disks.map(({ changedBytes }) => changedBytes !== null),
    [true, false],
    'the resized disk is a full, the other one an increment',
  );
  const restored = (name, to) =>
    linux('restore', ...store, '--point', name, '--to', at(to), '--format', 'raw').disks;
  for (const [made, state] of [
    [full, 'state1.raw'],
    [second, 'state2.raw'],
  ]) {
    const [first] = restored(made.point, `at-${state}`);
    execFileSync('qemu-img', ['compare', '-f', 'raw', '-F', 'raw', first.file, at(state)]);
    execFileSync('e2fsck', ['-fn', first.file], { stdio: 'ignore' });
  }
  const hashOf = ({ file }) => linux('disk', 'hash', file, '--format', 'raw').hash;
  assert.deepEqual(restored(second.point, 'second').map(hashOf), after);
  const now = [inLab('hash', ...disk(0)).hash, inLab('hash', ...disk(1)).hash];
  assert.deepEqual(restored(last.point, 'last').map(hashOf), now);
  linux('verify', ...store);
}

/** A VM that has a full and one change since. */
function changedVm({ inLab, point }, vm) {
  inLab('add-vm', '--name', vm, '--size', '8M');
  inLab('write', '--vm', vm, '--disk', '0', '--random', '10', '--seed', '1');
  point(vm);
  inLab('write', '--vm', vm, '--disk', '0', '--random', '3', '--seed', '2');
}

function liesAreFound(story) {
  const { at, linux, inLab, byDriver, point } = story;
  changedVm(story, 'lies');
  for (const [number, code] of Object.entries(CODES)) {
    inLab('fault', '--set', `virtdisk.code=changes:${number}`);
    const made = point('lies');
    inLab('fault', '--clear');
    assert.deepEqual([made.kind, made.reason.code], ['full', code]);
    assert.equal(made.reason.evidence.error, number);
  }
  for (const [fault, code] of [
    ['virtdisk.bytes', 'disk.readers'],
    ['virtdisk.add', 'tracker.readers'],
  ]) {
    inLab('write', '--vm', 'lies', '--disk', '0', '--random', '2', '--seed', '7');
    inLab('fault', '--set', fault);
    const { status, document, output } = byDriver('lies', {});
    inLab('fault', '--clear');
    assert.deepEqual([status, document?.error?.code], [3, code], output);
  }
  const made = point('lies');
  assert.equal(made.kind, 'incr', 'the reference point was kept');
  linux('verify', '--store', at('store-lies'));
}

function killed(story) {
  const { at, linux, inLab, byDriver, point, address, host } = story;
  changedVm(story, 'killed');
  const map = Object.entries(host.pathMap).flatMap(([of, to]) => ['--path-map', `${of}=${to}`]);
  const store = ['--store', at('store-killed')];
  for (const [i, edge] of EDGES.entries()) {
    const { status, output } = byDriver('killed', { REFPOINT_KILL_AT: edge });
    assert.notEqual(status, 0, `${edge}: ${output}`);
    // Linux cannot tell that a process of Windows ended, and waits for a minute until its lease has run out. Windows goes on at once.
    const made =
      i === 0
        ? linux('backup', 'killed', ...store, '--method', 'file', ...address, ...map)
        : point('killed');
    assert.deepEqual([made.kind, made.method], ['incr', i === 0 ? 'file' : 'virtdisk'], edge);
    inLab('write', '--vm', 'killed', '--disk', '0', '--random', '2', '--seed', String(edge.length));
  }
  const made = point('killed');
  assert.equal(made.kind, 'incr', 'and back');
  const now = inLab('hash', '--vm', 'killed', '--disk', '0').hash;
  const { disks } = linux('restore', ...store, '--to', at('killed'), '--format', 'raw');
  const { hash } = linux('disk', 'hash', disks[0].file, '--format', 'raw');
  assert.equal(hash, now, 'after runs that were killed');
  linux('verify', ...store);
}
