import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { backUpSet, powershellOr, SMALL, startVssLab } from '../../support/vss/vss-lab.ts';
import { openTestStore } from '../../support/backup/backup-lab.ts';

test('vss tries', async (t) => {
  const powershell = powershellOr(t);
  if (powershell === undefined) return;
  const lab = await startVssLab(t, powershell, ['one', 'two', 'three'], { hostVersion: '2012r2' });
  const store = await openTestStore(lab);
  const log = (r: { message: string }) => console.log(r.message);
  const began = Date.now();
  const result = await backUpSet(lab, store, lab.vms, { log: log as never });
  console.log(
    Date.now() - began,
    result.set,
    result.failed,
    result.points.map((p) => [
      p.manifest.id,
      p.manifest.warnings,
      p.unfinished,
      p.manifest.configFiles,
    ]),
  );
  console.log(
    await lab.ask('shadow-list', {}),
    await readdir(join(lab.folder, 'lab', 'windows', 'ProgramData')),
  );
});
