import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { delay, never } from '../../src/engine/base/abort.ts';
import { EngineError, isEngineError } from '../../src/engine/base/errors.ts';
import type { Guid } from '../../src/engine/base/guid.ts';
import type { ShadowSet, VssRequestor } from '../../src/engine/vss/requestor.ts';
import { OwnTime } from '../support/process/own-time.ts';

/** A host with two VMs that have files on two volumes, and a requestor for it. */
export interface RequestorStage {
  /** Returns a requestor for a new set. */
  requestor(): VssRequestor | Promise<VssRequestor>;
  readonly vms: readonly Guid[];
  /** `\\?\Volume{GUID}\` of both volumes. */
  readonly volumes: readonly string[];
  /** Sets of the shadow copies that the host has now. */
  sets(): Promise<readonly string[]>;
  /** Makes a shadow copy as another program does, and returns its set. */
  foreign(): Promise<string>;
  /** Writes another byte into the first disk of each VM. */
  write(byte: number): Promise<void>;
  /** Reads the byte that {@link RequestorStage.write} writes, of each VM's first disk in the set. */
  read(set: ShadowSet): Promise<readonly number[]>;
  fault(name: string, value?: string, times?: number): Promise<void>;
  clearFaults(): Promise<void>;
  /** Whether the step that the fault `vss.hold` names has been reached. */
  held(): Promise<boolean>;
  /** Maximum time between an abort and the end of a step, in milliseconds. */
  readonly cancelLimit: number;
}

/** Steps at which a host can fail, an HRESULT, and the code of the error. */
const FAILURES = [
  { fault: 'vss.step', value: 'open:0x80070005', code: 'vss.denied' },
  { fault: 'vss.step', value: 'begin:0x80042316', code: 'vss.busy' },
  { fault: 'vss.step', value: 'addVolume:0x8004230C', code: 'vss.volume' },
  { fault: 'vss.step', value: 'prepare:0x800423F3', code: 'vss.busy' },
  { fault: 'vss.step', value: 'create:0x8004231F', code: 'vss.storage' },
  { fault: 'vss.step', value: 'create:0x80042306', code: 'vss.storage' },
  { fault: 'vss.step', value: 'create:0x800423F4', code: 'vss.writer' },
  { fault: 'vss.step', value: 'complete:0x80042301', code: 'vss.failed' },
  { fault: 'vss.writer', value: 'prepareBackup:0x800423F3', code: 'vss.busy' },
  { fault: 'vss.writer', value: 'freeze:0x800423F2', code: 'vss.busy' },
  { fault: 'vss.writer', value: 'postSnapshot:0x800423F4', code: 'vss.writer' },
  { fault: 'vss.inProgress', value: '', code: 'vss.busy' },
] as const;

/** Steps that can be held. */
const HELD = ['open', 'identify', 'begin', 'addVolume', 'prepare', 'create', 'complete'];

/** Maximum time between an abort and the end of a step by the wall, however busy the machine is, in milliseconds. */
const WALL_LIMIT = 30_000;

/** Number of times that a requestor is closed until the program behind it has ended. */
const CLOSES = 100;

