import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { never } from '../../src/engine/base/abort.ts';
import { parseGuid } from '../../src/engine/base/guid.ts';
import { noLog } from '../../src/engine/base/log.ts';
import { DirectoryStore } from '../../src/engine/backup/store/directory/directory-store.ts';
import { connectTarget } from '../../src/engine/hosts/connect-target.ts';
import { afterwards } from '../support/checks/afterwards.ts';
import { temporaryFolder } from '../support/files/temporary-folder.ts';
import { ALL_CASES } from '../support/process/all-cases.ts';
import {
  assertGoesOn,
  assertVerified,
  cutsOf,
  killAt,
  nameOf,
  type Cut,
  type KillStage,
} from '../support/vss/kill-table.ts';
import { hostLab } from '../support/windows/host-lab.ts';

/** Steps of vssapi.dll that are held while the command is killed. */
const STEPS = [
  'open',
  'identify',
  'begin',
  'addVolume',
  'prepare',
  'create',
  'report',
  'complete',
].map((step): Cut => ({ step }));
/** Without all cases, every N-th of one version and every N-th other one of the other version. */
const NTH = 20;
const MIB = 2 ** 20;

async function startStage(
  t: TestContext,
  hostVersion: '2012r2' | '2022',
): Promise<KillStage | undefined> {
  const lab = await hostLab(t, ['--host-version', hostVersion]);
  if (lab === undefined) return undefined;
  const vms = [];
  for (const name of ['one', "d'b {0}"]) {
    const disks = [{ size: 8 * MIB }, { size: 8 * MIB }];
    const { id } = await lab.ask('add-vm', { name, disks, drives: ['C', 'D'] });
    vms.push({ id: parseGuid(id), name });
  }
  const host = connectTarget(lab.target, noLog);
  afterwards(t, () => host.close());
  const folder = join(await temporaryFolder(t), 'store');
  const store = await DirectoryStore.open(folder, { create: true }, never);
  const quiet = async (): Promise<void> => {
    while ((await lab.ask('vssapi-record', {})).open > 0) await pause(20);
  };
  // Our own requestor makes no folder on the host.
  const folders = async (): Promise<readonly string[]> => [];
  return { lab, host, store, vms, pathMap: [], command: lab.command, folders, quiet };
}

for (const [nth, hostVersion] of (['2012r2', '2022'] as const).entries()) {
  test(`killed anywhere on a ${hostVersion} host, our own requestor leaves no shadow copy, and every foreign one`, async (t) => {
    const stage = await startStage(t, hostVersion);
    if (stage === undefined) return;
    const { lab } = stage;
    const all = [...STEPS, ...(await cutsOf(stage))];
    const cuts = all.filter((_, i) => ALL_CASES || i % NTH === (nth * NTH) / 2);
    const foreign = [(await lab.ask('shadow-create', {})).id];
    for (const [i, cut] of cuts.entries()) {
      await t.test(nameOf(cut), async () => {
        await killAt(stage, cut);
        await assertGoesOn(stage, foreign, i % 2 === 0 ? 'cleaned' : 'at once', nameOf(cut));
      });
    }
    await assertVerified(stage);
    const { refused, left } = await lab.ask('vssapi-record', {});
    assert.deepEqual({ refused, left }, { refused: [], left: 0 });
  });
}
