import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { labCertificate } from '../../../../src/engine/lab/wsman/certificate.ts';
import { peer, pythonWith } from '../../../support/process/peers.ts';
import { PASSWORD, smallHost, USER } from '../../../support/host/small-host.ts';
import { SmallRepository } from '../../../support/host/small-repository.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

// These peers cannot do against this host: NTLM, Kerberos and sealed messages of either, since Basic alone is offered; passwords beyond ASCII from pywinrm, which sends
// Latin-1 where the lab reads UTF-8 (RFC 7617).

const IDENTIFY =
  '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Header/><s:Body><i:Identify/></s:Body></s:Envelope>';
const QUERY = `<?xml version="1.0"?>
<env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration">
 <env:Header><a:To>http://windows-host:5985/wsman</a:To>
  <a:ReplyTo><a:Address mustUnderstand="true">http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo>
  <w:MaxEnvelopeSize mustUnderstand="true">153600</w:MaxEnvelopeSize><a:MessageID>uuid:7</a:MessageID>
  <w:Locale mustUnderstand="false" xml:lang="en-US"/><w:OperationTimeout>PT20S</w:OperationTimeout>
  <w:ResourceURI mustUnderstand="true">http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/*</w:ResourceURI>
  <a:Action mustUnderstand="true">http://schemas.xmlsoap.org/ws/2004/09/enumeration/Enumerate</a:Action></env:Header>
 <env:Body><n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>100</w:MaxElements><w:Filter Dialect="http://schemas.microsoft.com/wbem/wsman/1/WQL">SELECT * FROM Msvm_ComputerSystem WHERE Name LIKE 'EXTRA-%'</w:Filter></n:Enumerate></env:Body>
</env:Envelope>`;

interface Endpoint {
  readonly url: string;
  readonly caFile: string;
}

async function endpoints(t: TestContext): Promise<Endpoint[]> {
  const { certificate, key, caFile } = await labCertificate(
    await temporaryFolder(t),
    'LAB01',
    never,
  );
  const { server } = await smallHost(t, new SmallRepository(30), { https: { certificate, key } });
  return [
    { url: `http://127.0.0.1:${server.httpPort}/wsman`, caFile },
    { url: `https://localhost:${server.httpsPort}/wsman`, caFile },
  ];
}

function checkAnswers(identify: string, query: string): void {
  assert.match(identify, /<wsmid:ProductVendor>Refpoint Lab</);
  assert.equal(query.split('<p:Msvm_ComputerSystem ').length - 1, 30);
  assert.match(query, /<w:EndOfSequence\/>/);
  assert.match(query, /<a:RelatesTo>uuid:7</);
}

test('curl identifies and enumerates with Basic over HTTP and over HTTPS with the authority file', async (t) => {
  const curl = peer(t, 'curl');
  if (curl === undefined) return;
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'identify.xml'), IDENTIFY);
  await writeFile(join(folder, 'query.xml'), QUERY);
  for (const { url, caFile } of await endpoints(t)) {
    const ask = (file: string): Promise<string> =>
      run(curl, [
        ...['--silent', '--show-error', '--noproxy', '*', '--cacert', caFile, '--basic'],
        ...[
          '--user',
          `${USER}:${PASSWORD}`,
          '--header',
          'Content-Type: application/soap+xml;charset=UTF-8',
        ],
        ...['--data-binary', `@${join(folder, file)}`, url],
      ]);
    checkAnswers(await ask('identify.xml'), await ask('query.xml'));
  }
});

test('curl gets Identify without logging in, masked', async (t) => {
  const curl = peer(t, 'curl');
  if (curl === undefined) return;
  const [endpoint] = await endpoints(t);
  const answer = await run(curl, [
    ...['--silent', '--noproxy', '*', '--header', 'WSMANIDENTIFY: unauthenticated'],
    ...[
      '--header',
      'Content-Type: application/soap+xml',
      '--data-binary',
      IDENTIFY,
      endpoint?.url ?? '',
    ],
  ]);
  assert.match(answer, /OS: 0\.0\.0 SP: 0\.0 Stack: 3\.0/);
});

const SCRIPT = `
import json, sys
from winrm.protocol import Protocol
from winrm.exceptions import InvalidCredentialsError
given = json.load(sys.stdin)
def connect(password):
    protocol = Protocol(endpoint=given['url'], transport='ssl' if given['url'].startswith('https') else 'plaintext',
        username=given['user'], password=password, ca_trust_path=given['caFile'])
    return protocol
protocol = connect(given['password'])
answers = [protocol.send_message(text).decode('utf-8') for text in given['messages']]
try:
    connect('wrong').send_message(given['messages'][0])
    refused = False
except InvalidCredentialsError:
    refused = True
json.dump({'answers': answers, 'refused': refused}, sys.stdout)
`;

test('pywinrm identifies and enumerates with Basic over HTTP and HTTPS, and a wrong password is refused', async (t) => {
  const python = pythonWith(t, 'winrm');
  if (python === undefined) return;
  for (const { url, caFile } of await endpoints(t)) {
    const given = { url, caFile, user: USER, password: PASSWORD, messages: [IDENTIFY, QUERY] };
    const { answers, refused } = JSON.parse(
      await run(python, ['-c', SCRIPT], JSON.stringify(given)),
    ) as { answers: string[]; refused: boolean };
    checkAnswers(answers[0] ?? '', answers[1] ?? '');
    assert.equal(refused, true);
  }
});

/** Standard output of a program; proxies and certificate stores of this machine are kept out. */
function run(program: string, args: readonly string[], input = ''): Promise<string> {
  const ignored =
    /^(?:https?_proxy|all_proxy|requests_ca_bundle|curl_ca_bundle|ssl_cert_file|ssl_cert_dir)$/i;
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !ignored.test(name)),
  );
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { env }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${program} failed: ${stderr}`, { cause: error }));
    });
    child.stdin?.end(input);
  });
}
