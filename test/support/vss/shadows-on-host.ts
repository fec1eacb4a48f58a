import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { refpointJson } from '../process/command.ts';
import { pythonWith } from '../process/peers.ts';

const SCRIPT = `
import sys
from winrm.protocol import Protocol
url, user, password = sys.argv[1:4]
protocol = Protocol(endpoint=url, transport='plaintext', username=user, password=password)
print(protocol.send_message(sys.stdin.read()).decode('utf-8'))
`;

const QUERY = `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration"><s:Header>
<a:To>http://x/wsman</a:To><a:ReplyTo><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo><a:MessageID>uuid:1</a:MessageID>
<w:ResourceURI>http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/*</w:ResourceURI><a:Action>http://schemas.xmlsoap.org/ws/2004/09/enumeration/Enumerate</a:Action></s:Header>
<s:Body><n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>50</w:MaxElements><w:Filter Dialect="http://schemas.microsoft.com/wbem/wsman/1/WQL">SELECT * FROM Win32_ShadowCopy</w:Filter></n:Enumerate></s:Body></s:Envelope>`;

/** How a command reaches a host. */
export interface ReachedHost {
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

/** Returns the IDs of all shadow copies of a host that pywinrm's `SELECT * FROM Win32_ShadowCopy` shows, sorted; undefined without pywinrm. */
export async function shadowsByPywinrm(
  t: TestContext,
  { url, user, password }: ReachedHost,
): Promise<readonly string[] | undefined> {
  const python = pythonWith(t, 'winrm');
  if (python === undefined) return undefined;
  const asked = promisify(execFile)(python, ['-c', SCRIPT, `${url}/wsman`, user, password]);
  asked.child.stdin?.end(QUERY);
  const { stdout } = await asked;
  assert.match(stdout, /EndOfSequence/);
  const ids = [...stdout.matchAll(/<p:ID>\{([^}]*)\}<\/p:ID>/g)];
  return ids.map(([, id = '']) => id.toLowerCase()).toSorted();
}

/** Returns the IDs of all shadow copies of a host, sorted. What `vss list` shows must be what pywinrm shows. */
export async function shadowsOnHost(t: TestContext, host: ReachedHost): Promise<readonly string[]> {
  const options = ['vss', 'list', '--host', host.url, '--user', host.user];
  const env = { REFPOINT_PASSWORD: host.password };
  const { shadows } = await refpointJson<{ shadows: readonly { id: string }[] }>(options, { env });
  const listed = shadows.map(({ id }) => id).toSorted();
  const found = await shadowsByPywinrm(t, host);
  if (found !== undefined) assert.deepEqual(found, listed);
  return listed;
}
