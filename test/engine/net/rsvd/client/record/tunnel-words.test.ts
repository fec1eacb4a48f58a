import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TraceInfo, TraceRow } from '../../../../../../src/engine/api/trace.ts';
import { never } from '../../../../../../src/engine/base/abort.ts';
import { newGuid } from '../../../../../../src/engine/base/guid.ts';
import { isEngineError } from '../../../../../../src/engine/base/errors.ts';
import { Secret } from '../../../../../../src/engine/net/auth/contract/secret.ts';
import { SharedDisk } from '../../../../../../src/engine/net/rsvd/client/shared-disk.ts';
import { SmbLink } from '../../../../../../src/engine/net/smb/client/link/smb-link.ts';
import { TraceWriter } from '../../../../../../src/engine/trace/write/trace-writer.ts';
import { afterwards } from '../../../../../support/checks/afterwards.ts';
import { temporaryFolder } from '../../../../../support/files/temporary-folder.ts';
import { runCli, runCliJson } from '../../../../../support/process/cli-io.ts';
import { SET, SHARE, sharedLab } from '../../../../../support/rsvd/shared-lab.ts';

const MARKER = 'MARKER-OF-THE-GUEST';

test('operations of a shared disk are recorded with their fields, contents of the disk are not', async (t) => {
  const lab = await sharedLab(t);
  const live = (await lab.disk()).openDisk();
  await live.close();
  const { port, user, password } = lab.files;
  const path = join(await temporaryFolder(t), 'rsvd.rptrace');
  const begun = { time: new Date().toISOString(), engine: 'test', command: null };
  const writer = await TraceWriter.open(path, begun);
  const link = new SmbLink({
    ...{ host: '127.0.0.1', port, deadline: 20_000, patience: 5000, encryption: 'off' },
    account: { credential: { user, password: new Secret(password) }, authentication: 'ntlm' },
    recorder: writer,
  });
  afterwards(t, () => link.close());
  const disk = await SharedDisk.open(link, SHARE, SET, { hostName: 'client01' }, never);
  const [first, second] = [newGuid(), newGuid()];
  await disk.createSnapshot(first, never);
  await lab.files.lab.sharedDisks.use(join(lab.folder, SET), (each) =>
    each.write(4096, Buffer.from(MARKER.repeat(27)).subarray(0, 512)),
  );
  await disk.createSnapshot(second, never);
  await disk.queryChanges({ limitId: first, targetId: second, offset: 0, length: 2 ** 20 }, never);
  const frozen = await disk.openSnapshot(second, never);
  const bytes = new Uint8Array(8192);
  await frozen.read(0, bytes, never);
  assert.ok(Buffer.from(bytes).includes(MARKER));
  await frozen.close();
  for await (const _ of disk.unmapped(second, never)) break;
  await disk.deleteSnapshot(first, false, never);
  await assert.rejects(disk.deleteSnapshot(newGuid(), false, never), (error) =>
    isEngineError(error),
  );
  await disk.close();
  await link.close();
  await writer.close();

  const shown = await runCliJson<Omit<TraceInfo, 'traceId'> & { rows: TraceRow[] }>([
    ...['trace', 'show', path],
  ]);
  const text = async (about: RegExp): Promise<string> => {
    const row = shown.rows.find((each) => about.test(each.about));
    assert.ok(row !== undefined, shown.rows.map((each) => each.about).join('\n'));
    return (await runCli(['trace', 'show', path, '--exchange', String(row.sequence)])).out;
  };
  const opened = await text(/^CREATE rsvd\.vhds:SharedVirtualDisk/);
  assert.match(opened, /SVHDX context: version 2\n/);
  assert.match(opened, /InitiatorHostName: client01\n/);
  assert.match(opened, /VirtualSize: 8388608 bytes\n/);
  const info = await text(/GET_INITIAL_INFO/);
  assert.match(info, /tunnel status: success\n[^]*SectorSize: 512\n[^]*VirtualSize: 8388608\n/);
  const created = shown.rows.filter(({ about }) =>
    /META_OPERATION_START create snapshot/.test(about),
  );
  assert.equal(created.length, 4, 'two calls for each snapshot');
  assert.ok(created.every(({ changes }) => changes));
  const staged = await text(/META_OPERATION_START create snapshot/);
  assert.match(staged, new RegExp(`stages: initialize\\n +SnapshotId: ${first}\\n`));
  const changed = await text(/QUERY_VIRTUAL_DISK_CHANGES/);
  assert.match(changed, new RegExp(`TargetSnapshotId: ${second}\\n`));
  assert.match(changed, /RangeCount: 1, \d+ bytes in all\n +ranges: \d+ bytes at \d+\n/);
  const status = await text(/SCSI get lba status/);
  assert.match(status, /direction: from device\n[^]*data: 65536 bytes \(removed\)\n/);
  assert.match(status, /ScsiStatus: good\n/);
  const snapshot = shown.rows.filter(({ about }) => about.startsWith('CREATE rsvd.vhds:SharedV'));
  assert.ok(snapshot.length >= 2);
  const all = await Promise.all(
    shown.rows.map(({ sequence }) =>
      runCli(['trace', 'show', path, '--exchange', String(sequence)]).then(({ out }) => out),
    ),
  );
  assert.match(all.join('\n'), new RegExp(`SnapshotID: ${second}\\n`));
  assert.match(all.join('\n'), /tunnel status: .*\(/, 'a refused operation has its status');
  assert.equal(readFileSync(path, 'utf8').includes(MARKER), false);
});
