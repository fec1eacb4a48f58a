import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SetPlanDocument } from '../../../../src/engine/api/vss.ts';
import { startBackupLab } from '../../../support/backup/backup-lab.ts';
import { runCli } from '../../../support/process/cli-io.ts';

const MIB = 2 ** 20;

test('the plan of a set that would not be made ends with 1, and names what prevents it', async (t) => {
  const lab = await startBackupLab(t);
  for (const name of ['web', 'mail']) await lab.ask('add-vm', { name, disks: [{ size: 4 * MIB }] });
  const { env, options } = lab.command;
  const plan = async (...more: readonly string[]): Promise<[number, readonly string[]]> => {
    const words = ['backup', 'web', '--method', 'vss', '--store', `${lab.folder}/store`, '--plan'];
    const { status, out } = await runCli([...words, '--json', ...options, ...more], { env });
    const { problems } = JSON.parse(out) as SetPlanDocument;
    return [status, problems.map(({ code }) => code)];
  };
  assert.deepEqual(await plan(), [1, ['vss.others', 'path.unmapped']]);
  assert.deepEqual(await plan('--allow-others'), [1, ['path.unmapped']]);
  const copies = ['--path-map', `C:\\ProgramData=${lab.folder}`];
  assert.deepEqual(await plan('--allow-others', ...copies), [0, []]);
});
