import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../src/engine/base/errors.ts';
import { Secret } from '../../../src/engine/net/auth/contract/secret.ts';
import { SmbFile } from '../../../src/engine/net/smb/client/link/smb-file.ts';
import { SmbLink, type LinkOptions } from '../../../src/engine/net/smb/client/link/smb-link.ts';
import { afterwards } from '../../support/checks/afterwards.ts';
import { servedFiles } from '../../support/smb/served-files.ts';

/*
 * Runs under Windows' Node in Wine too: our own NTLM, our client and the lab's server, in one process.
 */

const BYTES = randomBytes(5 * 2 ** 20 + 4321);

test('files of the lab are read, listed and removed with our own NTLM, signed and encrypted', async (t) => {
  const files = await servedFiles(t);
  const { port, user, password, root } = files;
  writeFileSync(join(root, 'VMs', 'Disk.vhdx'), BYTES);
  mkdirSync(join(root, 'VMs', 'Folder'));
  const link = (options: Partial<LinkOptions> = {}): SmbLink => {
    const made = new SmbLink({
      host: '127.0.0.1',
      port,
      deadline: 20_000,
      patience: 10_000,
      account: { credential: { user, password: new Secret(password) }, authentication: 'ntlm' },
      encryption: 'wanted',
      ...options,
    });
    afterwards(t, () => made.close());
    return made;
  };
  for (const [share, prefix, encryption] of [
    ['VMs', '', 'off'],
    ['VMs', '', 'required'],
    ['C$', 'Lab\\VMs\\', 'wanted'],
  ] as const) {
    const made = link({ encryption });
    const session = await made.session(never);
    assert.equal(session.mechanism, 'ntlm');
    assert.equal(session.encrypted, encryption !== 'off');
    const file = await SmbFile.open(made, share, `${prefix}disk.VHDX`, never);
    const into = Buffer.alloc(file.size);
    await file.read(0, into, never);
    assert.ok(into.equals(BYTES), `${share}, ${encryption}`);
    // The connection breaks; reading goes on in a new session.
    session.connection.close();
    into.fill(0);
    await file.read(1000, into.subarray(1000), never);
    assert.ok(into.subarray(1000).equals(BYTES.subarray(1000)), 'after a lost connection');
    await file.close();
    const names = (await made.list(share, prefix.slice(0, -1), never)).map(({ name }) => name);
    assert.deepEqual(names.filter((name) => /^(?:Disk|Folder)/.test(name)).sort(), [
      'Disk.vhdx',
      'Folder',
    ]);
  }
  await link().remove('VMs', 'folder', never);
  assert.equal(existsSync(join(root, 'VMs', 'Folder')), false);
  const stranger = link({
    account: { credential: { user, password: new Secret('other') }, authentication: 'ntlm' },
  });
  await assert.rejects(stranger.session(never), (error: unknown) =>
    isEngineError(error, 'http.auth.failed'),
  );
});
