import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  backup,
  hostOver,
  openTestStore,
  pattern,
  startBackupLab,
} from '../../support/backup/backup-lab.ts';
import { countingRelay } from '../../support/smb/counting-relay.ts';

const MIB = 2 ** 20;
const RUN = 64 * 1024;
const RUNS = 64;

test('an increment moves little more than the blocks that changed, encrypted, whatever the disk holds', async (t) => {
  const started = await startBackupLab(t, { smb: true });
  const relay = await countingRelay(t, started.target.smb?.port ?? 0);
  const smb = { port: relay.port, encryption: 'required', servers: [] } as const;
  const lab = { ...started, host: hostOver(started.client, { ...started.target, smb }) };
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 16 * MIB }] });
  await lab.write('vm', 0, 0, pattern(12 * MIB, 1));
  const options = { method: 'smb', pathMap: [], checkTracker: 'off' } as const;
  assert.equal((await backup(lab, store, 'vm', options)).manifest.kind, 'full');
  assert.ok(relay.bytes > 12 * MIB, 'the relay counts');
  const changes = pattern(RUN, 2);
  // Every second run of 64 KiB, so that none can be joined with its neighbour.
  for (let run = 0; run < RUNS; run++) await lab.write('vm', 0, run * 2 * RUN, changes);
  const before = relay.bytes;
  const { manifest } = await backup(lab, store, 'vm', options);
  const changed = RUN * RUNS;
  assert.equal(manifest.kind, 'incr');
  assert.equal(manifest.disks[0]?.readBytes, changed);
  const moved = relay.bytes - before;
  assert.ok(moved >= changed, `${moved} bytes`);
  assert.ok(
    moved <= 1.1 * changed + MIB / 2,
    `${moved} bytes on the wire for ${changed} changed ones`,
  );
  t.diagnostic(`${(moved / changed).toFixed(3)} bytes on the wire per changed byte`);
});
