import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../src/engine/base/abort.ts';
import { noProgress } from '../../../src/engine/base/progress.ts';
import { askLab } from '../../../src/engine/lab/control/lab-client.ts';
import { labOwner, lockLab, type LabLock } from '../../../src/engine/lab/lab-lock.ts';
import { afterwards } from '../../support/checks/afterwards.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';

const left = (owner: object): string => JSON.stringify(owner);

async function listening(): Promise<net.Server> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const portOf = (server: net.Server): number => (server.address() as AddressInfo).port;

test('of many that want a lab at once exactly one gets it, also where a dead one left its lock', async (t) => {
  const folder = await temporaryFolder(t);
  for (const before of [undefined, left({ pid: 2 ** 30, controlPort: 0, token: 'old' }), '', '{']) {
    if (before !== undefined) await writeFile(join(folder, 'lab.lock'), before);
    const tries = await Promise.allSettled(Array.from({ length: 12 }, () => lockLab(folder)));
    const won = tries.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    assert.equal(won.length, 1, `lock left: ${before}`);
    for (const each of tries) {
      if (each.status === 'rejected')
        assert.equal((each.reason as { code: string }).code, 'lab.locked');
    }
    await won[0]?.release();
    assert.deepEqual(await readdir(folder), []);
  }
});

test('a process id that another program got since does not hold a lab that nobody serves', async (t) => {
  const folder = await temporaryFolder(t);
  const server = await listening();
  afterwards(t, () => server.close());
  const port = portOf(server);
  await writeFile(
    join(folder, 'lab.lock'),
    left({ pid: process.pid, controlPort: port, token: 'x' }),
  );
  assert.equal((await labOwner(folder))?.controlPort, port);
  await assert.rejects(lockLab(folder), { code: 'lab.locked' });
  await new Promise((resolve) => server.close(resolve));
  assert.equal(await labOwner(folder), undefined);
  await (await lockLab(folder)).release();
});

test('the token is for the owner of the file only, and a lock that another took over is not removed', async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'lab.lock');
  const lock: LabLock = await lockLab(folder);
  const server = await listening();
  afterwards(t, () => server.close());
  await lock.tell(portOf(server), 'secret');
  assert.equal((await labOwner(folder))?.token, 'secret');
  if (process.platform !== 'win32') assert.equal((await stat(file)).mode & 0o777, 0o600);
  const other = left({ pid: 1, controlPort: 0, token: 'of another' });
  await writeFile(file, other);
  await lock.release();
  assert.equal(await readFile(file, 'utf8'), other);
});

test('commands to a lab that nobody serves take turns', async (t) => {
  const folder = join(await temporaryFolder(t), 'lab');
  const names = ['a', 'b', 'c', 'd'];
  const add = (name: string): Promise<unknown> =>
    askLab(folder, 'add-vm', { name, disks: [{ size: 2 ** 21 }] }, noProgress, never);
  await Promise.all(names.map(add));
  const vms = await askLab(folder, 'list', {}, noProgress, never);
  assert.deepEqual(vms.map(({ name }) => name).sort(), names);
});

test('names that every object has are neither operations nor faults', async (t) => {
  const folder = join(await temporaryFolder(t), 'lab');
  await askLab(folder, 'add-vm', { name: 'web', disks: [] }, noProgress, never);
  const params = { name: 'toString', value: null, times: null };
  await assert.rejects(askLab(folder, 'fault-set', params, noProgress, never), {
    code: 'lab.fault.unknown',
  });
  await assert.rejects(askLab(folder, 'constructor' as 'list', {}, noProgress, never), {
    code: 'lab.argument',
  });
});