/** Tests that hold for every requestor. A fresh set is made for each; the host stays. */
export async function requestorSuite(t: TestContext, stage: RequestorStage): Promise<void> {
  const foreign = await stage.foreign();

  await t.test('a set has every volume at one instant, and is gone after close', async () => {
    await stage.write(1);
    const requestor = await stage.requestor();
    let told: string | undefined;
    const set = await makeSet(stage, requestor, never, (id) => (told = id));
    await stage.write(2);
    assert.equal(told, set.id);
    assert.deepEqual(
      set.shadows.map(({ volume }) => volume.toLowerCase()).sort(),
      stage.volumes.map((volume) => volume.toLowerCase()).sort(),
    );
    for (const { root, noWriters, set: of } of set.shadows) {
      assert.equal(noWriters, false);
      assert.equal(of, set.id);
      assert.ok(!root.endsWith('\\'));
    }
    assert.deepEqual(await stage.read(set), [1, 1]);
    assert.ok((await stage.sets()).includes(set.id));
    for (const vm of stage.vms) await requestor.report(vm, true, never);
    await requestor.complete(never);
    await requestor.close(never);
    assert.deepEqual(await stage.sets(), [foreign]);
  });

  for (const { fault, value, code } of FAILURES) {
    await t.test(`${fault} ${value} fails with ${code}, and leaves nothing`, async () => {
      await stage.fault(fault, value);
      const failure = await failureOf(stage, never);
      await stage.clearFaults();
      assert.ok(isEngineError(failure, code), String(failure));
      const expected = /0x[0-9A-F]{8}/.exec(value)?.[0];
      const { hresult } = failure.data;
      if (expected !== undefined && hresult !== null) assert.equal(hresult, expected);
      assert.equal(typeof failure.data['step'], 'string');
      assert.deepEqual(await stage.sets(), [foreign]);
    });
  }

  await t.test('a VM that the writer leaves out is named', async () => {
    const [vm = ''] = stage.vms;
    await stage.fault('vss.leftOut', vm);
    const failure = await failureOf(stage, never);
    await stage.clearFaults();
    assert.ok(isEngineError(failure, 'vss.component'), String(failure));
    assert.match(failure.message.toLowerCase(), new RegExp(vm));
    assert.deepEqual(await stage.sets(), [foreign]);
  });

  for (const step of HELD) {
    await t.test(`cancelled at ${step}, it ends in time and leaves nothing`, async () => {
      await stage.fault('vss.hold', step);
      const abort = new AbortController();
      const reason = new Error('cancelled by the test');
      const own = new OwnTime();
      let at = { own: 0, wall: 0 };
      const cancelled = (async (): Promise<void> => {
        while (!(await stage.held())) await delay(20, never);
        at = { own: own.now, wall: performance.now() };
        abort.abort(reason);
      })();
      const failure = await failureOf(stage, abort.signal, () => {
        const [taken, wall] = [own.now - at.own, performance.now() - at.wall];
        const isInTime = taken < stage.cancelLimit && wall < WALL_LIMIT;
        return isInTime ? '' : `took ${taken} of ${wall} ms`;
      });
      own.stop();
      await cancelled;
      await stage.clearFaults();
      assert.equal(failure, reason);
      assert.deepEqual(await stage.sets(), [foreign]);
    });
  }

  await t.test('a shadow copy that another program makes meanwhile stays', async () => {
    await stage.fault('vss.foreign', undefined, 1);
    const requestor = await stage.requestor();
    const set = await makeSet(stage, requestor, never);
    assert.equal(set.shadows.length, stage.volumes.length);
    await requestor.complete(never);
    await requestor.close(never);
    const left = await stage.sets();
    assert.equal(left.length, 2);
    assert.ok(left.includes(foreign) && !left.includes(set.id));
  });
}

async function makeSet(
  { vms, volumes }: RequestorStage,
  requestor: VssRequestor,
  signal: AbortSignal,
  told: (id: string) => void = () => undefined,
): Promise<ShadowSet> {
  const metadata = await requestor.metadata(signal);
  for (const vm of vms) {
    assert.ok(metadata?.components.some(({ name }) => name.toLowerCase() === vm) ?? true);
  }
  await requestor.begin({ vms, volumes, onSet: async (id) => told(id) }, signal);
  return requestor.create(signal);
}

/** Makes a set until something fails, ends it as a caller must, and returns the failure. */
async function failureOf(
  stage: RequestorStage,
  signal: AbortSignal,
  tooLong: () => string = () => '',
): Promise<EngineError> {
  const requestor = await stage.requestor();
  try {
    await requestor.metadata(signal);
    await requestor.begin({ vms: stage.vms, volumes: stage.volumes }, signal);
    await requestor.create(signal);
    await requestor.complete(signal);
    throw new Error('nothing failed');
  } catch (error) {
    const problem = tooLong();
    await requestor.abort();
    // diskshadow runs on until it has ended.
    if (requestor.kind === 'diskshadow') await stage.clearFaults();
    await close(requestor);
    assert.equal(problem, '');
    return error as EngineError;
  }
}

/** Closes a requestor; again while diskshadow runs on behind a cancelled step. */
async function close(requestor: VssRequestor): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await requestor.close(never);
    } catch (error) {
      if (!isEngineError(error, 'vss.busy') || tries === CLOSES) throw error;
      await delay(100, never);
    }
  }
}
