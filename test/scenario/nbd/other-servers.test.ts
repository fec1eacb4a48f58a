import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { delay, never } from '../../../src/engine/base/abort.ts';
import { afterwards } from '../../support/checks/afterwards.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import { runCli } from '../../support/process/cli-io.ts';
import { peer } from '../../support/process/peers.ts';

const MIB = 2 ** 20;

/** Starts a server that listens at a socket file, and returns the address of its export. */
async function started(
  t: TestContext,
  socket: string,
  program: string,
  words: readonly string[],
  name = '',
): Promise<string> {
  const child = spawn(program, words, { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  afterwards(t, async () => {
    child.kill();
    await ended;
  });
  for (let n = 0; n < 200 && !existsSync(socket); n++) await delay(50, never);
  assert.ok(existsSync(socket), `${program} does not listen`);
  return `nbd+unix:///${name}?socket=${socket}`;
}

test('what nbdkit makes up is read as nbdcopy reads it', async (t) => {
  const [nbdkit, nbdcopy] = [peer(t, 'nbdkit'), peer(t, 'nbdcopy')];
  if (!nbdkit || !nbdcopy) return;
  const dir = await temporaryFolder(t);
  const socket = join(dir, 's');
  const words = ['-f', '-U', socket, 'random', 'size=7340100', 'seed=1'];
  const uri = await started(t, socket, nbdkit, words);
  const copy = join(dir, 'copy.raw');
  assert.equal(spawnSync(nbdcopy, [uri, copy]).status, 0);
  const { status, out, err } = await runCli(['disk', 'compare', uri, copy]);
  assert.equal(status, 0, out + err);
});

test('an nbdkit that fails some reads fails the command, with its errno', async (t) => {
  const nbdkit = peer(t, 'nbdkit');
  if (nbdkit === undefined) return;
  const socket = join(await temporaryFolder(t), 's');
  const words = ['-f', '-U', socket, '--filter=error', 'memory', '64M', 'error-pread=EIO'];
  const uri = await started(t, socket, nbdkit, [...words, 'error-pread-rate=100%']);
  const { status, err } = await runCli(['disk', 'read', uri, '--length', '1M']);
  assert.equal(status, 3);
  assert.match(err, /could not read 1048576 bytes at 0 \(EIO\).*\(nbd\.failed\)\n$/s);
});

test('a sparse disk of nbdkit is mapped as it says, without reading its holes', async (t) => {
  const nbdkit = peer(t, 'nbdkit');
  if (nbdkit === undefined) return;
  const socket = join(await temporaryFolder(t), 's');
  const uri = await started(t, socket, nbdkit, ['-f', '-U', socket, 'memory', '4T']);
  const { out } = await runCli(['disk', 'map', uri, '--json']);
  const [only, ...more] = JSON.parse(out) as Record<string, unknown>[];
  assert.deepEqual([only?.['start'], only?.['length'], only?.['zero']], [0, 4 * 2 ** 40, true]);
  assert.equal(more.length, 0);
});

test('a disk that qemu-nbd exports by name is read', async (t) => {
  const qemuNbd = peer(t, 'qemu-nbd');
  if (qemuNbd === undefined) return;
  const dir = await temporaryFolder(t);
  const raw = join(dir, 'disk.raw');
  writeFileSync(
    raw,
    Buffer.concat([randomBytes(3 * MIB), Buffer.alloc(2 * MIB), randomBytes(MIB)]),
  );
  const socket = join(dir, 's');
  const words = ['-k', socket, '-r', '-t', '-f', 'raw', '-x', 'my disk', raw];
  const uri = await started(t, socket, qemuNbd, words, 'my%20disk');
  const { status, out, err } = await runCli(['disk', 'compare', uri, raw]);
  assert.equal(status, 0, out + err);
  const other = await runCli(['disk', 'hash', uri.replace('my%20disk', 'other')]);
  assert.match(other.err, /no export “other”.*\(nbd\.export\)\n$/s);
});
