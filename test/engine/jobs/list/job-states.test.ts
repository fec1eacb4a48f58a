import assert from 'node:assert/strict';
import { readFile, rm, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { JobSpec, JobState } from '../../../../src/engine/api/jobs.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { JobFolder } from '../../../../src/engine/jobs/folder/job-folder.ts';
import { JobList } from '../../../../src/engine/jobs/list/job-list.ts';
import {
  formatJobState,
  parseJobState,
} from '../../../../src/engine/jobs/folder/job-state-file.ts';
import { runJob } from '../../../../src/engine/jobs/run/run-job.ts';
import { logText } from '../../../../src/extension/pages/log-text.ts';
import { openTestStore, pattern, startBackupLab } from '../../../support/backup/backup-lab.ts';
import { backupSpec, homeOf, jobInput, sampleState } from '../../../support/process/job-process.ts';

const MIB = 2 ** 20;

test('every kind of job, however it ends, is in the list with its end, and its log says in words what was done', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 8 * MIB }] });
  await lab.write('vm', 0, MIB, pattern(MIB, 1));
  const store = await openTestStore(lab);
  const home = homeOf(lab);

  /** Runs a job in this process; answers its state and its log as another process reads them. */
  async function run(
    spec: JobSpec,
    signal: AbortSignal = never,
  ): Promise<{ readonly state: JobState; readonly log: string }> {
    const input = jobInput(lab, spec);
    await runJob(input, home, {}, signal).catch(() => undefined);
    const folder = new JobFolder(home, input.id);
    const state = await folder.readState();
    assert.ok(state !== undefined, `the state of a ${spec.kind} cannot be read back`);
    const listed = (await new JobList(home).list([], never)).find(({ id }) => id === input.id);
    assert.equal(listed?.state, state.state, `a ${spec.kind} in the list`);
    return { state, log: logText(await readFile(folder.log, 'utf8')) };
  }
  const storePath = store.location;
  const verifySpec = (change: Partial<Extract<JobSpec, { kind: 'verify' }>> = {}): JobSpec => ({
    kind: 'verify',
    store: storePath,
    vm: 'vm',
    points: [],
    quick: false,
    ...change,
  });
  const restoreSpec = (to: string): JobSpec => ({
    kind: 'restore',
    store: storePath,
    vm: 'vm',
    point: 'latest',
    disks: [],
    to: join(lab.folder, to),
    format: 'vhdx',
    force: false,
  });

  const full = await run(backupSpec(lab, storePath));
  assert.equal(full.state.state, 'done');
  assert.match(full.log, /Backup \(auto, method file\) of vm .* started/);
  assert.match(full.log, /The host made the backup checkpoint .* in [\d.]+ s \(crash-consistent\)/);
  assert.match(full.log, /Disk 0: full: .* of .*, [\d.]+ s \(.*\/s\)/);
  assert.match(full.log, /Disk 0 at scsi0:0 .*: full, .* read, .* stored in 0-disk0\.vhdx/);
  assert.match(full.log, /Done: full backup .* read \([\d.]+ s in all\)\n$/);
  assert.match(full.log, /The checkpoint became the reference point/);
  assert.match(full.log, /The host has merged the checkpoint; waited/);
  assert.doesNotMatch(full.log, /\[debug\]|\{"/, 'words, no records');
  await lab.write('vm', 0, 3 * MIB, pattern(MIB, 2));
  const incr = await run(backupSpec(lab, storePath));
  assert.equal(incr.state.result?.kind, 'incr');
  assert.match(
    incr.log,
    /Asked for the changes of disk 0 since \d{4}-.* \(point \w+-full\): (?:one range|\d+ ranges), 1 MiB, in one answer/,
  );

  const noVm = await run(backupSpec(lab, storePath, 'nobody'));
  assert.equal(noVm.state.error?.code, 'host.vm.notFound');
  assert.match(noVm.log, /\[error\] Failed: .*\(host\.vm\.notFound\) \([\d.]+ s in all\)\n$/);

  const exported = await run({
    kind: 'export',
    host: lab.target.url,
    vm: 'vm',
    directory: lab.exportDirectory,
    since: null,
  });
  assert.equal(exported.state.state, 'done', exported.state.error?.message);
  assert.match(exported.log, /Export of vm on .* started/);
  assert.match(exported.log, /The host wrote everything to/);

  const restored = await run(restoreSpec('out'));
  assert.equal(restored.state.result?.files.length, 1);
  assert.match(restored.log, /Restoring disk 0: .* of 8 MiB, [\d.]+ s/);
  assert.match(restored.log, /Reading back disk 0: /);
  assert.match(restored.log, /0-disk0\.vhdx; it was read back and matches the recorded hash root/);
  const again = await run(restoreSpec('out'));
  assert.equal(again.state.error?.code, 'restore.exists');

  const verified = await run(verifySpec());
  assert.deepEqual([verified.state.result?.verified, verified.state.result?.damaged], [2, []]);
  assert.match(verified.log, /Point .*-full matches its record/);
  assert.match(verified.log, /Done: 2 points verified \(every hash\): all match their record/);

  const unknown = await run(verifySpec({ points: ['20200101T000000Z-full'] }));
  assert.equal(unknown.state.error?.code, 'point.missing');
  const nobody = await run(verifySpec({ vm: 'nobody' }));
  assert.equal(nobody.state.error?.code, 'vm.missing');
  const partial = '20300101T000000Z-full';
  const vmFolder = join(storePath, (await lab.host.findVm('vm', never)).id);
  await mkdir(join(vmFolder, partial));
  const unfinished = await run(verifySpec({ points: [partial] }));
  assert.equal(unfinished.state.error?.code, 'point.incomplete');
  const mixed = await run(verifySpec({ quick: true }));
  assert.equal(mixed.state.result?.verified, 2);
  assert.match(mixed.state.result?.summary ?? '', /match their record; 1 were never finished/);
  assert.deepEqual(
    mixed.state.result?.warnings.map(({ code }) => code),
    ['point.incomplete'],
  );

  await rm(join(vmFolder, full.state.result?.point ?? '', '0-disk0.vhdx'));
  const damaged = await run(verifySpec());
  assert.equal(damaged.state.state, 'done', 'damage that was found is the end of a verification');
  assert.equal(damaged.state.result?.damaged.length, 2);
  assert.ok(damaged.state.result.warnings.some(({ code }) => code === 'file.missing'));
  assert.match(damaged.log, /\[error\] .*is missing \(file\.missing\)/);

  const cancelled = await run(verifySpec(), AbortSignal.abort(new Error('stop')));
  assert.equal(cancelled.state.state, 'cancelled');
  assert.match(cancelled.log, /Cancelled: /);
});

