import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { afterwards } from '../../support/checks/afterwards.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import { runCli } from '../../support/process/cli-io.ts';
import { COMMAND } from '../../support/process/command.ts';
import { peer } from '../../support/process/peers.ts';

const MIB = 2 ** 20;

/** A VHDX of 40 MiB with data at its ends and in the middle, and the same disk as a raw file. */
async function images(t: TestContext): Promise<{ raw: string; vhdx: string } | undefined> {
  const qemu = peer(t, 'qemu-img');
  if (qemu === undefined) return undefined;
  const dir = await temporaryFolder(t);
  const bytes = Buffer.alloc(40 * MIB);
  for (const at of [0, 17 * MIB + 512, 39 * MIB]) randomBytes(MIB).copy(bytes, at);
  const raw = join(dir, 'disk.raw');
  writeFileSync(raw, bytes);
  const vhdx = join(dir, 'disk.vhdx');
  run(qemu, 'convert', '-f', 'raw', '-O', 'vhdx', '-o', 'block_size=1M', raw, vhdx);
  return { raw, vhdx };
}

function run(program: string, ...words: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, words, {
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.equal(status, 0, `${program} ${words.join(' ')}: ${stderr}`);
  return stdout;
}

/** `disk serve` as a process of its own. */
async function serving(
  t: TestContext,
  ...words: string[]
): Promise<{ uri: string; process: ChildProcess; ended: Promise<number | null> }> {
  const child = spawn(process.execPath, [COMMAND, 'disk', 'serve', ...words, '--json']);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  afterwards(t, () => child.kill('SIGKILL'));
  let text = '';
  child.stderr.on('data', (chunk) => (text += String(chunk)));
  const line = await new Promise<string>((resolve, reject) => {
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += String(chunk);
      if (out.includes('\n')) resolve(out);
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${text}`)));
  });
  return { uri: (JSON.parse(line) as { nbd: string }).nbd, process: child, ended };
}

for (const words of [[], ['--tcp']]) {
  test(`an image served${words.join(' ')} is what nbdinfo, nbdcopy and qemu-img say it is`, async (t) => {
    const [nbdinfo, nbdcopy, qemu] = ['nbdinfo', 'nbdcopy', 'qemu-img'].map((name) =>
      peer(t, name),
    );
    const made = await images(t);
    if (!made || !nbdinfo || !nbdcopy || !qemu) return;
    const { uri, process: child, ended } = await serving(t, made.vhdx, ...words);
    const info = JSON.parse(run(nbdinfo, '--json', uri)) as { exports: Record<string, unknown>[] };
    assert.equal(info.exports[0]?.['export-size'], 40 * MIB);
    assert.equal(info.exports[0]?.['is_read_only'], true);
    assert.equal(info.exports[0]?.['can_multi_conn'], true);
    assert.match(run(qemu, 'compare', '-f', 'raw', '-F', 'raw', made.raw, uri), /identical/);
    const copy = `${made.raw}.copy`;
    run(nbdcopy, uri, copy);
    assert.ok(readFileSync(copy).equals(readFileSync(made.raw)));
    type Entry = { start: number; length: number; data: boolean; zero: boolean };
    const what = (text: string): Entry[] =>
      (JSON.parse(text) as Entry[]).map(({ start, length, data, zero }) => ({
        start,
        length,
        data,
        zero,
      }));
    const local = what((await runCli(['disk', 'map', made.vhdx, '--json'])).out);
    const theirs = what(run(qemu, 'map', '-f', 'raw', '--output=json', uri));
    const merged = local.reduce<Entry[]>((all, next) => {
      const last = all.at(-1);
      if (last?.data === next.data)
        all[all.length - 1] = { ...last, length: last.length + next.length };
      else all.push(next);
      return all;
    }, []);
    assert.deepEqual(theirs, merged);
    child.kill('SIGTERM');
    assert.equal(await ended, 0);
    const socket = /socket=(.*)/.exec(uri)?.[1];
    if (socket !== undefined) assert.ok(!existsSync(dirname(socket)));
  });
}

test('a terminal that is closed ends the server, and no socket is left', async (t) => {
  const file = join(await temporaryFolder(t), 'disk.raw');
  writeFileSync(file, randomBytes(512));
  const { uri, process: child, ended } = await serving(t, file);
  const socket = /socket=(.*)/.exec(uri)?.[1] ?? '';
  assert.ok(existsSync(socket));
  child.stdout?.destroy();
  child.kill('SIGHUP');
  assert.equal(await ended, 0);
  assert.ok(!existsSync(dirname(socket)));
});

test('the commands that read disks take the address of an export', async (t) => {
  const made = await images(t);
  if (made === undefined) return;
  const { uri } = await serving(t, made.vhdx, '--tcp');
  const info = JSON.parse((await runCli(['disk', 'info', uri, '--json'])).out) as Record<
    string,
    unknown
  >;
  assert.deepEqual([info['format'], info['virtualSize'], info['path']], ['raw', 40 * MIB, uri]);
  assert.equal((await runCli(['disk', 'compare', made.raw, uri])).status, 0);
  const [ours, theirs] = [
    await runCli(['disk', 'hash', made.raw]),
    await runCli(['disk', 'hash', uri]),
  ];
  assert.equal(theirs.out, ours.out);
  const read = await runCli([
    'disk',
    'read',
    uri,
    '--offset',
    String(17 * MIB),
    '--length',
    '1500',
  ]);
  assert.ok(read.bytes.equals(readFileSync(made.raw).subarray(17 * MIB, 17 * MIB + 1500)));
  const target = `${made.raw}.vhdx`;
  assert.equal((await runCli(['disk', 'convert', uri, target])).status, 0);
  assert.equal((await runCli(['disk', 'compare', made.raw, target])).status, 0);
  const map = JSON.parse((await runCli(['disk', 'map', uri, '--json'])).out) as { data: boolean }[];
  assert.ok(map.length >= 5 && map.some(({ data }) => !data));
  const wrong = await runCli(['disk', 'hash', `${uri}x`, '--json']);
  assert.equal(wrong.status, 3);
  assert.equal((JSON.parse(wrong.out) as { error: { code: string } }).error.code, 'nbd.export');
});

test('an export elsewhere is refused before anything is sent', async () => {
  const { status, err } = await runCli(['disk', 'info', 'nbd://192.0.2.1/disk']);
  assert.equal(status, 3);
  assert.match(err, /192\.0\.2\.1 is named.*\(nbd\.address\)\n$/s);
  const vhdx = await runCli(['disk', 'info', 'nbd://127.0.0.1/disk', '--format', 'vhdx']);
  assert.match(vhdx.err, /\(disk\.unsupported\)\n$/);
});
