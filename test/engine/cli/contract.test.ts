import assert from 'node:assert/strict';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { startBackupLab } from '../../support/backup/backup-lab.ts';
import { runCli } from '../../support/process/cli-io.ts';
import { startLabProcess } from '../../support/process/command.ts';
import { afterwards } from '../../support/checks/afterwards.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import {
  count,
  flag,
  guid,
  list,
  number,
  object,
  oneOf,
  orNull,
  sha256,
  text,
  time,
  type Shape,
} from '../../support/checks/shape.ts';

// What scripts of other people depend on: fields and exit statuses of every command. More fields may be added.

const MIB = 2 ** 20;
const range = object({ start: count, length: count });
const finding = object({ code: text, severity: oneOf('error', 'warning', 'info'), message: text });
const reason = object({ code: text, text, evidence: object({}) });
const vmRef = object({ id: guid, name: text });

const DISK_INFO = object({
  path: text,
  format: oneOf('vhdx', 'vhd', 'vhds', 'raw'),
  subformat: oneOf('fixed', 'dynamic', 'differencing', null),
  virtualSize: count,
  fileSize: count,
  blockSize: orNull(count),
  logicalSectorSize: oneOf(512, 4096),
  physicalSectorSize: orNull(count),
  allocatedBytes: count,
  diskId: orNull(guid),
  dataWriteGuid: orNull(guid),
  creator: orNull(text),
  log: oneOf('clean', 'dirty', null),
  blocks: orNull(
    object({
      present: count,
      partial: count,
      zero: count,
      notPresent: count,
      unmapped: count,
      undefined: count,
    }),
  ),
  findings: list(finding, 0),
  lost: list(object({ start: count, length: count, lost: oneOf(true), code: text }), 0),
  lostBytes: count,
  parent: orNull(
    object({
      linkage: guid,
      linkage2: orNull(guid),
      relativePath: orNull(text),
      absolutePath: orNull(text),
      volumePath: orNull(text),
      resolvedPath: orNull(text),
    }),
  ),
  chain: list(text),
});
const DISK_MAP = list(
  object({
    start: count,
    length: count,
    depth: count,
    present: flag,
    zero: flag,
    data: flag,
    'offset?': count,
    'filename?': text,
  }),
);
const POINT = object({
  id: text,
  type: text,
  consistency: text,
  owner: oneOf('ours', 'foreign', 'unknown'),
  created: orNull(time),
  disks: list(object({ diskId: guid, rctId: text })),
});
const VM_SHOW = object({
  id: guid,
  name: text,
  state: text,
  disks: list(
    object({
      number: count,
      path: text,
      format: text,
      virtualSize: count,
      diskId: guid,
      controller: text,
      shared: flag,
      rct: object({ enabled: flag, id: orNull(text) }),
    }),
  ),
  checkpoints: list(
    object({ id: text, name: text, type: oneOf('user', 'backup'), created: orNull(time) }),
  ),
  referencePoints: list(POINT, 2),
  findings: list(finding, 0),
});
const CHANGES = object({
  disk: count,
  since: text,
  virtualSize: count,
  ranges: list(range),
  changedBytes: count,
  queries: list(object({ offset: count, length: count, processed: count, count })),
});
const BACKUP = object({
  point: text,
  vm: vmRef,
  kind: oneOf('full', 'incr'),
  reason,
  method: oneOf('file', 'export'),
  consistency: object({
    asked: oneOf('default', 'application', 'crash'),
    achieved: oneOf('application', 'crash'),
  }),
  disks: list(
    object({
      number: count,
      file: text,
      virtualSize: count,
      changedBytes: orNull(count),
      readBytes: count,
      writtenBytes: count,
      fileBytes: count,
      hashRoot: sha256,
    }),
  ),
  seconds: number,
  warnings: list(object({ code: text, message: text }), 0),
});
const LAB_VM = object({
  id: guid,
  name: text,
  disks: list(object({ number: count, path: text, virtualSize: count, diskId: guid })),
});
const STORE_SHOW = list(
  object({
    id: text,
    vm: vmRef,
    kind: oneOf('full', 'incr'),
    parent: orNull(text),
    created: time,
    complete: flag,
    verified: orNull(object({ ok: flag, time, quick: flag })),
    disks: list(object({ number: count, file: text, kind: text, virtualSize: count })),
    bytes: count,
    changedBytes: orNull(count),
    writtenBytes: count,
    fileBytes: count,
    restores: oneOf('configuration', 'settings', 'disks'),
  }),
  2,
);

