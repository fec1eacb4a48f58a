import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import {
  backup,
  hostOver,
  openTestStore,
  startBackupLab,
} from '../../support/backup/backup-lab.ts';
import { afterwards } from '../../support/checks/afterwards.ts';
import { Relay } from '../../support/smb/wire/relay.ts';

const MARKER = Buffer.from('a secret that the guest wrote');

/** Backs up a disk with the marker over a relay. Returns what the file server sent. */
async function sentBy(t: TestContext, encryption: 'required' | 'off'): Promise<Buffer> {
  const started = await startBackupLab(t, { smb: true });
  const sent: Buffer[] = [];
  const relay = await Relay.start({
    port: started.target.smb?.port ?? 0,
    tap: (from, bytes) => {
      if (from === 'server') sent.push(bytes);
    },
  });
  afterwards(t, () => relay.close());
  const smb = { port: relay.port, encryption, servers: [] } as const;
  const lab = { ...started, host: hostOver(started.client, { ...started.target, smb }) };
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 8 * 2 ** 20 }] });
  await lab.write('vm', 0, 2 ** 20, MARKER);
  const store = await openTestStore(lab);
  const { manifest } = await backup(lab, store, 'vm', { method: 'smb', pathMap: [] });
  assert.equal(manifest.method, 'smb');
  return Buffer.concat(sent);
}

test('what the guest wrote is not readable on the wire of an encrypted backup, and is on one that is only signed', async (t) => {
  assert.equal((await sentBy(t, 'required')).includes(MARKER), false);
  assert.equal((await sentBy(t, 'off')).includes(MARKER), true);
});
