import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../../src/engine/base/errors.ts';
import { noLog } from '../../../../../src/engine/base/log.ts';
import { Secret } from '../../../../../src/engine/net/auth/contract/secret.ts';
import { connectWsman } from '../../../../../src/engine/net/wsman/connect-wsman.ts';
import { afterwards } from '../../../../support/checks/afterwards.ts';
import { startBackupLab } from '../../../../support/backup/backup-lab.ts';

test('https on a plain port and http on a TLS port say which one to use', async (t) => {
  const lab = await startBackupLab(t, { https: true });
  const asked = async (url: string): Promise<Error> => {
    const tls = { fingerprint: lab.secureTarget.fingerprint ?? '' };
    const client = connectWsman({
      url,
      credential: { user: 'nobody', password: new Secret('nothing') },
      authentication: 'basic',
      tls,
      timeoutSeconds: 20,
      log: noLog,
    });
    afterwards(t, () => client.close());
    return client.identify(never).then(
      () => assert.fail('it answered'),
      (error: Error) => error,
    );
  };
  const plain = await asked(lab.target.url.replace('http:', 'https:'));
  assert.ok(isEngineError(plain, 'http.tls.plain'), plain.message);
  assert.ok(plain.message.includes(lab.target.url), plain.message);
  assert.doesNotMatch(plain.message, /openssl|error:0/i);
  const secure = await asked(lab.secureTarget.url.replace('https:', 'http:'));
  assert.ok(isEngineError(secure, 'http.tls.expected'), secure.message);
  assert.ok(secure.message.includes(lab.secureTarget.url), secure.message);
});
