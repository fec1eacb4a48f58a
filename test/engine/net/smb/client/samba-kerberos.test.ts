import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { ErrorCode } from '../../../../../src/engine/api/codes.ts';
import { never } from '../../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../../src/engine/base/errors.ts';
import { Secret } from '../../../../../src/engine/net/auth/contract/secret.ts';
import { SmbFile } from '../../../../../src/engine/net/smb/client/link/smb-file.ts';
import type {
  LinkOptions,
  SmbLink,
} from '../../../../../src/engine/net/smb/client/link/smb-link.ts';
import { afterwards } from '../../../../support/checks/afterwards.ts';
import { REALM, startRealm, USER, type Realm } from '../../../../support/kerberos/realm.ts';
import { peer } from '../../../../support/process/peers.ts';
import { linkTo } from '../../../../support/smb/samba-link.ts';
import {
  SAMBA_USER,
  SambaServer,
  type SambaSettings,
} from '../../../../support/smb/samba-server.ts';

const DATA = randomBytes(2 * 2 ** 20 + 4321);
const credential = { user: `${SAMBA_USER}@${REALM}`, password: new Secret(USER.password) };
/** Samba on its own, without a domain, refuses tickets that carry group memberships. */
const NO_PAC = 'disable_pac = true';

/** A realm with the account of Samba's user and the service `cifs/localhost`. */
async function realmOfSamba(t: TestContext, clock?: string): Promise<Realm | undefined> {
  if (['smbd', 'smbpasswd'].some((name) => peer(t, name) === undefined)) return undefined;
  const realm = await startRealm(t, '', clock, NO_PAC);
  if (realm === undefined) return undefined;
  const proof = clock === undefined ? '' : '+requires_preauth';
  realm.kadmin(`addprinc ${proof} -pw ${USER.password} ${SAMBA_USER}`);
  realm.kadmin('addprinc -randkey cifs/localhost');
  realm.kadmin(`ktadd -k ${realm.keytab} cifs/localhost`);
  // Kerberos reads the environment of this process, and smbd inherits it.
  for (const [name, value] of Object.entries(realm.env)) {
    if (!name.startsWith('KRB5') || value === undefined) continue;
    process.env[name] = value;
    t.after(() => delete process.env[name]);
  }
  return realm;
}

async function sambaOf(
  t: TestContext,
  { keytab }: Realm,
  settings: SambaSettings,
): Promise<SambaServer> {
  const server = await SambaServer.start({
    ...settings,
    more: [
      `realm = ${REALM}`,
      'kerberos method = dedicated keytab',
      `dedicated keytab file = FILE:${keytab}`,
    ],
  });
  afterwards(t, () => server.close());
  writeFileSync(join(server.share, 'disk.vhdx'), DATA);
  return server;
}

function kerberosLink(
  t: TestContext,
  server: SambaServer,
  options: Partial<LinkOptions> = {},
): SmbLink {
  const account = { credential, authentication: 'kerberos' as const };
  const link = linkTo(server, { host: 'localhost', account, patience: 0, ...options });
  afterwards(t, () => link.close());
  return link;
}

/** Protection that the client and Samba agree on: cipher (0: only signed) and signing algorithm. */
const CASES: readonly (readonly [string, SambaSettings, Partial<LinkOptions>, number, number])[] = [
  ['signed with AES-GMAC', { encrypt: 'off', signing: 'AES-128-GMAC' }, {}, 0, 2],
  ['encrypted with AES-256-GCM', { encrypt: 'required', cipher: 'AES-256-GCM' }, {}, 4, 2],
  ['encrypted with AES-128-GCM', { cipher: 'AES-128-GCM' }, { encryption: 'required' }, 2, 2],
];

test('a user of Kerberos reads from Samba', async (t) => {
  const realm = await realmOfSamba(t);
  if (realm === undefined) return;
  for (const [name, settings, options, cipher, signing] of CASES) {
    await t.test(name, async (t) => {
      const server = await sambaOf(t, realm, settings);
      const link = kerberosLink(t, server, options);
      const session = await link.session(never);
      const { negotiated } = session.connection;
      assert.equal(session.mechanism, 'kerberos');
      assert.deepEqual([negotiated.cipher, negotiated.signing], [cipher, signing]);
      assert.equal(session.encrypted, cipher !== 0);
      const file = await SmbFile.open(link, 'data', 'disk.vhdx', never);
      const into = Buffer.alloc(DATA.length);
      await file.read(0, into, never);
      assert.ok(into.equals(DATA));
      await file.close();
    });
  }
});

const failsWith =
  (...codes: ErrorCode[]) =>
  (error: unknown): boolean => {
    assert.ok(isEngineError(error, ...codes), String(error));
    return true;
  };

test('logins that fail have their codes, and a ticket that is refused does not bar the password', async (t) => {
  const realm = await realmOfSamba(t);
  if (realm === undefined) return;
  const server = await sambaOf(t, realm, {});
  const codes = async (options: Partial<LinkOptions>, code: ErrorCode): Promise<void> =>
    assert.rejects(kerberosLink(t, server, options).session(never), failsWith(code));
  const account = { credential: undefined, authentication: 'kerberos' as const };
  await codes({ account }, 'http.auth.noTicket');
  await codes({ host: '127.0.0.1' }, 'http.auth.spn');
  const { keytab } = realm;
  // The KDC makes new keys; the server still has the old ones.
  realm.kadmin(`ktadd -k ${join(realm.folder, 'newer')} cifs/localhost`);
  await codes({}, 'http.auth.failed');
  copyFileSync(join(realm.folder, 'newer'), keytab);
  const session = await kerberosLink(t, server).session(never);
  assert.equal(session.mechanism, 'kerberos');
});

test('a KDC whose clock is an hour ahead has the code of clocks', async (t) => {
  const realm = await realmOfSamba(t, '+1h');
  if (realm === undefined) return;
  const server = await sambaOf(t, realm, {});
  await assert.rejects(kerberosLink(t, server).session(never), failsWith('http.auth.clock'));
});