type Document = Readonly<Record<string, unknown>>;

/** Runs commands with --json: one document of the given shape on stdout, and nothing else there. */
type Ask = (words: readonly string[], shape: Shape, status?: number) => Promise<Document>;

function asker(env: Readonly<Record<string, string>>): Ask {
  return async (words, shape, status = 0) => {
    const run = await runCli([...words, '--json'], { env });
    assert.equal(run.status, status, `${words.join(' ')}: ${run.out}${run.err}`);
    const document = JSON.parse(run.out) as Document;
    assert.equal(shape(document, words.slice(0, 2).join(' ')), undefined);
    assert.equal(run.err, '', 'no progress and no logs where there is no terminal');
    return document;
  };
}

async function scene(t: TestContext): Promise<{
  ask: Ask;
  lab: Awaited<ReturnType<typeof startBackupLab>>;
  host: readonly string[];
  env: Readonly<Record<string, string>>;
}> {
  const lab = await startBackupLab(t);
  const env = { ...lab.command.env, REFPOINT_HOME: join(lab.folder, 'home') };
  return { ask: asker(env), lab, host: lab.command.options.slice(0, 4), env };
}

test('the documents of disk commands', async (t) => {
  const folder = await temporaryFolder(t);
  const raw = join(folder, 'a.raw');
  const other = join(folder, 'b.raw');
  await writeFile(raw, Buffer.alloc(MIB, 1));
  await writeFile(other, Buffer.alloc(MIB, 1));
  const ask = asker({});
  await ask(['disk', 'info', raw], DISK_INFO);
  await ask(['disk', 'map', raw], DISK_MAP);
  await ask(
    ['disk', 'hash', raw],
    object({ algorithm: oneOf('sha256'), hash: sha256, virtualSize: oneOf(MIB) }),
  );
  const compare = ['disk', 'compare', raw, other];
  const shape = object({ equal: flag, firstDifference: orNull(count) });
  assert.equal((await ask(compare, shape))['equal'], true);
  await truncate(other, 2 * MIB);
  assert.equal((await ask(compare, shape))['equal'], true);
  assert.equal((await ask([...compare, '--strict'], shape, 1))['equal'], false);
  await writeFile(other, Buffer.alloc(MIB, 2));
  assert.equal((await ask(compare, shape, 1))['firstDifference'], 0);
});

test('the documents of host, point and change commands', async (t) => {
  const { ask, lab, host, env } = await scene(t);
  const { id } = await lab.ask('add-vm', { name: 'web', disks: [{ size: 4 * MIB }] });
  await ask(
    ['host', 'test', ...host],
    object({
      host: text,
      reachable: oneOf(true),
      identity: text,
      product: text,
      osVersion: text,
      lab: oneOf(true),
      authenticated: oneOf(true),
      services: object({
        snapshot: flag,
        referencePoint: flag,
        imageManagement: flag,
        management: flag,
      }),
      findings: list(finding, 0),
    }),
  );
  await ask(
    ['vm', 'list', ...host],
    list(
      object({
        id: oneOf(id),
        name: text,
        state: text,
        generation: count,
        version: text,
        disks: count,
        checkpoints: count,
        referencePoints: count,
      }),
    ),
  );
  const made = await ask(
    ['point', 'create', 'web', ...host],
    object({ id: text, owner: oneOf('ours') }),
  );
  await lab.ask('reference-point-create', { vm: 'web', consistency: 'crash' });
  await lab.ask('checkpoint-create', { vm: 'web' });
  await lab.write('web', 0, MIB, Buffer.alloc(512, 1));
  const vm = await ask(['vm', 'show', id.toUpperCase(), ...host], VM_SHOW);
  assert.equal(vm['id'], id, 'a GUID in any case');
  await ask(['point', 'list', 'web', ...host], list(POINT, 2));
  const changes = ['changes', `{${id}}`, '--disk', '0', '--since', String(made['id']), ...host];
  const { ranges } = await ask(changes, CHANGES);
  const rows = ranges as { start: number; length: number }[];
  assert.deepEqual(rows, [{ start: MIB, length: 65_536 }]);
  const csv = await runCli([...changes, '--csv'], { env });
  assert.equal(csv.out, `start,length\n${MIB},65536\n`);
  const lines = await runCli([...changes, '--ndjson'], { env });
  assert.deepEqual(
    lines.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
    rows,
  );
  const points = vm['referencePoints'] as { id: string; disks: { rctId: string }[] }[];
  const own = points.find((point) => point.id === made['id']);
  const byRct = ['changes', 'web', '--disk', '0', '--rct-id', own?.disks[0]?.rctId ?? '', ...host];
  assert.deepEqual((await ask(byRct, CHANGES))['ranges'], rows);
  const foreign = points.find((point) => point.id !== made['id'])?.id ?? '';
  const error = object({
    error: object({
      code: oneOf('host.referencePoint.foreign'),
      message: text,
      data: object({}),
      userFixable: flag,
    }),
  });
  await ask(['point', 'remove', 'web', foreign, ...host], error, 3);
  const removed = object({ removed: text });
  await ask(['point', 'remove', 'web', foreign, '--foreign', ...host], removed);
  await ask(['point', 'remove', 'web', String(made['id']), ...host], removed);
  const exported = object({
    vm: oneOf(id),
    directory: text,
    kind: oneOf('full', 'differential'),
    since: orNull(text),
  });
  await ask(['export', 'web', '--to', `${lab.exportDirectory}\\one`, ...host], exported);
});