test('a state of an earlier version that kept the severity of findings is read; what is too long is cut', () => {
  const result = {
    summary: 'x',
    kind: null,
    readBytes: 0,
    verified: 1,
    point: null,
    files: [],
    damaged: ['a'],
    warnings: [{ code: 'file.missing', message: 'gone', severity: 'error' }],
  };
  const old = { ...sampleState({ state: 'done' }), result };
  const read = parseJobState(Buffer.from(JSON.stringify(old)));
  assert.deepEqual(read.result?.warnings, [{ code: 'file.missing', message: 'gone' }]);

  assert.equal(read.result?.protection, undefined);
  const server = { server: 'hv01', dialect: '3.1.1', signing: 'AES-128-GMAC' } as const;
  const protection = [{ ...server, cipher: null, sealed: false }];
  const kept = formatJobState({
    ...sampleState({ state: 'done' }),
    result: { ...result, kind: null, protection },
  });
  assert.deepEqual(parseJobState(kept).result?.protection, protection);

  const many = Array.from({ length: 20_000 }, () => ({
    code: 'c',
    message: '\u0001'.repeat(9000),
  }));
  const bytes = formatJobState({
    ...sampleState({ state: 'done', title: 't'.repeat(99_999) }),
    result: { ...result, kind: null, warnings: many, files: many.map(({ message }) => message) },
  });
  assert.ok(bytes.length < 4 * MIB);
  const back = parseJobState(bytes);
  assert.equal(back.state, 'done');
  assert.match(back.result?.warnings.at(-1)?.message ?? '', /^19\d{3} more/);
});
