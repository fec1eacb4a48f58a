import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { never } from '../../../src/engine/base/abort.ts';
import { noLog } from '../../../src/engine/base/log.ts';
import { noProgress } from '../../../src/engine/base/progress.ts';
import type { BackupOptions } from '../../../src/engine/api/backup.ts';
import type { Edge, OnEdge } from '../../../src/engine/backup/context/edges.ts';
import type { BackupResult } from '../../../src/engine/backup/run/run-backup.ts';
import type { Store } from '../../../src/engine/backup/store/contract/store.ts';
import { TraceWriter } from '../../../src/engine/trace/write/trace-writer.ts';
import type { Guid } from '../../../src/engine/base/guid.ts';
import { runJob } from '../../../src/engine/jobs/run/run-job.ts';
import { TraceFile } from '../../../src/engine/trace/read/trace-file.ts';
import {
  backupOptions,
  openTestStore,
  pattern,
  restoredHashes,
  startBackupLab,
  type BackupLab,
} from '../../support/backup/backup-lab.ts';
import { afterwards } from '../../support/checks/afterwards.ts';
import { runCli, type CliRun } from '../../support/process/cli-io.ts';
import { startReplayHost } from '../../support/trace/replay-host.ts';

const MIB = 2 ** 20;

/** Runs a command on the lab's host with its password in the environment. */
const onLab = (lab: BackupLab, words: readonly string[]): Promise<CliRun> =>
  runCli(words, { env: { ...lab.command.env, REFPOINT_HOME: path.join(lab.folder, 'home') } });

test('a whole backup is recorded without a secret, and shown within 80 columns', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', {
    name: 'web01',
    disks: [{ size: 8 * MIB }, { size: 8 * MIB }],
  });
  await lab.write('web01', 0, MIB, pattern(MIB, 1));
  const file = path.join(lab.folder, 'backup.rptrace');
  const first = path.join(lab.folder, 'store');
  const words = [
    'backup',
    'web01',
    '--store',
    first,
    '--consistency',
    'crash',
    '--check-tracker',
    'off',
  ];
  const made = await onLab(lab, [...words, ...lab.command.options, '--trace', file, '--json']);
  assert.equal(made.status, 0, made.out + made.err);

  // No secret is in the file, whatever its encoding.
  const text = await fs.readFile(file, 'utf8');
  const password = lab.command.env['REFPOINT_PASSWORD'] ?? '';
  assert.ok(password.length > 8);
  for (const form of [password, Buffer.from(`${lab.target.user}:${password}`).toString('base64')]) {
    assert.ok(!text.includes(form.replace(/=+$/, '')));
  }
  const trace = await TraceFile.open(file, never);
  afterwards(t, () => trace.close());
  const info = trace.info('');
  assert.ok(info.exchanges > 30, `${info.exchanges} exchanges`);
  assert.deepEqual([info.errors, info.end, info.jobs.length], [0, 'complete', 1]);
  assert.deepEqual(
    trace.rows.filter(({ changes }) => changes).map(({ about }) => about.split(' ')[0]),
    ['CreateSnapshot', 'ConvertToReferencePoint'],
  );
  for (const { queued, sent, firstByte, done, phase, job } of trace.rows) {
    const marks = [0, queued ?? -1, sent ?? -1, firstByte ?? -1, done];
    assert.deepEqual(
      marks,
      marks.toSorted((a, b) => a - b),
    );
    assert.equal(job, info.jobs[0]?.id);
    assert.ok(phase === null || phase.length > 3);
  }

  const shown = await onLab(lab, ['trace', 'show', file]);
  assert.equal(shown.status, 0, shown.err);
  assert.ok(
    shown.out.split('\n').every((line) => line.length <= 80),
    shown.out,
  );
  assert.match(shown.out, /\n *\d+ +\d+\.\d{3} +\d+ +\* +CreateSnapshot of Msvm_/);
  const changing = await onLab(lab, ['trace', 'show', file, '--changing', '--json']);
  assert.equal((JSON.parse(changing.out) as { rows: unknown[] }).rows.length, 2);
});

