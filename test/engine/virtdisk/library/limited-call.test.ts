import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import { limitedCall } from '../../../../src/engine/virtdisk/library/limited-call.ts';

const CALL = { name: 'OpenVirtualDisk', path: 'C:\\VMs\\web.vhdx' };

/** A call that ends when the test says so, and the results that came too late. */
function slowCall() {
  const { promise, resolve } = Promise.withResolvers<number>();
  const late: number[] = [];
  const keep = async (result: number): Promise<void> => void late.push(result);
  return { begin: () => promise, end: resolve, late, keep };
}

test('a call that hangs is left at its time limit, and its handle is closed when it ends after all', async () => {
  const { begin, end, late, keep } = slowCall();
  await assert.rejects(limitedCall(CALL, begin, keep, never, 20), (error: unknown) => {
    assert.ok(isEngineError(error, 'virtdisk.timedOut'));
    assert.match(error.message, /OpenVirtualDisk .* within 0\.02 s for C:\\VMs\\web\.vhdx/);
    assert.deepEqual(error.data, { call: 'OpenVirtualDisk', path: CALL.path });
    return true;
  });
  assert.deepEqual(late, []);
  end(0);
  await new Promise(setImmediate);
  assert.deepEqual(late, [0]);
});

test('a cancelled call ends with the reason of its caller', async () => {
  const { begin, end, late, keep } = slowCall();
  const stop = new AbortController();
  const call = limitedCall(CALL, begin, keep, stop.signal, 60_000);
  stop.abort(new Error('cancelled'));
  await assert.rejects(call, /cancelled/);
  end(5);
  await new Promise(setImmediate);
  assert.deepEqual(late, [5]);
});
