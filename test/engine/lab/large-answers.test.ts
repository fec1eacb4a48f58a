import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { tileChanges, type TiledChanges } from '../../../src/engine/backup/changes/range-query.ts';
import { never } from '../../../src/engine/base/abort.ts';
import { newGuid } from '../../../src/engine/base/guid.ts';
import type { Log } from '../../../src/engine/base/log.ts';
import { noProgress } from '../../../src/engine/base/progress.ts';
import type { Range } from '../../../src/engine/base/range.ts';
import { queryDiskChanges } from '../../../src/engine/hyperv/tracking/change-tracking.ts';
import { listVirtualMachines } from '../../../src/engine/hyperv/inventory/vm-list.ts';
import { perform } from '../../../src/engine/lab/control/perform.ts';
import { LabRepository } from '../../../src/engine/lab/host/lab-repository.ts';
import { Lab } from '../../../src/engine/lab/model/lab.ts';
import { createState, loadState } from '../../../src/engine/lab/state/state-file.ts';
import { rctId, type LabVm } from '../../../src/engine/lab/state/state.ts';
import type { HttpWsmanClient } from '../../../src/engine/net/wsman/wsman-client.ts';
import { afterwards } from '../../support/checks/afterwards.ts';
import { smallHost } from '../../support/host/small-host.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';

/** MaxEnvelopeSize of the client and of Windows. */
const MAX_ENVELOPE = 512_000;
const UNIT = 65_536;

test('a thousand VMs arrive whole in batches, none larger than MaxEnvelopeSize', async (t) => {
  const vms = Array.from({ length: 1000 }, (_, i) => sampleVm(i));
  const { client, answers } = await serve(t, await openLab(t, vms));
  const listed = await listVirtualMachines(client, true, never);
  assert.deepEqual(
    listed.map((vm) => vm.id),
    vms.map((vm) => vm.id),
  );
  assert.ok(listed.every((vm) => vm.disks === 2 && vm.state === 'running'));
  // Five queries, of which the one for 2,000 disks does not fit into one batch.
  assert.ok(answers.length > 5, `${answers.length} answers`);
  assert.ok(Math.max(...answers) <= MAX_ENVELOPE, `${Math.max(...answers)} bytes`);
});

test('10,000 changed ranges at the end of 60 TiB arrive whole, no answer larger than MaxEnvelopeSize', async (t) => {
  const { lab, changes, expected } = await scattered(t, 10_000);
  const { client, answers } = await serve(t, lab);
  const tiled = await changes(client);
  assert.deepEqual(tiled.ranges.ranges, expected);
  assert.ok(tiled.queries.length > 1);
  assert.ok(Math.max(...answers) <= MAX_ENVELOPE, `${Math.max(...answers)} bytes`);
});

test('a host that refuses an answer as too large is asked for less of the disk', async (t) => {
  const { lab, changes, expected } = await scattered(t, 10_000);
  // Twice as much in one answer as the lab otherwise gives: more than fits, which is the fault EncodingLimit.
  lab.faults.set('tracker.repeat', null, null);
  const { client, answers } = await serve(t, lab);
  const tiled = await changes(client);
  assert.deepEqual(tiled.ranges.ranges, expected);
  assert.ok(Math.max(...answers) <= MAX_ENVELOPE, `${Math.max(...answers)} bytes`);
  assert.ok(answers.length < 100, `${answers.length} answers`);
});

async function openLab(t: TestContext, vms: readonly LabVm[]): Promise<Lab> {
  const folder = await temporaryFolder(t);
  await createState(folder, {}, never);
  const state = { ...(await loadState(folder, never)), vms };
  await writeFile(join(folder, 'lab-state.json'), JSON.stringify(state));
  const lab = await Lab.open(folder, { jobDelay: 0 }, never);
  afterwards(t, () => lab.close());
  return lab;
}

/** The lab on the wire, and the sizes of its answers. */
async function serve(
  t: TestContext,
  lab: Lab,
): Promise<{ client: HttpWsmanClient; answers: number[] }> {
  const answers: number[] = [];
  const log: Log = ({ message, data }) => {
    if (message.startsWith('answer')) answers.push(Buffer.byteLength(String(data?.['envelope'])));
  };
  const host = await smallHost(t, new LabRepository(lab));
  return { client: host.client({ log }), answers };
}

/** Two disks that exist in the lab's memory only: lists open no file. */
function sampleVm(number: number): LabVm {
  return {
    id: newGuid(),
    name: `vm-${String(number).padStart(4, '0')}`,
    enabledState: 2,
    configurationVersion: '9.0',
    generation: 2,
    created: '2026-03-02T08:15:36.000Z',
    controllerId: newGuid(),
    mergeEnabled: true,
    disks: [0, 1].map((slot) => ({
      slot,
      kind: 'vhdx',
      files: [`C:\\Lab\\VMs\\${number}\\disk${slot}.vhdx`],
      virtualSize: 2 ** 30,
      virtualDiskId: newGuid(),
      merges: [],
      trackingId: newGuid(),
    })),
    checkpoints: [],
    referencePoints: [],
  };
}

/** A disk on which every second unit changed since its tracking began, far up, where numbers are long. */
async function scattered(
  t: TestContext,
  count: number,
): Promise<{
  lab: Lab;
  expected: Range[];
  changes: (client: HttpWsmanClient) => Promise<TiledChanges>;
}> {
  const lab = await openLab(t, []);
  await perform(lab, 'add-vm', { name: 'vm', disks: [{ size: 2 ** 21 }] }, noProgress, never);
  const [disk] = lab.vm('vm').disks;
  assert.ok(disk !== undefined);
  const size = 60 * 2 ** 40;
  disk.virtualSize = size;
  const tracker = await lab.tracker(disk);
  const sealed = await tracker.seal(never);
  const first = size - 2 * count * UNIT;
  const expected = Array.from({ length: count }, (_, i) => {
    const start = first + 2 * i * UNIT;
    return { start, end: start + UNIT };
  });
  for (const range of expected) await tracker.mark(range);
  const path = disk.files[0] ?? '';
  const limit = rctId(disk.trackingId, sealed);
  return {
    lab,
    expected,
    changes: (client) =>
      tileChanges(
        (offset, length, signal) =>
          queryDiskChanges(client, { path, rctId: limit, offset, length }, signal),
        size,
        () => undefined,
        never,
      ),
  };
}
