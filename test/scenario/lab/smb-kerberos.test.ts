import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { afterwards } from '../../support/checks/afterwards.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import { startRealm, USER } from '../../support/kerberos/realm.ts';
import { refpoint, refpointJson, startLabProcess } from '../../support/process/command.ts';

interface Line {
  readonly smb: { readonly port: number };
}

test('a Kerberos user of the lab reaches its shares, another one does not', async (t) => {
  const realm = await startRealm(t);
  if (realm === undefined) return;
  realm.kadmin('addprinc -randkey cifs/localhost');
  realm.kadmin(`ktadd -k ${realm.keytab} cifs/localhost`);
  const folder = await temporaryFolder(t);
  const kerberos = Object.fromEntries(
    Object.entries(realm.env).filter(
      (entry): entry is [string, string] => entry[0].startsWith('KRB5') && entry[1] !== undefined,
    ),
  );
  Object.assign(process.env, kerberos);
  afterwards(t, () => {
    for (const name of Object.keys(kerberos)) delete process.env[name];
  });
  const login = ['--smb-port', '0', '--keytab', realm.keytab];
  const lab = await startLabProcess(join(folder, 'lab'), [...login, '--kerberos-user', USER.name]);
  afterwards(t, () => lab.stop());
  const { port } = (lab.line as unknown as Line).smb;
  realm.kinit();
  const args = ['smb', 'test', '\\\\localhost\\VMs', '--auth', 'kerberos', '--smb-port', `${port}`];
  const answer = await refpointJson<Record<string, unknown>>(args, { env: kerberos });
  assert.equal(answer['mechanism'], 'kerberos');
  assert.equal(answer['dialect'], '3.1.1');
  assert.equal(answer['sealed'], true);
  const other = await startLabProcess(join(folder, 'other'), [...login, '--kerberos-user', 'eve']);
  afterwards(t, () => other.stop());
  const elsewhere = String((other.line as unknown as Line).smb.port);
  const refused = await refpoint([...args.slice(0, -1), elsewhere, '--json'], { env: kerberos });
  assert.equal(refused.status, 3);
  assert.match(refused.stdout, /"code": ?"http\.auth\.failed"/);
});