for (const kind of ['full', 'incr'] as const) {
  test(`a recorded backup (${kind}) replays: the same requests, in number too, and the same point`, async (t) => {
    const lab = await startBackupLab(t);
    const disks = [{ size: 8 * MIB }, { size: 8 * MIB }];
    const { id } = await lab.ask('add-vm', { name: 'web01', disks });
    await lab.write('web01', 0, MIB, pattern(MIB, 1));
    const original = await openTestStore(lab);
    const copy = path.join(lab.folder, 'replayed');
    if (kind === 'incr') {
      await backUp(lab, original, {});
      await lab.write('web01', 0, 2 * MIB - 512, pattern(9216, 2));
      await lab.write('web01', 1, 5 * MIB, pattern(512, 3));
      // The replay begins with the full point and its ledger.
      await fs.cp(original.location, copy, { recursive: true });
    }
    const file = path.join(lab.folder, 'backup.rptrace');
    const [root] = lab.pathMap;
    const frozen = path.join(lab.folder, 'frozen');
    const recorded = await TraceWriter.open(file, {
      time: '2026-11-30T12:00:00Z',
      engine: '1',
      command: null,
    });
    // The files of the host as they were when the checkpoint was there.
    const onEdge = async (edge: Edge): Promise<void> => {
      if (edge === 'checkpoint.recorded')
        await fs.cp(root?.local ?? '', frozen, { recursive: true });
    };
    const made = await backUp(lab, original, {}, { trace: recorded, onEdge });
    assert.deepEqual((await recorded.close()).problem, undefined);
    const guest = { 0: await lab.guestHash('web01', 0), 1: await lab.guestHash('web01', 1) };

    const replay = await startReplayHost(t, file);
    const store = await openTestStore(lab, 'replayed');
    // It takes every login.
    const target = { ...lab.target, url: replay.url, authentication: 'basic' } as const;
    const pathMap = [{ host: root?.host ?? '', local: frozen }];
    const again = await backUp({ ...lab, target }, store, { pathMap });
    assert.deepEqual(replay.strange, []);
    assert.deepEqual(replay.left(), []);
    assert.deepEqual([made.manifest.kind, again.manifest.kind], [kind, kind]);
    const hashes = (of: Store, { manifest }: BackupResult): Promise<unknown> =>
      restoredHashes(lab, of, id as Guid, manifest.id);
    assert.deepEqual(await hashes(original, made), guest);
    assert.deepEqual(await hashes(store, again), guest);
  });
}

/** Runs the job of a backup, as a terminal does. */
async function backUp(
  lab: BackupLab,
  store: Store,
  change: Partial<BackupOptions>,
  { trace, onEdge }: { readonly trace?: TraceWriter; readonly onEdge?: OnEdge } = {},
): Promise<BackupResult> {
  const spec = {
    kind: 'backup',
    host: lab.target.url,
    vm: 'web01',
    store: store.location,
    options: backupOptions(lab, change),
  } as const;
  const input = { version: 1, id: randomUUID(), title: 'web01', spec, target: lab.target } as const;
  const terminal = { log: noLog, progress: noProgress, mayMakeStore: false, trace };
  const hooks = { terminal, ...(onEdge === undefined ? {} : { onEdge }) };
  const end = await runJob<'backup'>(input, path.join(lab.folder, 'home'), hooks, never);
  assert.ok(end !== undefined);
  return end.found;
}

test('a recording that cannot be made ends the command before it does anything', async (t) => {
  const lab = await startBackupLab(t);
  const other = path.join(lab.folder, 'notes.txt');
  await fs.writeFile(other, 'mine');
  const run = await onLab(lab, [
    'vm',
    'list',
    ...lab.command.options.slice(0, 4),
    '--trace',
    other,
  ]);
  assert.equal(run.status, 3);
  assert.match(run.err, /exists and is not a recording.*\n\(trace\.file\)/);
  assert.equal(await fs.readFile(other, 'utf8'), 'mine');
});

test('a failed exchange is recorded with its code and shown by --errors', async (t) => {
  const lab = await startBackupLab(t);
  const file = path.join(lab.folder, 'a.rptrace');
  const words = ['vm', 'show', 'nobody', ...lab.command.options.slice(0, 4), '--trace', file];
  const run = await runCli(words, { env: { REFPOINT_PASSWORD: 'Wrong-Pa55word' } });
  assert.equal(run.status, 3);
  const shown = await runCli(['trace', 'show', file, '--errors']);
  assert.match(shown.out, /http\.auth\.\w+/);
  assert.ok(!(await fs.readFile(file, 'utf8')).includes('Wrong-Pa55word'));
});
