import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import { refpoint, refpointJson, startLabProcess } from '../../support/process/command.ts';
import { shadowsOnHost } from '../../support/vss/shadows-on-host.ts';

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

    const password = lab.env['REFPOINT_PASSWORD'] ?? '';
    const host = { url: lab.http, user: 'Administrator', password };
    assert.deepEqual(await shadowsOnHost(t, host), [made?.id]);
    await refpointJson(['lab', 'shadow', '--remove', made?.id ?? '', ...on]);
    assert.equal(existsSync(frozen), false);
    assert.deepEqual((await list()).shadows, []);
    const again = await refpoint(['lab', 'shadow', '--remove', made?.id ?? '', ...on]);
    assert.match(again.stderr, /has no shadow copy/);
  } finally {
    await lab.stop();
  }
});
