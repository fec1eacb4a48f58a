import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { parseGuid, type Guid } from '../../../../src/engine/base/guid.ts';
import {
  requireComponents,
  requireShadows,
} from '../../../../src/engine/vss/diskshadow/read-set.ts';
import { readDiskshadowLog } from '../../../../src/engine/vss/diskshadow/read-log.ts';
import { makeScript, removeScript } from '../../../../src/engine/vss/diskshadow/set-scripts.ts';
import { listShadows } from '../../../../src/engine/vss/wmi/list-shadows.ts';
import type { LabLanguage } from '../../../../src/engine/lab/texts/languages.ts';
import { startBackupLab, type BackupLab } from '../../../support/backup/backup-lab.ts';

/** A lab with one VM on both drives, and the names of its volumes. */
async function labOf(
  t: TestContext,
  language: LabLanguage = 'en-US',
): Promise<{ lab: BackupLab; volumes: readonly string[]; vm: Guid }> {
  const lab = await startBackupLab(t, { settings: { language } });
  const disks = [{ size: 2 ** 22 }, { size: 2 ** 22 }];
  const { id } = await lab.ask('add-vm', { name: 'one', disks, drives: ['C', 'D'] });
  const { volumes } = await listShadows(lab.client, never);
  return { lab, volumes: volumes.map(({ volume }) => volume), vm: parseGuid(id) };
}

/** The script without its mounts, for which it needs the job's folder. */
const withoutMounts = (lines: readonly string[]): string =>
  `${lines.filter((line) => !/^(?:expose|set metadata)/.test(line)).join('\r\n')}\r\n`;

async function make(lab: BackupLab, volumes: readonly string[], vms: readonly Guid[] = []) {
  const script = withoutMounts(makeScript(volumes));
  const { output, code } = await lab.ask('diskshadow', { script });
  const log = readDiskshadowLog(Buffer.from(output), 'log');
  const made = requireShadows({ exitCode: code }, log, volumes);
  requireComponents(log, vms);
  return made;
}

for (const language of ['en-US', 'de-DE', 'ja-JP'] as const) {
  test(`the script makes a copy of every volume, and its output is read in ${language}`, async (t) => {
    const { lab, volumes, vm } = await labOf(t, language);
    const foreign = await lab.ask('shadow-create', {});
    const { id, shadows } = await make(lab, volumes, [vm]);
    const listed = await lab.ask('shadow-list', {});
    assert.deepEqual(
      shadows.map((each) => [each.id, each.set, each.volume]),
      listed.filter(({ set }) => set === id).map((each, at) => [each.id, id, volumes[at]]),
    );
    assert.equal(shadows.length, 2);
    const script = `${removeScript(id).join('\r\n')}\r\n`;
    assert.equal((await lab.ask('diskshadow', { script })).code, 0);
    assert.deepEqual(
      (await lab.ask('shadow-list', {})).map((each) => each.id),
      [foreign.id],
    );
  });
}

test('a VM that the writer leaves out is named, in each language', async (t) => {
  for (const language of ['en-US', 'de-DE', 'ja-JP'] as const) {
    const { lab, volumes, vm } = await labOf(t, language);
    const { id } = await lab.ask('add-vm', { name: 'two', disks: [{ size: 2 ** 22 }] });
    await lab.fault('vss.leftOut', 'two');
    const all = [vm, parseGuid(id)];
    const expected = { code: 'vss.component', data: { step: 'create', vms: [id] } };
    await assert.rejects(make(lab, volumes, all), expected, language);
    // A disk on a volume that is not in the set.
    await lab.clearFaults();
    const [c = ''] = volumes;
    await assert.rejects(make(lab, [c], all), { data: { step: 'create', vms: [vm] } }, language);
  }
});

test('the script names volumes by GUID alone, and only what diskshadow documents', () => {
  const volume = '\\\\?\\Volume{711fc68a-0000-0000-0000-100000000000}\\';
  const lines = makeScript([volume]);
  assert.ok(lines.every((line) => !/\bexec\b|[a-z]:\\|\\\\(?!\?)/i.test(line)));
  assert.ok(lines.indexOf('end backup') > lines.indexOf('create'));
  for (const name of [
    'D:\\',
    'C:\\Lab',
    '\\\\hv01\\vms',
    `${volume}\r\nexec x`,
    `${volume} alias path`,
  ]) {
    assert.throws(() => makeScript([name]), { code: 'vss.volume' });
  }
});

const FAILURES = [
  ['0x800423F3', 'vss.busy'],
  ['0x800423F2', 'vss.busy'],
  ['0x80042316', 'vss.busy'],
  ['0x800423F4', 'vss.writer'],
  ['0x800423F0', 'vss.writer'],
  ['0x800423F1', 'vss.writer'],
  ['0x80042306', 'vss.storage'],
  ['0x80042317', 'vss.storage'],
  ['0x8004231F', 'vss.storage'],
  ['0x80042308', 'vss.volume'],
  ['0x8004230C', 'vss.volume'],
  ['0x80042301', 'vss.failed'],
  ['0x80070005', 'vss.denied'],
] as const;

test('each failure of each step of VSS, and of each event of the writer, has its code', async (t) => {
  const { lab, volumes } = await labOf(t);
  const steps = ['open', 'identify', 'begin', 'addVolume', 'prepare', 'create'];
  const events = ['identify', 'prepareBackup', 'prepareSnapshot', 'freeze', 'thaw', 'postSnapshot'];
  const places = [
    ...steps.map((name) => ['vss.step', name] as const),
    ...events.map((name) => ['vss.writer', name] as const),
  ];
  for (const [fault, name] of places) {
    for (const [hresult, code] of FAILURES) {
      await lab.fault(fault, `${name}:${hresult}`, 1);
      await assert.rejects(make(lab, volumes), { code }, `${name} ${hresult}`);
      assert.deepEqual(await lab.ask('shadow-list', {}), [], `${name} ${hresult}`);
    }
  }
});

test('copies without writers, and output that ends early, are failures', async (t) => {
  const { lab, volumes } = await labOf(t);
  await lab.fault('vss.noWriters', undefined, 1);
  await assert.rejects(make(lab, volumes), { code: 'vss.writer' });
  for (const length of [300, 700, 1200, 2200]) {
    await lab.fault('vss.cut', length, 1);
    await assert.rejects(
      make(lab, volumes),
      { code: /^vss\.(?:diskshadow|writer|log)$/ },
      `${length}`,
    );
  }
  await lab.fault('vss.inProgress', undefined, 1);
  await assert.rejects(make(lab, volumes), { code: 'vss.busy' });
});
