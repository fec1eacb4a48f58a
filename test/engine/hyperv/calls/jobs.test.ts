import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { EngineError } from '../../../../src/engine/base/errors.ts';
import { finishCall, type FinishedJob } from '../../../../src/engine/hyperv/calls/jobs.ts';
import { WmiRecord } from '../../../../src/engine/hyperv/wmi-record.ts';
import type { CallResult } from '../../../../src/engine/hyperv/calls/invoke.ts';
import type { CimClient, Invocation, InvokeResult } from '../../../../src/engine/cim/client.ts';
import { CimError } from '../../../../src/engine/cim/cim-errors.ts';
import { cimInstance, type CimValue } from '../../../../src/engine/cim/model.ts';

const JOB = { className: 'Msvm_ConcreteJob', keys: { InstanceID: 'J' } };

type Look = Readonly<Record<string, CimValue>> | Error;

/** A host whose job shows itself as in `looks`, one after the other, and in queries as `listed`. */
function hostOf(
  looks: readonly Look[],
  listed: readonly Look[] = [],
): { client: CimClient; invoked: string[] } {
  const invoked: string[] = [];
  let next = 0;
  const client = {
    get: async () => {
      const look = looks[Math.min(next++, looks.length - 1)] ?? {};
      if (look instanceof Error) throw look;
      return cimInstance('Msvm_ConcreteJob', look);
    },
    query: async function* () {
      for (const look of listed) {
        yield cimInstance('Msvm_ConcreteJob', look as Readonly<Record<string, CimValue>>);
      }
    },
    invoke: async ({ method }: Invocation): Promise<InvokeResult> => {
      invoked.push(method);
      const text =
        '<INSTANCE CLASSNAME="Msvm_Error"><PROPERTY NAME="Message" TYPE="string"><VALUE>Details</VALUE></PROPERTY></INSTANCE>';
      return { returnValue: 0, out: new Map([['Errors', text]]) };
    },
  };
  return { client: client as unknown as CimClient, invoked };
}

const started: CallResult = {
  returnValue: 4096,
  out: new WmiRecord(cimInstance('CreateSnapshot', { Job: JOB })),
};

function finish(looks: readonly Look[], signal = never): Promise<FinishedJob | undefined> {
  return finishCall(hostOf(looks).client, 'CreateSnapshot', started, signal);
}

const state = (number: number, more: Readonly<Record<string, CimValue>> = {}): Look => ({
  JobState: String(number),
  ErrorCode: '0',
  ...more,
});

for (const [number, name] of [
  [2, 'New'],
  [3, 'Starting'],
  [4, 'Running'],
  [5, 'Suspended'],
  [6, 'Shutting Down'],
  [11, 'Service'],
  [12, 'Query Pending'],
] as const) {
  test(`a job in the state ${name} is waited for`, async () => {
    const job = await finish([state(number), state(number), state(7)]);
    assert.deepEqual(job, { reference: JOB, warnings: [] });
  });
}

for (const [number, name] of [
  [8, 'Terminated'],
  [9, 'Killed'],
  [10, 'Exception'],
  [13, 'a state that no document knows'],
] as const) {
  test(`a job in the state ${name} has failed, with code and text of the host`, async () => {
    const looks = [state(4), state(number, { ErrorCode: '32768', ErrorDescription: 'Kaputt.' })];
    await assert.rejects(finish(looks), (error) => {
      assert.ok(error instanceof EngineError);
      assert.equal(error.code, 'host.job.failed');
      assert.equal(error.data['code'], 32768);
      assert.equal(error.data['state'], number);
      assert.match(
        error.message,
        /^CreateSnapshot failed on the host \(32768\)\. The host says: Kaputt\.$/,
      );
      return true;
    });
  });
}

test('completed with an error code is no success', async () => {
  await assert.rejects(finish([state(7, { ErrorCode: '32775' })]), { code: 'host.busy' });
});

test('without a text in the job its extended errors are told', async () => {
  await assert.rejects(finish([state(10, { ErrorCode: '32779', ErrorDescription: ' ' })]), {
    message:
      'CreateSnapshot failed on the host (32779): file not found or in use. The host says: Details',
  });
});

test('completed with warnings is a success that tells them', async () => {
  assert.deepEqual(await finish([state(32768)]), { reference: JOB, warnings: ['Details'] });
});

test('a job that vanished may have succeeded or not, and that is said', async () => {
  const flags = { permanent: true, userFixable: false, damage: false };
  const gone = new CimError('notFound', 'wsman.fault.notFound', 'no instance', flags);
  await assert.rejects(finish([state(4), gone]), { code: 'host.job.lost' });
});

test('a job that only its query shows has not vanished', async () => {
  const flags = { permanent: true, userFixable: false, damage: false };
  const gone = new CimError('notFound', 'wsman.fault.notFound', 'no instance', flags);
  const { client } = hostOf([state(4), gone], [state(7)]);
  const job = await finishCall(client, 'CreateSnapshot', started, never);
  assert.deepEqual(job, { reference: JOB, warnings: [] });
});

test('a cancelled wait asks the host to end the job', async () => {
  const { client, invoked } = hostOf([state(4)]);
  const abort = new AbortController();
  const waiting = finishCall(client, 'CreateSnapshot', started, abort.signal);
  abort.abort(new Error('enough'));
  await assert.rejects(waiting, { message: 'enough' });
  assert.deepEqual(invoked, ['RequestStateChange']);
});

test('what is done at once has no job; other return values are told by name', async () => {
  const { client } = hostOf([]);
  const call = (returnValue: number) =>
    finishCall(client, 'M', { returnValue, out: new WmiRecord(cimInstance('M', {})) }, never);
  assert.equal(await call(0), undefined);
  await assert.rejects(call(32775), { code: 'host.busy' });
  await assert.rejects(call(32769), { code: 'host.rights', userFixable: true });
  await assert.rejects(call(32773), { code: 'host.method', message: /invalid parameter/ });
  await assert.rejects(call(4096), { code: 'host.value' });
});
