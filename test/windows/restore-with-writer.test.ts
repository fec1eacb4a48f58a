import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { restoreWithWriter } from '../../src/engine/backup/vss/restore/restore-with-writer.ts';
import { never } from '../../src/engine/base/abort.ts';
import { isEngineError } from '../../src/engine/base/errors.ts';
import { parseGuid } from '../../src/engine/base/guid.ts';
import { noLog } from '../../src/engine/base/log.ts';
import { noProgress } from '../../src/engine/base/progress.ts';
import { DirectoryStore } from '../../src/engine/backup/store/directory/directory-store.ts';
import { temporaryFolder } from '../support/files/temporary-folder.ts';
import { refpoint, refpointJson } from '../support/process/command.ts';
import { hostLab } from '../support/windows/host-lab.ts';

const MIB = 2 ** 20;
const AT = 3 * MIB;
const STEPS = ['staged', 'preRestored', 'placed', 'postRestored'] as const;

/** One of three VMs is restored in its place; the other two run on. */
test('the Hyper-V writer restores one of three VMs, and the others are not touched', async (t) => {
  const lab = await hostLab(t);
  if (lab === undefined) return;
  const ids = new Map<string, string>();
  for (const name of ['web', 'db', 'mail']) {
    const disks = [{ size: 8 * MIB }, { size: 8 * MIB }];
    ids.set(name, (await lab.ask('add-vm', { name, disks, drives: ['C', 'D'] })).id);
  }
  const write = async (byte: number): Promise<void> => {
    const base64 = Buffer.alloc(4096, byte).toString('base64');
    for (const vm of ids.keys()) {
      for (const disk of [0, 1]) await lab.ask('write-bytes', { vm, disk, offset: AT, base64 });
    }
  };
  const hashes = (vm: string): Promise<string[]> =>
    Promise.all([0, 1].map(async (disk) => (await lab.ask('hash', { vm, disk })).hash));
  const folder = join(await temporaryFolder(t), 'store');
  const { options, env } = lab.command;
  await write(1);
  await refpointJson(['backup', '--all', '--method', 'vss', '--store', folder, ...options], {
    env,
  });
  const before = await hashes('web');
  await write(2);
  const others = [await hashes('db'), await hashes('mail')];
  const vm = ids.get('web') ?? '';
  const args = ['restore', '--with-writer', '--vm', vm, '--store', folder, ...options];
  const vms = async (): Promise<string[]> =>
    (await lab.ask('list', {})).map(({ name }) => name).sort();
  const assertOthers = async (): Promise<void> => {
    assert.deepEqual([await hashes('db'), await hashes('mail')], others);
    const left = await vms();
    assert.ok(left.includes('db') && left.includes('mail'));
  };

  await t.test('it needs the ID of the VM, and says first that the VM is deleted', async () => {
    const plan = await refpoint([...args, '--plan'], { env });
    assert.match(plan.stdout, /turns off and deletes the VM “web”/);
    assert.equal((await refpoint(args, { env })).status, 2);
    const wrong = await refpoint([...args, '--confirm', ids.get('db') ?? '', '--json'], { env });
    assert.match(wrong.stdout, /over\.confirm/);
    assert.deepEqual(await vms(), ['db', 'mail', 'web']);
  });

  const store = await DirectoryStore.open(folder, { create: false }, never);
  const restore = (onStep?: () => Promise<void>, only?: string): Promise<unknown> =>
    restoreWithWriter(
      {
        store,
        progress: noProgress,
        log: noLog,
        onStep: async (step) => {
          if (step === only) await onStep?.();
        },
      },
      { vmId: parseGuid(vm), point: 'latest', confirm: vm },
      never,
    );

  for (const step of STEPS) {
    await t.test(`cut after ${step}, the same restore continues`, async () => {
      const cut = new Error('cut');
      const cutting = restore(() => Promise.reject(cut), step);
      const interrupted = await cutting.then(
        () => undefined,
        (error: unknown) => error,
      );
      if (step === 'staged') assert.equal(interrupted, cut);
      else assert.ok(isEngineError(interrupted, 'vss.restore'), String(interrupted));
      await assertOthers();
      await restore();
      assert.deepEqual(await hashes('web'), before);
      await assertOthers();
    });
  }

  for (const [fault, value] of [
    ['vss.step', 'preRestore:0x800423F3'],
    ['vss.writer', 'preRestore:0x800423F4'],
    ['vss.step', 'postRestore:0x80042301'],
    ['vss.writer', 'postRestore:0x800423F4'],
  ] as const) {
    await t.test(`${fault} ${value} is told, and the same restore continues`, async () => {
      await lab.fault(fault, value);
      await assert.rejects(restore(), (error) => isEngineError(error, 'vss.restore'));
      await lab.clearFaults();
      await assertOthers();
      await restore();
      assert.deepEqual(await hashes('web'), before);
    });
  }

  await t.test('the command restores it', async () => {
    await lab.ask('set-state', { vm: 'web', state: 'running' });
    await refpointJson([...args, '--confirm', vm], { env });
    assert.deepEqual(await hashes('web'), before);
    assert.deepEqual(await vms(), ['db', 'mail', 'web']);
    await assertOthers();
    const { refused, left, open } = await lab.ask('vssapi-record', {});
    assert.deepEqual({ refused, left, open }, { refused: [], left: 0, open: 0 });
  });
});
