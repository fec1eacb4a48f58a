import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { HostTarget } from '../../../src/engine/api/host.ts';
import { openTestStore } from '../../support/backup/backup-lab.ts';
import { ALL_CASES } from '../../support/process/all-cases.ts';
import {
  assertGoesOn,
  assertVerified,
  cutsOf,
  killAt,
  nameOf,
  type Cut,
  type KillStage,
} from '../../support/vss/kill-table.ts';
import { shadowsOnHost } from '../../support/vss/shadows-on-host.ts';
import { powershellOr, startVssLab } from '../../support/vss/vss-lab.ts';

/** Steps of the scripts of diskshadow that are held while the command is killed. */
const STEPS = ['open', 'identify', 'begin', 'addVolume', 'prepare', 'create', 'complete']
  .concat(['expose', 'delete'])
  .map((step): Cut => ({ step }));
/** Without all cases, every N-th step or edge and every N-th exchange of one version, and others of the other version. */
const NTH_PLACE = 14;
const NTH_EXCHANGE = 40;
/** A host has at most 30 shells of a user, and keeps those of killed clients. */
const PER_LAB = 12;

/** A set of another program, of the same volumes and with writers: only our records tell it from ours. */
const otherSet = (volumes: readonly { readonly name: string }[]): string =>
  [
    'set context persistent',
    'begin backup',
    ...volumes.map(({ name }, at) => `add volume ${name} alias OTHER${at}`),
    'create',
    'end backup',
    'exit',
    '',
  ].join('\r\n');

const execute = promisify(execFile);

const sample = (cuts: readonly Cut[], every: number, nth: number): readonly Cut[] =>
  cuts.filter((_, i) => ALL_CASES || i % every === (nth * every) / 2);

async function startStage(
  t: TestContext,
  powershell: string,
  hostVersion: '2012r2' | '2022',
): Promise<KillStage & { readonly target: HostTarget }> {
  const lab = await startVssLab(t, powershell, ['one', 'two'], { hostVersion });
  const { shadowed: host, vms, command } = lab;
  const folders = (): Promise<string[]> =>
    readdir(join(lab.folder, 'lab', 'windows', 'ProgramData'));
  // The lab runs in this process, and its shells are children of it.
  const running = async (): Promise<string> =>
    (await execute('ps', ['--ppid', String(process.pid), '-o', 'args='])).stdout;
  const quiet = async (): Promise<void> => {
    while ((await running()).includes(powershell)) await pause(50);
  };
  const pathMap = lab.pathMap.filter((each) => each.host.includes('ProgramData'));
  const store = await openTestStore(lab);
  return { target: lab.target, lab, host, store, vms, pathMap, command, folders, quiet };
}

for (const [nth, hostVersion] of (['2012r2', '2022'] as const).entries()) {
  test(`killed anywhere on a ${hostVersion} host, no shadow copy of ours is left, and every foreign one`, async (t) => {
    const powershell = powershellOr(t);
    if (powershell === undefined) return;
    let stage = await startStage(t, powershell, hostVersion);
    const all = [...STEPS, ...(await cutsOf(stage))];
    const exchanges = all.filter((cut) => 'exchange' in cut);
    const places = all.filter((cut) => !('exchange' in cut));
    const cuts = [...sample(places, NTH_PLACE, nth), ...sample(exchanges, NTH_EXCHANGE, nth)];
    for (const [i, cut] of cuts.entries()) {
      if (i > 0 && i % PER_LAB === 0) stage = await startStage(t, powershell, hostVersion);
      await t.test(nameOf(cut), async () => {
        const { lab } = stage;
        if (i % PER_LAB === 0) {
          await lab.ask('shadow-create', {});
          const script = otherSet(await lab.ask('volume-list', {}));
          await lab.ask('diskshadow', { script });
        }
        const foreign = (await lab.ask('shadow-list', {})).map(({ id }) => id);
        await killAt(stage, cut);
        await assertGoesOn(stage, foreign, i % 2 === 0 ? 'cleaned' : 'at once', nameOf(cut));
      });
      if (i % PER_LAB === PER_LAB - 1 || i === cuts.length - 1) await assertVerified(stage);
      if (i === cuts.length - 1) {
        const foreign = (await stage.lab.ask('shadow-list', {})).map(({ id }) => id);
        assert.deepEqual(await shadowsOnHost(t, stage.target), foreign.toSorted());
      }
    }
  });
}