test('the documents of backup, store, restore, verify and clean', async (t) => {
  const { ask, lab } = await scene(t);
  await lab.ask('add-vm', { name: 'web', disks: [{ size: 4 * MIB }] });
  await lab.write('web', 0, MIB, Buffer.alloc(MIB, 1));
  const store = ['--store', join(lab.folder, 'store')];
  const backup = ['backup', 'web', ...store, '--consistency', 'crash', ...lab.command.options];
  const plan = object({
    vm: vmRef,
    kind: oneOf('full'),
    reason,
    method: text,
    disks: list(object({ kind: text, reason })),
  });
  await ask([...backup, '--plan'], plan);
  await ask(
    ['store', 'show', ...store],
    object({ error: object({ code: oneOf('store.notFound') }) }),
    3,
  );
  const full = await ask(backup, BACKUP);
  await lab.write('web', 0, 2 * MIB, Buffer.alloc(512, 2));
  const incr = await ask(backup, BACKUP);
  assert.deepEqual([full['kind'], incr['kind']], ['full', 'incr']);
  const verdicts = object({
    points: list(object({ id: text, ok: oneOf(true), findings: list(finding, 0) }), 2),
  });
  await ask(['verify', ...store, '--quick'], verdicts);
  await ask(['verify', ...store], verdicts);
  const points = (await ask(['store', 'show', ...store], STORE_SHOW)) as unknown as {
    verified: { ok: boolean };
  }[];
  assert.ok(points.every((point) => point.verified.ok));
  const restored = object({
    disks: list(object({ file: text, virtualSize: oneOf(4 * MIB), hashRoot: sha256 })),
  });
  const restore = ['restore', ...store, '--vm', 'web', '--to', join(lab.folder, 'out')];
  await ask(restore, restored);
  const error = object({
    error: object({ code: oneOf('restore.exists'), userFixable: oneOf(true) }),
  });
  await ask(restore, error, 3);
  await ask([...restore, '--force', '--format', 'raw', '--point', String(full['point'])], restored);
  const clean = ['clean', 'web', ...store, ...lab.command.options];
  await ask(
    [...clean, '--dry-run'],
    object({ vm: guid, dryRun: oneOf(true), items: list(text, 0) }),
  );
  await ask(clean, object({ vm: guid, dryRun: oneOf(false), items: list(text, 0) }));
  const [disk] = full['disks'] as { file: string }[];
  const { id } = await ask(
    ['vm', 'show', 'web', ...lab.command.options.slice(0, 4)],
    object({ id: guid }),
  );
  const image = join(lab.folder, 'store', String(id), String(full['point']), disk?.file ?? '');
  await truncate(image, MIB);
  const damaged = object({
    points: list(object({ id: text, ok: oneOf(false), findings: list(finding) }), 2),
  });
  await ask(['verify', ...store], damaged, 1);
});

