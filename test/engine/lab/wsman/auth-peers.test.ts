import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { labCertificate } from '../../../../src/engine/lab/wsman/certificate.ts';
import {
  PASSWORD,
  smallHost,
  USER,
  type SmallHostOptions,
} from '../../../support/host/small-host.ts';
import { SmallRepository } from '../../../support/host/small-repository.ts';
import { peer, pythonWith } from '../../../support/process/peers.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const IDENTIFY =
  '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Header/><s:Body><i:Identify/></s:Body></s:Envelope>';

/** python3-winrm computes MD4, which OpenSSL 3 has in its legacy provider only. */
const LEGACY = `openssl_conf = conf
[conf]
providers = providers
[providers]
default = on
legacy = on
[on]
activate = 1
`;

const SCRIPT = `
import json, sys
from winrm.protocol import Protocol
from winrm.exceptions import InvalidCredentialsError
given = json.load(sys.stdin)
def connect(password):
    return Protocol(endpoint=given['url'], transport='ntlm', username=given['user'], password=password,
        server_cert_validation='ignore', message_encryption='auto', send_cbt=given['cbt'])
protocol = connect(given['password'])
answers = [protocol.send_message(given['message']).decode('utf-8') for _ in range(3)]
try:
    connect('wrong').send_message(given['message'])
    refused = False
except InvalidCredentialsError:
    refused = True
json.dump({'answers': answers, 'refused': refused}, sys.stdout)
`;

async function hostWithTls(t: TestContext, logins: SmallHostOptions['logins'] = {}) {
  const folder = await temporaryFolder(t);
  const { certificate, key, caFile } = await labCertificate(folder, 'LAB01', never);
  const lines: string[] = [];
  const { server } = await smallHost(t, new SmallRepository(3), {
    https: { certificate, key },
    logins,
    log: ({ message }) => void lines.push(message),
  });
  return {
    folder,
    caFile,
    lines,
    http: `http://127.0.0.1:${server.httpPort}/wsman`,
    https: `https://localhost:${server.httpsPort}/wsman`,
  };
}

test('python3-winrm logs in with NTLM: sealed over HTTP, bound to the channel over HTTPS', async (t) => {
  const python = pythonWith(t, 'winrm');
  if (python === undefined) return;
  // Strict: Basic is not offered, and nothing plain is accepted over HTTP.
  const host = await hostWithTls(t, { offers: ['negotiate'], unencrypted: 'off' });
  const openssl = join(host.folder, 'openssl.cnf');
  await writeFile(openssl, LEGACY);
  for (const url of [host.http, host.https]) {
    for (const cbt of [true, false]) {
      const given = { url, user: USER, password: PASSWORD, message: IDENTIFY, cbt };
      const { answers, refused } = JSON.parse(
        await run(python, ['-c', SCRIPT], JSON.stringify(given), { OPENSSL_CONF: openssl }),
      ) as { answers: string[]; refused: boolean };
      assert.equal(answers.length, 3);
      for (const answer of answers) assert.match(answer, /OS: 10\.0\.17763 SP: 0\.0 Stack: 3\.0/);
      assert.equal(refused, true, url);
    }
  }
});

test('curl logs in with NTLM, in both names and over HTTPS; its plain body is refused unless the lab allows it', async (t) => {
  const curl = peer(t, 'curl');
  if (curl === undefined) return;
  const ask = (url: string, caFile: string, how: string, password: string): Promise<string> =>
    run(curl, [
      ...['--silent', '--show-error', '--noproxy', '*', '--cacert', caFile, how],
      ...['--user', `${USER}:${password}`, '--write-out', ' %{http_code}'],
      ...['--header', 'Content-Type: application/soap+xml;charset=UTF-8'],
      ...['--data-binary', IDENTIFY, url],
    ]);
  const strict = await hostWithTls(t, { offers: ['negotiate', 'ntlm'], unencrypted: 'off' });
  assert.match(await ask(strict.http, strict.caFile, '--ntlm', PASSWORD), /^ 500$/);
  assert.match(await ask(strict.https, strict.caFile, '--ntlm', PASSWORD), /17763.* 200$/s);
  assert.match(await ask(strict.https, strict.caFile, '--ntlm', 'wrong'), /^ 401$/);
  const open = await hostWithTls(t, { offers: ['negotiate', 'ntlm'], unencrypted: 'on' });
  assert.match(await ask(open.http, open.caFile, '--ntlm', PASSWORD), /17763.* 200$/s);
});

/** Standard output of a program; proxies and certificate stores of this machine are kept out. */
function run(
  program: string,
  args: readonly string[],
  input = '',
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const ignored =
    /^(?:https?_proxy|all_proxy|requests_ca_bundle|curl_ca_bundle|ssl_cert_file|ssl_cert_dir)$/i;
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !ignored.test(name)),
  );
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { env: { ...env, ...more } }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${program} failed: ${stderr}`, { cause: error }));
    });
    child.stdin?.end(input);
  });
}
