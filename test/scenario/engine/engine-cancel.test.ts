import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { CancellationTokenSource } from 'vscode-languageserver/node';
import { CANCELLED } from '../../../src/engine/api/errors.ts';
import { requests, type Request } from '../../../src/engine/api/methods.ts';
import { userLedger } from '../../../src/engine/backup/ledger/ledger-file.ts';
import { never } from '../../../src/engine/base/abort.ts';
import { startBackupLab } from '../../support/backup/backup-lab.ts';
import { startEngine, type EngineProcess } from '../../support/process/engine-process.ts';
import { holdingProxy } from '../../support/host/holding-proxy.ts';
import { homeOf } from '../../support/process/job-process.ts';
import { assertInTime } from '../../support/process/in-time.ts';

const MIB = 2 ** 20;

/** How a request ended that was cancelled when `when` first held, looked at after each message of the engine. */
async function cancelledWhen<P, R>(
  engine: EngineProcess,
  request: Request<P, R>,
  params: P,
  when: () => boolean,
): Promise<{ readonly outcome: 'done' | 'cancelled'; readonly waited: number }> {
  const source = new CancellationTokenSource();
  let cancelledAt: number | undefined;
  const look = (): void => {
    if (cancelledAt !== undefined || !when()) return;
    cancelledAt = performance.now();
    source.cancel();
  };
  engine.process.on('message', look);
  try {
    const asked = engine.request(request, params, source.token);
    look();
    await asked;
    return { outcome: 'done', waited: 0 };
  } catch (error) {
    assert.equal((error as { readonly code: number }).code, CANCELLED, String(error));
    return { outcome: 'cancelled', waited: performance.now() - (cancelledAt ?? Number.NaN) };
  } finally {
    engine.process.off('message', look);
    source.dispose();
  }
}

test('a call that makes something, cancelled after any exchange with the host, leaves nothing on it', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  const engine = await startEngine(t, { home: homeOf(lab) });
  const { target } = lab;
  const { id: vm } = await lab.host.findVm('vm', never);
  const ledger = userLedger(homeOf(lab), vm);
  const params = { target, vm, consistency: 'crash', progressToken: 'p' } as const;
  let cancelled = 0;
  let longest = 0;
  for (let step = 0; ; step++) {
    assert.ok(step < 100, 'it ends');
    const before = engine.exchanges.length;
    const after = (): boolean => engine.exchanges.length >= before + step;
    const { outcome, waited } = await cancelledWhen(
      engine,
      requests.createReferencePoint,
      params,
      after,
    );
    const now = await lab.host.findVm('vm', never);
    const own = await ledger.load(never);
    assert.deepEqual([now.checkpoints, own.intents], [[], []], `after exchange ${step}`);
    if (outcome === 'done') {
      assert.equal(now.referencePoints.length, 1);
      break;
    }
    assert.deepEqual(now.referencePoints, [], `after exchange ${step}`);
    cancelled++;
    longest = Math.max(longest, waited);
  }
  t.diagnostic(`cancelled at ${cancelled} steps, taken back in ${longest.toFixed(0)} ms at most`);
  assert.ok(cancelled >= 10, `${cancelled} steps`);
});

test('a query, cancelled at any exchange, ends at once although the host never answers', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 64 * MIB }] });
  const engine = await startEngine(t, { home: homeOf(lab) });
  const wire = await holdingProxy(t, lab.target.url);
  const target = { ...lab.target, url: wire.url };
  const made = { target, vm: 'vm', consistency: 'crash', progressToken: 'p' } as const;
  const { id: since } = await engine.request(requests.createReferencePoint, made);
  const keepIn = join(lab.folder, 'kept');
  const reference = {
    kind: 'query',
    host: target.url,
    vm: 'vm',
    disk: 0,
    since,
    title: '',
  } as const;
  const params = { reference, target, keepIn, progressToken: 'map' };
  let longest = 0;
  let cancelled = 0;
  for (let step = 0; ; step++) {
    // The answer after the step's exchange is held, and the request cancelled once it is.
    const before = engine.exchanges.length;
    let held = false;
    let holding = false;
    const when = (): boolean => {
      if (!holding && engine.exchanges.length >= before + step) {
        holding = true;
        void wire.hold().then(() => {
          held = true;
          source.cancel();
        });
      }
      return held;
    };
    const source = new CancellationTokenSource();
    engine.process.on('message', when);
    let cancelledAt = Number.NaN;
    source.token.onCancellationRequested(() => (cancelledAt = performance.now()));
    when();
    const outcome = await engine.request(requests.openMap, params, source.token).then(
      () => 'done',
      (error: { readonly code: number }) => error.code,
    );
    const waited = performance.now() - cancelledAt;
    engine.process.off('message', when);
    wire.release();
    if (outcome === 'done') break;
    assert.equal(outcome, CANCELLED);
    longest = Math.max(longest, waited);
    cancelled++;
  }
  t.diagnostic(`a query cancelled at ${cancelled} steps, each within ${longest.toFixed(0)} ms`);
  assert.ok(cancelled >= 5, `${cancelled} steps`);
  assertInTime(longest, 500);
});

test('a file that is written when the request is cancelled is not there, and no part of it', async (t) => {
  const lab = await startBackupLab(t);
  const engine = await startEngine(t, { home: homeOf(lab) });
  const rows = 400_000;
  const text = Array.from({ length: rows }, (_, i) => `${i * 8192},4096`);
  const file = join(lab.folder, 'in.csv');
  await writeFile(file, `start,length\n${text.join('\n')}\n`);
  const reference = { kind: 'csv', path: file, virtualSize: null } as const;
  const keepIn = lab.folder;
  const opening = { reference, target: null, keepIn, progressToken: 'read' };
  const { mapId } = await engine.request(requests.openMap, opening);
  const told = engine.progress.filter(({ progressToken }) => progressToken === 'read');
  assert.equal(told[0]?.phase, 'read');
  assert.ok((told[0]?.total ?? 0) > rows * 5);
  const out = join(lab.folder, 'out');
  const params = { mapId, frame: -1, path: join(out, 'ranges.csv'), progressToken: 'csv' };
  await mkdir(out);
  let seen = 0;
  for (const step of [1, 2, 3]) {
    const before = engine.progress.length;
    const when = (): boolean => engine.progress.length >= before + step;
    const { outcome } = await cancelledWhen(engine, requests.mapCsv, params, when);
    if (outcome === 'done') break;
    seen++;
    assert.deepEqual(await readdir(out), [], `after report ${step}`);
  }
  assert.ok(seen >= 1);
  assert.equal((await engine.request(requests.mapCsv, params)).rows, rows);
  assert.deepEqual(await readdir(out), ['ranges.csv']);
});