const SHARE = {
  name: text,
  hostPath: text,
  encrypt: flag,
  scaleOut: flag,
  continuous: flag,
};

test('the documents of lab commands', async (t) => {
  const folder = await temporaryFolder(t);
  const lab = await startLabProcess(join(folder, 'lab'), [
    '--https-port',
    '0',
    '--smb-port',
    '0',
    '--job-delay',
    '0',
  ]);
  afterwards(t, () => lab.stop());
  const line = object({
    lab: oneOf(true),
    dir: text,
    http: text,
    https: text,
    smb: object({ port: count, shares: list(object(SHARE)) }),
    user: oneOf('Administrator'),
    pathMap: object({ 'C:\\Lab': text }),
    caFile: text,
    tlsFingerprint: text,
  });
  assert.equal(line(lab.line, 'lab start'), undefined);
  const ask = asker({});
  const at = (name: string, vm?: string): string[] => [
    'lab',
    name,
    '--dir',
    lab.dir,
    ...(vm === undefined ? [] : ['--vm', vm]),
  ];
  await ask([...at('add-vm'), '--name', 'web', '--size', '4M'], LAB_VM);
  await ask(at('list'), list(LAB_VM));
  await ask([...at('share'), '--list'], list(object(SHARE)));
  const added = ['--add', 'More', '--path', 'C:\\Lab\\More', '--encrypt'];
  await ask([...at('share'), ...added], list(object(SHARE)));
  await ask([...at('share'), '--remove', 'more'], list(object(SHARE)));
  const bytes = join(folder, 'bytes');
  await writeFile(bytes, Buffer.alloc(4096, 1));
  const written = object({ writes: count, bytes: count });
  await ask([...at('write', 'web'), '--offset', '1M', '--file', bytes], written);
  await ask([...at('write', 'web'), '--random', '3', '--seed', 'x'], written);
  await ask(
    [...at('write', 'web'), '--from-raw', bytes],
    object({ error: object({ code: text }) }),
    3,
  );
  const raw = join(folder, 'raw');
  await writeFile(raw, Buffer.alloc(4 * MIB, 2));
  await ask(
    [...at('write', 'web'), '--from-raw', raw],
    object({ writes: count, bytes: oneOf(4 * MIB) }),
  );
  const faults = list(
    object({ name: text, value: orNull(text), times: orNull(count), at: count }),
    0,
  );
  await ask([...at('fault'), '--set', 'job.slow=10', '--times', '2', '--at', '3'], faults);
  await ask(
    [...at('fault'), '--list'],
    object({ known: object({}), active: faults, exchanges: count, occurred: object({}) }),
  );
  await ask([...at('fault'), '--clear'], faults);
  const made = await ask(at('reference-point', 'web'), object({ id: text }));
  await ask(
    [...at('reference-point', 'web'), '--remove', String(made['id'])],
    object({ id: text }),
  );
  await ask([...at('resize', 'web'), '--size', '8M'], LAB_VM);
  await ask([...at('replace', 'web'), '--size', '4M'], LAB_VM);
  const checkpoint = await ask(at('checkpoint', 'web'), object({ id: text, name: text }));
  await ask(
    [...at('checkpoint', 'web'), '--remove', String(checkpoint['id'])],
    object({ id: text }),
  );
});

test('exit statuses: 2 for wrong usage, 3 for a failure, and one document for either', async () => {
  const error = (code: string): Shape =>
    object({
      error: object({ code: oneOf(code), message: text, data: object({}), userFixable: flag }),
    });
  const ask = asker({});
  await ask(['disk', 'info'], error('usage'), 2);
  await ask(['disk', 'inof', 'x'], error('usage'), 2);
  await ask(['disk', 'read', 'x', '--offset', 'ten'], error('source.notFound'), 3);
  await ask(['disk', 'info', 'there-is-no-such-file.vhdx'], error('source.notFound'), 3);
  await ask(['vm', 'list', '--host', 'http://127.0.0.1:9'], error('http.unreachable'), 3);
  await ask(['vm', 'list', '--host', 'http://elsewhere.example', '--user', 'u'], error('usage'), 2);
});
