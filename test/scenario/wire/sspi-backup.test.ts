import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../src/engine/base/abort.ts';
import { noLog } from '../../../src/engine/base/log.ts';
import type { HypervBackupHost } from '../../../src/engine/hosts/hyperv-backup-host.ts';
import { Secret } from '../../../src/engine/net/auth/contract/secret.ts';
import { connectWsman } from '../../../src/engine/net/wsman/connect-wsman.ts';
import {
  backup,
  hostOver,
  openTestStore,
  pattern,
  restoredHashes,
  startBackupLab,
} from '../../support/backup/backup-lab.ts';
import { afterwards } from '../../support/checks/afterwards.ts';

const MIB = 2 ** 20;

/** Under Wine, SSPI logs in with NTLM by winbind's program, which scripts/test-windows.mjs reports. */
test('a full and an incremental backup over SSPI, sealed, restore to what the guest wrote', async (t) => {
  if (process.platform !== 'win32') return t.skip('needs Windows or Wine');
  if (process.env['REFPOINT_NTLM_AUTH'] !== '1') return t.skip('needs ntlm_auth of winbind');
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 8 * MIB }] });
  await lab.write('vm', 0, MIB, pattern(MIB, 1));
  const { url, user, password } = lab.target;
  const connect = (secret: string): HypervBackupHost =>
    hostOver(
      connectWsman({
        url,
        credential: { user, password: new Secret(secret) },
        authentication: 'sspi',
        tls: {},
        timeoutSeconds: 60,
        log: noLog,
      }),
      lab.target,
    );
  const host = connect(password);
  afterwards(t, () => host.close());
  const tested = await host.test(never);
  assert.deepEqual([tested.mechanism, tested.sealed], ['ntlm', true]);
  const over = { ...lab, host };
  const store = await openTestStore(over);
  const full = await backup(over, store, 'vm');
  await lab.write('vm', 0, 3 * MIB, pattern(65_536, 2));
  const increment = await backup(over, store, 'vm');
  assert.equal(increment.manifest.kind, 'incr');
  assert.equal(increment.manifest.parent, full.manifest.id);
  const { id } = await host.findVm('vm', never);
  const restored = await restoredHashes(over, store, id, increment.manifest.id);
  assert.equal(restored[0], await lab.guestHash('vm', 0));

  const wrong = connect(`${password}-not`);
  afterwards(t, () => wrong.close());
  await assert.rejects(wrong.test(never), { code: 'http.auth.failed' });
});
