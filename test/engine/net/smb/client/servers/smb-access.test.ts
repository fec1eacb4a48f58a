import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret } from '../../../../../../src/engine/net/auth/contract/secret.ts';
import { SmbAccess } from '../../../../../../src/engine/net/smb/client/servers/smb-access.ts';
import { SmbServers } from '../../../../../../src/engine/net/smb/client/servers/smb-servers.ts';
import { afterwards } from '../../../../../support/checks/afterwards.ts';
import { fileAccessSuite } from '../../../../../support/checks/file-access-suite.ts';
import { servedFiles } from '../../../../../support/smb/served-files.ts';

fileAccessSuite('a file server', async (t) => {
  const { port, root, user, password } = await servedFiles(t);
  const servers = new SmbServers({
    port,
    deadline: 30_000,
    account: { credential: { user, password: new Secret(password) }, authentication: 'ntlm' },
    encryption: 'wanted',
    approved: ['127.0.0.1'],
  });
  afterwards(t, () => servers.close());
  const local = join(root, 'suite');
  await mkdir(local);
  const at = (...names: readonly string[]): string =>
    ['\\\\127.0.0.1\\C$\\Lab\\suite', ...names].join('\\');
  return { access: new SmbAccess(servers), local, at, follows: false };
});
