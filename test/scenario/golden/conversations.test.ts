import { test, type TestContext } from 'node:test';
import { never } from '../../../src/engine/base/abort.ts';
import { connectTarget } from '../../../src/engine/hosts/connect-target.ts';
import type { HypervBackupHost } from '../../../src/engine/hosts/hyperv-backup-host.ts';
import {
  backup,
  openTestStore,
  pattern,
  startBackupLab,
  type BackupLab,
} from '../../support/backup/backup-lab.ts';
import { backedUpVm, importInto, importOptions } from '../../support/backup/import-lab.ts';
import { filledVm, over, overOptions, turnOff, undo } from '../../support/backup/over-lab.ts';
import { assertGolden } from '../../support/golden/golden-file.ts';
import { Transcript } from '../../support/golden/transcript.ts';

const MIB = 2 ** 20;

/** A lab with a VM of two disks, and a client whose exchanges are kept. */
async function recorded(
  t: TestContext,
): Promise<{ lab: BackupLab; host: HypervBackupHost; transcript: Transcript }> {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 16 * MIB }, { size: 32 * MIB }] });
  await lab.write('vm', 0, MIB, pattern(MIB, 1));
  const transcript = new Transcript();
  // One exchange for each request: a login of several legs would stand between them.
  const host = connectTarget({ ...lab.target, authentication: 'basic' }, transcript.log);
  t.after(() => host.close());
  return { lab, host, transcript };
}

test('connecting says what it always said', async (t) => {
  const { host, transcript } = await recorded(t);
  await host.test(never);
  assertGolden('wsman/connect.txt', transcript.whole());
});

test('an inventory asks what it always asked', async (t) => {
  const { host, transcript } = await recorded(t);
  await host.listVms(never);
  transcript.mark('one VM');
  await host.findVm('vm', never);
  assertGolden('wsman/inventory.txt', transcript.whole());
});

test('a full and an incremental backup ask what they always asked, in this order', async (t) => {
  const { lab, host, transcript } = await recorded(t);
  const store = await openTestStore(lab);
  for (const kind of ['full', 'incremental'] as const) {
    const onEdge = async (edge: string): Promise<void> => {
      transcript.mark(edge);
      if (edge === 'released') transcript.end();
    };
    await backup({ ...lab, host }, store, 'vm', {}, never, { onEdge });
    assertGolden(`wsman/${kind}.txt`, transcript.brief());
    transcript.begin();
    await lab.write('vm', 1, 3 * MIB, pattern(65_536, 2));
  }
});

test('a restore as a VM asks what it always asked, from a configuration and from settings', async (t) => {
  const { lab, host, transcript } = await recorded(t);
  const store = await openTestStore(lab);
  await lab.ask('remove-vm', { vm: 'vm' });
  for (const configured of [true, false]) {
    const name = configured ? 'web' : 'app';
    const vm = await backedUpVm(lab, store, name, { configured });
    transcript.begin();
    const hostFolder = `C:\\Lab\\Restored\\${name}`;
    const options = importOptions(lab, vm, { hostFolder, connect: true, start: true });
    const onEdge = async (edge: string): Promise<void> => transcript.mark(edge);
    await importInto({ ...lab, host }, store, options, { onEdge });
    transcript.end();
    assertGolden(
      `wsman/restore-${configured ? 'configuration' : 'settings'}.txt`,
      transcript.brief(),
    );
  }
});

test('a restore over the disks of a VM and its undo ask what they always asked', async (t) => {
  const { lab, host, transcript } = await recorded(t);
  const store = await openTestStore(lab);
  const vm = await filledVm(lab, store, 'web');
  await lab.write('web', 0, MIB, pattern(65_536, 5));
  await turnOff(lab, 'web');
  transcript.begin();
  const options = overOptions(lab, vm, { point: vm.points[0]?.id ?? '' });
  const deps = { onEdge: async (edge: string): Promise<void> => transcript.mark(edge) };
  await over({ ...lab, host }, store, options, deps);
  await undo({ ...lab, host }, store, options, deps);
  transcript.end();
  assertGolden('wsman/restore-over.txt', transcript.brief());
});
