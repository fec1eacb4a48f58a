import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { askLab } from '../../../../src/engine/lab/control/lab-client.ts';
import { startLab, type LabStart } from '../../../../src/engine/lab/host/lab-host.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const start = (dir: string, more: Partial<LabStart> = {}) =>
  startLab(
    {
      dir,
      httpPort: 0,
      httpsPort: undefined,
      password: 'secret',
      jobDelay: 0,
      settings: {},
      log: () => undefined,
      ...more,
    },
    never,
  );

const share = {
  name: 'Reports',
  hostPath: 'C:\\Lab\\Reports',
  encrypt: true,
  scaleOut: false,
  continuous: false,
};

test('a lab serves files only when asked to, then on the port and with the shares it remembers', async (t) => {
  const dir = await temporaryFolder(t);
  const without = await start(dir);
  assert.equal(without.line.smb, undefined);
  const before = await askLab(dir, 'share-add', share, noProgress, never);
  assert.equal(before.length, 5);
  await without.close();
  const still = await start(dir);
  assert.equal(still.line.smb, undefined, 'shares alone start no server');
  await still.close();
  const first = await start(dir, { smbPort: 0 });
  const { smb } = first.line;
  assert.ok(smb && smb.port > 0);
  const names = smb.shares.map(({ name }) => name);
  assert.deepEqual(names, ['C$', 'VMs', 'Sealed', 'Shared', 'Reports']);
  assert.deepEqual(smb.shares[3], {
    name: 'Shared',
    hostPath: 'C:\\Lab\\Shared',
    encrypt: false,
    scaleOut: true,
    continuous: true,
  });
  await askLab(dir, 'share-remove', { name: 'reports' }, noProgress, never);
  await first.close();
  const second = await start(dir);
  assert.equal(second.line.smb?.port, smb.port);
  assert.equal(second.line.smb.shares.length, 4);
  await second.close();
});

test('shares outside of the host, with wrong names, or that do not exist are refused', async (t) => {
  const dir = await temporaryFolder(t);
  const lab = await start(dir);
  const refused = (error: unknown): boolean => isEngineError(error, 'lab.argument');
  for (const wrong of [
    { hostPath: 'D:\\Other' },
    { hostPath: 'C:\\Windows' },
    { hostPath: 'C:\\Lab\\..\\Windows' },
    { hostPath: '..\\..\\etc' },
    { name: 'a\\b' },
    { name: '' },
    { name: 'ipc$' },
    { name: 'x'.repeat(81) },
  ]) {
    const params = { ...share, ...wrong };
    await assert.rejects(askLab(dir, 'share-add', params, noProgress, never), refused);
  }
  await assert.rejects(askLab(dir, 'share-remove', { name: 'no' }, noProgress, never), refused);
  await lab.close();
});
