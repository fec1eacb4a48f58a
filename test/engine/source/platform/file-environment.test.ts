import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { retryBusy } from '../../../../src/engine/source/platform/file-environment.ts';
import { fileError } from '../../../../src/engine/source/platform/file-errors.ts';
import { faultyFiles } from '../../../support/files/faulty-files.ts';

const system = (code: string): Error => Object.assign(new Error(code), { code });

test('patience ends at the first error that is not about being in use', async () => {
  const environment = faultyFiles({ windows: true, fail: () => undefined });
  const errors = [system('EBUSY'), fileError(system('EACCES'), 'open', 'x'), system('ENOSPC')];
  let calls = 0;
  const task = (): Promise<never> => Promise.reject(errors[calls++]);
  await assert.rejects(retryBusy(task, environment, never), /ENOSPC/);
  assert.equal(calls, 3);
  assert.equal(environment.waits.length, 2);
});

test('what succeeds is not done twice', async () => {
  const environment = faultyFiles({ windows: true, fail: () => undefined });
  let calls = 0;
  assert.equal(await retryBusy(() => Promise.resolve(++calls), environment, never), 1);
});
