import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { collect } from '../../../support/checks/collect.ts';
import { BackupSet } from '../../../../src/engine/lab/vss/backup-set.ts';
import { listShadows } from '../../../../src/engine/vss/wmi/list-shadows.ts';
import { servedLab, type ServedLab } from '../../../support/host/served-lab.ts';
import { createByWmi, deleteByWmi, SHADOW_COPY } from '../../../support/vss/wmi-shadows.ts';

const idsOf = async ({ client }: ServedLab): Promise<readonly string[]> =>
  (await listShadows(client, never)).shadows.map(({ id }) => `{${id.toUpperCase()}}`);

test('Create copies one volume without writers, and Delete removes the copy with its files', async (t) => {
  const served = await servedLab(t);
  const { client, lab } = served;
  const local = lab.paths.toLocal('D:\\Lab\\file.txt') ?? '';
  await mkdir(join(local, '..'), { recursive: true });
  await writeFile(local, 'before');
  const { volumes } = await listShadows(client, never);
  const [c, d] = volumes.map(({ volume }) => volume);
  const first = await createByWmi(client, { Volume: 'D:\\', Context: 'ClientAccessible' });
  const second = await createByWmi(client, { Volume: c });
  assert.deepEqual([first.returnValue, second.returnValue], [0, 0]);
  await writeFile(local, 'after');
  const { shadows } = await listShadows(client, never);
  assert.deepEqual(
    shadows.map((each) => [`{${each.id.toUpperCase()}}`, each.volume, each.noWriters]),
    [
      [first.id, d, true],
      [second.id, c, true],
    ],
  );
  assert.ok(shadows.every(({ clientAccessible, persistent }) => clientAccessible && persistent));
  assert.notEqual(shadows[0]?.set, shadows[1]?.set);
  const frozen = join(lab.folder, 'shadows', 'HarddiskVolumeShadowCopy1', 'Lab', 'file.txt');
  assert.equal(await readFile(frozen, 'utf8'), 'before');
  await deleteByWmi(client, SHADOW_COPY, { ID: String(first.id).toLowerCase() });
  assert.equal(existsSync(frozen), false);
  assert.deepEqual(await idsOf(served), [second.id]);
  const keys = { ID: String(first.id) };
  await assert.rejects(deleteByWmi(client, SHADOW_COPY, keys), { code: 'wsman.fault.notFound' });
  assert.deepEqual(await idsOf(served), [second.id]);
});

const VOLUME = '\\\\?\\Volume{00000000-0000-0000-0000-100000000000}\\';

test('Create answers as documented, and makes nothing if it fails', async (t) => {
  const served = await servedLab(t);
  const { client, lab } = served;
  const returned = async (args: Readonly<Record<string, string | undefined>>): Promise<number> =>
    (await createByWmi(client, args)).returnValue;
  for (const Volume of [undefined, '', 'C', 'C:', 'C:\\a|b\\', '\\\\fs\\vms\\', `${VOLUME}x`]) {
    assert.equal(await returned({ Volume }), 2, Volume);
  }
  assert.equal(await returned({ Volume: 'E:\\' }), 3);
  assert.equal(await returned({ Volume: VOLUME }), 3);
  for (const Context of ['', 'AppRollback', 'ClientAccessible ']) {
    assert.equal(await returned({ Volume: 'C:\\', Context }), 5, Context);
  }
  const failures = [
    ['open:0x80070005', 1],
    ['addVolume:0x8004230C', 4],
    ['create:0x8004231F', 6],
    ['create:0x80042317', 8],
    ['begin:0x80042316', 9],
    ['create:0x80042306', 10],
    ['create:0x80042302', 13],
  ] as const;
  for (const [value, expected] of failures) {
    lab.faults.set('vss.step', value, 1);
    assert.equal(await returned({ Volume: 'C:\\' }), expected, value);
  }
  const other = await BackupSet.open(lab, { persistent: false }, never);
  await other.identify(never);
  await other.start(never);
  assert.equal(await returned({ Volume: 'C:\\' }), 9);
  await other.release();
  assert.deepEqual(await idsOf(served), []);
  assert.equal(await returned({ Volume: 'c:\\', Context: undefined }), 0);
  assert.equal((await idsOf(served)).length, 1);
});

test('other calls and other classes are refused', async (t) => {
  const served = await servedLab(t);
  const { client } = served;
  const strange = createByWmi(client, { Volume: 'C:\\', Colour: 'red' });
  await assert.rejects(strange, { code: 'wsman.fault.schema' });
  const [volume] = await collect(
    client.query({ namespace: 'root/cimv2', wql: 'SELECT * FROM Win32_Volume' }, never),
  );
  const name = volume?.properties.get('DeviceID');
  assert.ok(typeof name === 'string');
  const keys = { DeviceID: name };
  const refused = { code: 'wsman.fault.notSupported' };
  await assert.rejects(deleteByWmi(client, 'Win32_Volume', keys), refused);
  await assert.rejects(deleteByWmi(client, SHADOW_COPY, {}), { code: /^wsman\.fault\./ });
  const target = { namespace: 'root/cimv2', className: SHADOW_COPY, keys: {} };
  const revert = { target, method: 'Revert', args: {}, repeatable: false };
  await assert.rejects(client.invoke(revert, never), refused);
  assert.deepEqual(await idsOf(served), []);
});
