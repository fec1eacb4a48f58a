import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import type { CallWatch } from '../../../../src/engine/backup/host/call-watch.ts';
import type { BackupHost } from '../../../../src/engine/backup/host/host.ts';
import { storeLedger } from '../../../../src/engine/backup/ledger/ledger-file.ts';
import { DirectoryStore } from '../../../../src/engine/backup/store/directory/directory-store.ts';
import { filesOf } from '../../../../src/engine/backup/points/point-files.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import type { Guid } from '../../../../src/engine/base/guid.ts';
import { backup, pattern, startBackupLab } from '../../../support/backup/backup-lab.ts';
import { durableFiles } from '../../../support/files/durable-files.ts';

const MIB = 2 ** 20;

type Create = BackupHost['createBackupCheckpoint'];
type Convert = BackupHost['convertToReferencePoint'];

test('a loss of power never leaves a manifest without its files, nor a call to the host without its intent', async (t) => {
  if (process.platform === 'win32') return t.skip('Windows flushes no folders');
  const lab = await startBackupLab(t);
  const { id } = await lab.ask('add-vm', { name: 'vm', disks: [{ size: 8 * MIB }] });
  const folder = join(lab.folder, 'store');
  await mkdir(folder);
  const files = durableFiles(folder);
  const { environment } = files;
  const store = await DirectoryStore.open(folder, { create: true, environment }, never);
  const named = [
    ...['0-disk0.vhdx', '0-disk0.avhdx', '0-disk0.hashes', '0-disk0.changes.ndjson.gz'],
    'config',
  ];
  /** Names in the point's folder that are durable when that of the manifest may become so. */
  let durable: readonly string[] | undefined;
  files.onPlace = (path) => {
    if (basename(path) !== 'point.chain.json') return;
    const point = dirname(path);
    const config = readdirSync(join(point, 'config')).map((name) => `config/${name}`);
    durable = [...named, ...config].filter((name) => files.isDurable(join(point, name)));
  };
  const calls: string[] = [];
  const requireIntent = async (kind: string, field: 'asked' | 'job'): Promise<void> => {
    const path = join(folder, id, 'ledger.json');
    assert.ok(files.isDurable(path), `${kind}: the ledger is durable`);
    const { intents } = await storeLedger(store, id as Guid).load(never);
    assert.ok(intents.some((each) => each.kind === kind && each[field] !== null));
    calls.push(`${kind} ${field}`);
  };
  const watched = (kind: string, inner: CallWatch | undefined): CallWatch => ({
    asking: async () => {
      await inner?.asking();
      await requireIntent(kind, 'asked');
    },
    started: async (job) => {
      await inner?.started(job);
      await requireIntent(kind, 'job');
    },
    refused: async () => inner?.refused(),
  });
  const create: Create = (vm, request, signal, watch) =>
    lab.host.createBackupCheckpoint(vm, request, signal, watched('checkpoint', watch));
  const convert: Convert = (vm, point, signal, watch, known) =>
    lab.host.convertToReferencePoint(vm, point, signal, watched('referencePoint', watch), known);
  const host = new Proxy<BackupHost>(lab.host, {
    get: (target, key) => {
      if (key === 'createBackupCheckpoint') return create;
      if (key === 'convertToReferencePoint') return convert;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  for (const kind of ['full', 'incr'] as const) {
    await lab.write('vm', 0, 2 * MIB, pattern(65_536, kind.length));
    const { manifest } = await backup(lab, store, 'vm', {}, never, { host });
    assert.equal(manifest.kind, kind);
    const before: readonly string[] = durable ?? [];
    for (const name of ['config', ...filesOf(manifest).map(({ file }) => file)]) {
      assert.ok(before.includes(name), `${kind}: ${name} is durable before the manifest`);
    }
    const path = join(folder, id, manifest.id, 'point.chain.json');
    assert.ok(files.isDurable(path), `${kind}: the manifest is durable once the run has ended`);
  }
  const expected = [
    'checkpoint asked',
    'checkpoint job',
    'referencePoint asked',
    'referencePoint job',
  ];
  assert.deepEqual(calls, [...expected, ...expected]);
});
