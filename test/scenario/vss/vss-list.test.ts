import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import { refpoint, refpointJson, startLabProcess } from '../../support/process/command.ts';
import { pythonWith } from '../../support/process/peers.ts';

const SCRIPT = `
import sys, winrm
from winrm.protocol import Protocol
url, user, password = sys.argv[1:4]
query = sys.stdin.read()
protocol = Protocol(endpoint=url, transport='plaintext', username=user, password=password)
print(protocol.send_message(query).decode('utf-8'))
`;

const QUERY = `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration"><s:Header>
<a:To>http://x/wsman</a:To><a:ReplyTo><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo><a:MessageID>uuid:1</a:MessageID>
<w:ResourceURI>http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/*</w:ResourceURI><a:Action>http://schemas.xmlsoap.org/ws/2004/09/enumeration/Enumerate</a:Action></s:Header>
<s:Body><n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>50</w:MaxElements><w:Filter Dialect="http://schemas.microsoft.com/wbem/wsman/1/WQL">SELECT * FROM Win32_ShadowCopy</w:Filter></n:Enumerate></s:Body></s:Envelope>`;

interface Listed {
  readonly shadows: readonly {
    readonly id: string;
    readonly volume: string;
    readonly device: string;
    readonly noWriters: boolean;
    readonly created: string;
  }[];
  readonly volumes: readonly { readonly volume: string; readonly name: string }[];
}

test('vss list shows the shadow copies of a host, whose files stay as they were', async (t) => {
  const dir = await temporaryFolder(t);
  const lab = await startLabProcess(dir, ['--job-delay', '0', '--auth', 'basic']);
  try {
    const on = ['--dir', dir];
    const list = (): Promise<Listed> =>
      refpointJson(['vss', 'list', ...lab.hostOptions], { env: lab.env });
    assert.deepEqual((await list()).shadows, []);
    const file = join(dir, 'host', 'file.txt');
    await mkdir(join(dir, 'host'), { recursive: true });
    await writeFile(file, 'before');
    const [made] = await refpointJson<{ id: string; number: number }[]>([
      ...['lab', 'shadow', '--create'],
      ...on,
    ]);
    await writeFile(file, 'after');
    const frozen = join(
      ...[dir, 'shadows', `HarddiskVolumeShadowCopy${made?.number}`, 'Lab', 'file.txt'],
    );
    assert.equal(await readFile(frozen, 'utf8'), 'before');
    const { shadows, volumes } = await list();
    const [shadow] = shadows;
    assert.equal(shadows.length, 1);
    assert.equal(shadow?.id, made?.id);
    assert.equal(shadow?.noWriters, true);
    assert.equal(shadow?.device, '\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy1');
    assert.ok(Math.abs(Date.parse(shadow.created) - Date.now()) < 600_000, shadow.created);
    assert.deepEqual(
      volumes.map(({ volume, name }) => [volume === shadow.volume, name]),
      [
        [true, 'C:\\'],
        [false, 'D:\\'],
      ],
    );
    const text = await refpoint(['vss', 'list', ...lab.hostOptions], { env: lab.env });
    assert.match(text.stdout, /C:\\\s+no\s+/, text.stdout);
    for (const line of text.stdout.split('\n')) assert.ok(line.length <= 80, line);

    const python = pythonWith(t, 'winrm');
    if (python !== undefined) {
      const asked = promisify(execFile)(python, [
        ...['-c', SCRIPT, `${lab.http}/wsman`, 'Administrator'],
        lab.env['REFPOINT_PASSWORD'] ?? '',
      ]);
      asked.child.stdin?.end(QUERY);
      const { stdout } = await asked;
      assert.equal(stdout.split(`<p:ID>{${made?.id.toUpperCase()}}</p:ID>`).length, 2, stdout);
    }
    await refpointJson(['lab', 'shadow', '--remove', made?.id ?? '', ...on]);
    assert.equal(existsSync(frozen), false);
    assert.deepEqual((await list()).shadows, []);
    const again = await refpoint(['lab', 'shadow', '--remove', made?.id ?? '', ...on]);
    assert.match(again.stderr, /has no shadow copy/);
  } finally {
    await lab.stop();
  }
});
