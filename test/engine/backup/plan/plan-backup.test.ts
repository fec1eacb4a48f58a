import type { BackupMethod, BackupOptions } from '../../../../src/engine/api/backup.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backupError } from '../../../../src/engine/backup/errors/backup-errors.ts';
import type { HostDisk, HostVm } from '../../../../src/engine/backup/host/host.ts';
import {
  emptyLedger,
  withReferencePoint,
  type Ledger,
} from '../../../../src/engine/backup/ledger/ledger.ts';
import type { PointManifest } from '../../../../src/engine/backup/manifest/manifest.ts';
import { planBackup, type PlanInput } from '../../../../src/engine/backup/plan/plan-backup.ts';
import type { PointEntry } from '../../../../src/engine/backup/points/catalog.ts';
import { recordError } from '../../../../src/engine/backup/errors/record-errors.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import {
  SAMPLE_VM,
  sampleDisk,
  sampleIncrement,
  sampleManifest,
} from '../../../support/store/sample-manifest.ts';

const RECORD = sampleDisk({ rctId: 'rct:1' });
const RP = { id: 'Microsoft:VM\\RP-1', disks: [{ locationId: RECORD.locationId, rctId: 'rct:1' }] };
const FULL = sampleManifest({ disks: [RECORD], referencePoint: RP });

const disk = (change: Partial<HostDisk> = {}): HostDisk => ({
  slot: RECORD.slot,
  locationId: RECORD.locationId,
  path: 'C:\\VMs\\system0.vhdx',
  format: 'vhdx',
  shared: false,
  virtualSize: RECORD.virtualSize,
  virtualDiskId: RECORD.virtualDiskId,
  parentPath: null,
  logicalSectorSize: 512,
  ...change,
});

const vm = (change: Partial<HostVm> = {}): HostVm => ({
  id: SAMPLE_VM,
  name: 'web',
  state: 'running',
  generation: 2,
  version: '9.0',
  operation: null,
  disks: [disk()],
  checkpoints: [],
  merged: true,
  referencePoints: [{ ...RP, type: 'rct', consistency: 'crash' }],
  findings: [],
  settings: {},
  ...change,
});

const OPTIONS: BackupOptions = {
  kind: 'auto',
  method: 'auto',
  consistency: 'default',
  guestBackup: 'copy',
  checkTracker: 'off',
  maxChain: 60,
  pathMap: [],
  exportDirectory: null,
  excludeDisks: [],
};

const LEDGER: Ledger = withReferencePoint(
  emptyLedger(SAMPLE_VM),
  {
    id: RP.id,
    host: 'https://hv01:5986',
    computerName: null,
    created: FULL.created,
    pointId: FULL.id,
  },
  null,
);

const complete = (manifest: PointManifest): PointEntry => ({
  id: manifest.id,
  state: 'complete',
  manifest,
});

const DAMAGED: PointEntry = {
  id: '20261123T000000Z-incr',
  state: 'damaged',
  error: recordError('manifest.damaged', 'It is no JSON'),
};

const input = (change: Partial<PlanInput> = {}): PlanInput => ({
  vm: vm(),
  capabilities: { referencePoints: true, guestBackupType: true },
  points: [complete(FULL)],
  ledger: LEDGER,
  verdicts: new Map(),
  computerName: 'HV01',
  options: OPTIONS,
  methods: [{ method: 'file', problem: null, folders: [] }],
  ...change,
});

const options = (change: Partial<BackupOptions>): BackupOptions => ({ ...OPTIONS, ...change });

test('with all in place a run is an increment on the newest point', () => {
  const plan = planBackup(input());
  assert.equal(plan.kind, 'incr');
  assert.equal(plan.parent?.id, FULL.id);
  assert.equal(plan.disks[0]?.base?.rctId, 'rct:1');
  assert.deepEqual(plan.reason.evidence, { point: FULL.id, rctId: 'rct:1' });
});

const CHAIN = [
  FULL,
  { ...sampleIncrement('20261123T000000Z-incr', FULL.id), referencePoint: RP },
].map((manifest) => ({
  ...manifest,
  disks: manifest.disks.map((d) => ({ ...d, rctId: 'rct:1' })),
}));

const WHY_FULL: readonly {
  readonly what: string;
  readonly code: string;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly change: Partial<PlanInput>;
}[] = [
  {
    what: 'a full is asked for',
    code: 'asked',
    evidence: {},
    change: { options: options({ kind: 'full' }) },
  },
  { what: 'there is no point', code: 'first', evidence: {}, change: { points: [] } },
  {
    what: 'only a partial point is there',
    code: 'first',
    evidence: {},
    change: { points: [{ id: FULL.id, state: 'partial' }] },
  },
  {
    what: 'no point can be read',
    code: 'parent.damaged',
    evidence: { points: DAMAGED.id },
    change: { points: [DAMAGED] },
  },
  {
    what: 'the newest point cannot be read',
    code: 'parent.damaged',
    evidence: { point: DAMAGED.id, error: 'manifest.damaged' },
    change: { points: [complete(FULL), DAMAGED] },
  },
  {
    what: 'the host has no reference points',
    code: 'host.noReferencePoints',
    evidence: {},
    change: { capabilities: { referencePoints: false, guestBackupType: false } },
  },
  {
    what: 'the last point left no reference point',
    code: 'reference-point.none',
    evidence: { point: FULL.id },
    change: { points: [complete({ ...FULL, referencePoint: null })] },
  },
  {
    what: 'the ledger does not know the reference point',
    code: 'reference-point.foreign',
    evidence: { point: FULL.id, referencePoint: RP.id },
    change: { ledger: emptyLedger(SAMPLE_VM) },
  },
  {
    what: 'the reference point is gone from the host',
    code: 'reference-point.missing',
    evidence: { point: FULL.id, referencePoint: RP.id },
    change: { vm: vm({ referencePoints: [] }) },
  },
  {
    what: 'the disk is new at its slot',
    code: 'disk.new',
    evidence: { slot: 'scsi0:5', point: FULL.id },
    change: { vm: vm({ disks: [disk({ slot: 'scsi0:5' })] }) },
  },
  {
    what: 'another disk is at the slot',
    code: 'disk.replaced',
    evidence: { slot: RECORD.slot, before: RECORD.virtualDiskId, now: SAMPLE_VM },
    change: { vm: vm({ disks: [disk({ virtualDiskId: SAMPLE_VM })] }) },
  },
  {
    what: 'the disk was resized',
    code: 'disk.resized',
    evidence: { slot: RECORD.slot, before: RECORD.virtualSize, now: 2 * RECORD.virtualSize },
    change: { vm: vm({ disks: [disk({ virtualSize: 2 * RECORD.virtualSize })] }) },
  },
  {
    what: 'the host does not tell the disk’s identity',
    code: 'disk.unknown',
    evidence: { slot: RECORD.slot },
    change: { vm: vm({ disks: [disk({ virtualDiskId: null })] }) },
  },
  {
    what: 'the reference point carries no tracking id',
    code: 'tracker.no-id',
    evidence: { slot: RECORD.slot, recorded: 'rct:1', now: '' },
    change: {
      vm: vm({
        referencePoints: [
          {
            ...RP,
            disks: [{ locationId: RECORD.locationId, rctId: '' }],
            type: 'rct',
            consistency: 'crash',
          },
        ],
      }),
    },
  },
  {
    what: 'the point recorded no tracking id',
    code: 'tracker.no-id',
    evidence: { slot: RECORD.slot, recorded: null, now: 'rct:1' },
    change: { points: [complete({ ...FULL, disks: [{ ...RECORD, rctId: null }] })] },
  },
  {
    what: 'the tracking id is another one now',
    code: 'tracker.other-id',
    evidence: { slot: RECORD.slot, recorded: 'rct:0', now: 'rct:1' },
    change: { points: [complete({ ...FULL, disks: [{ ...RECORD, rctId: 'rct:0' }] })] },
  },
  {
    what: 'the chain is as long as it may be',
    code: 'chain.length',
    evidence: { images: 2, maxChain: 2 },
    change: { points: CHAIN.map(complete), options: options({ maxChain: 2 }) },
  },
  {
    what: 'a point of the chain is gone',
    code: 'parent.damaged',
    evidence: { point: '20261123T000000Z-incr' },
    change: { points: CHAIN.slice(1).map(complete) },
  },
];

for (const { what, code, evidence, change } of WHY_FULL) {
  test(`a run is a full where ${what}, and says so with evidence`, () => {
    const plan = planBackup(input(change));
    assert.equal(plan.kind, 'full');
    assert.equal(plan.parent, null);
    assert.equal(plan.reason.code, code);
    assert.deepEqual(plan.reason.evidence, evidence);
    assert.equal(plan.disks[0]?.base, null);
  });

  test(`an incremental asked for by name is refused where ${what}`, () => {
    const { kind } = change.options ?? OPTIONS;
    if (kind === 'full') return;
    const incremental = { ...(change.options ?? OPTIONS), kind: 'incremental' as const };
    assert.throws(
      () => planBackup(input({ ...change, options: incremental })),
      (error: unknown) => isEngineError(error, 'plan.incremental') && error.data['reason'] === code,
    );
  });
}

test('one more image fits below the limit', () => {
  const plan = planBackup(
    input({ points: CHAIN.map(complete), options: options({ maxChain: 3 }) }),
  );
  assert.equal(plan.kind, 'incr');
});

test('a new disk gets a full beside the increment of the others, which is what the run is', () => {
  const plan = planBackup(input({ vm: vm({ disks: [disk(), disk({ slot: 'scsi0:1' })] }) }));
  assert.equal(plan.kind, 'incr');
  assert.deepEqual(
    plan.disks.map((each) => each.reason.code),
    ['incremental', 'disk.new'],
  );
});

test('ids that the host writes in another case are the same ids', () => {
  const plan = planBackup(
    input({
      vm: vm({
        disks: [disk({ locationId: RECORD.locationId.toUpperCase() })],
        referencePoints: [
          {
            id: RP.id.toLowerCase(),
            type: 'rct',
            consistency: 'crash',
            disks: [{ locationId: RECORD.locationId.toLowerCase(), rctId: 'rct:1' }],
          },
        ],
      }),
    }),
  );
  assert.equal(plan.kind, 'incr', plan.reason.text);
});

for (const [what, change] of [
  ['a pass-through disk', { format: 'physical' }],
  ['a shared disk', { shared: true }],
  ['a VHD Set', { format: 'vhds' }],
  ['a file of another format', { format: 'other', path: 'C:\\VMs\\old.iso' }],
] as const) {
  test(`${what} is refused with the way to leave it out, and left out it is recorded`, () => {
    const awkward = disk({ ...change, slot: 'ide0:1' });
    const both = vm({ disks: [disk(), awkward] });
    assert.throws(
      () => planBackup(input({ vm: both })),
      (error: unknown) => isEngineError(error, 'plan.disk') && error.message.includes('ide0:1'),
    );
    const plan = planBackup(input({ vm: both, options: options({ excludeDisks: ['IDE0:1'] }) }));
    assert.deepEqual(plan.excluded, [{ slot: 'ide0:1', path: awkward.path, why: 'asked' }]);
    assert.equal(plan.disks.length, 1);
  });
}

test('a VHD is a full in every plan, since change tracking does not exist for it', () => {
  const both = vm({ disks: [disk(), disk({ format: 'vhd', slot: 'ide0:1', locationId: 'ide' })] });
  const reasons = (change: Parameters<typeof options>[0]): readonly string[] =>
    planBackup(input({ vm: both, options: options(change) })).disks.map(
      ({ kind, reason }) => `${kind} ${reason.code}`,
    );
  assert.deepEqual(reasons({}).slice(1), ['full disk.untracked']);
  assert.deepEqual(reasons({ kind: 'full' }), ['full asked', 'full asked']);
});

test('a disk is left out by number, slot, file name, path or id in any case', () => {
  const second = disk({ slot: 'scsi0:1', path: 'D:\\Data\\Extra.vhdx', virtualDiskId: SAMPLE_VM });
  const both = vm({ disks: [disk(), second] });
  for (const text of [
    '1',
    'SCSI0:1',
    'extra.VHDX',
    'd:\\data\\extra.vhdx',
    SAMPLE_VM,
    `{${SAMPLE_VM.toUpperCase()}}`,
  ]) {
    const plan = planBackup(input({ vm: both, options: options({ excludeDisks: [text] }) }));
    assert.deepEqual(
      plan.excluded.map((each) => each.slot),
      ['scsi0:1'],
      text,
    );
  }
});

test('leaving out a disk that is not there, or every disk, is refused', () => {
  for (const [excludeDisks, code] of [
    [['7'], 'plan.excluded'],
    [['0'], 'plan.empty'],
  ] as const) {
    assert.throws(
      () => planBackup(input({ options: options({ excludeDisks }) })),
      (error: unknown) => isEngineError(error, code),
    );
  }
});

const problem = backupError('path.unmapped', 'C:\\VMs is not mapped');
const check = (method: BackupMethod, possible: boolean): PlanInput['methods'][number] => ({
  method,
  problem: possible ? null : problem,
  folders: [],
});

test('the method is the first one that can read the disks, or the one that was asked for', () => {
  const methodOf = (
    change: Partial<BackupOptions>,
    methods = [check('file', true), check('export', true)],
  ): string => planBackup(input({ options: options(change), methods })).method;
  assert.equal(methodOf({}), 'file');
  assert.equal(methodOf({}, [check('file', false), check('export', true)]), 'export');
  const served = [check('file', false), check('smb', true), check('export', true)];
  assert.equal(methodOf({}, served), 'smb');
  assert.equal(methodOf({}, [check('file', false), check('export', false)]), 'file');
  assert.equal(methodOf({ exportDirectory: 'C:\\Exports', method: 'file' }), 'file');
  assert.equal(methodOf({ exportDirectory: 'C:\\Exports', method: 'export' }), 'export');
  const lacks = { ...check('export', false), problem: backupError('plan.method', 'no folder') };
  const first = [check('virtdisk', true), check('file', true)];
  assert.equal(methodOf({}, first), 'virtdisk');
  const none = [check('virtdisk', false), check('file', false)];
  assert.equal(methodOf({}, none), 'file', 'whose problem is that of a path map');
  assert.equal(methodOf({ method: 'vss' }, none), 'vss', 'which reads in shadow copies');
  for (const method of ['export', 'rsvd'] as const) {
    assert.throws(
      () => methodOf({ method }, [check('file', true), lacks]),
      (error: unknown) => isEngineError(error, 'plan.method'),
    );
  }
});

test('a VHD Set names the groups to back up, or asks for one; in a group it is backed up', () => {
  const set = disk({ format: 'vhds', shared: false, path: 'C:\\VMs\\quorum.vhds' });
  const refusal = (change: Partial<HostVm>): string => {
    try {
      planBackup(input({ vm: vm({ disks: [set], ...change }) }));
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  const groups = [{ id: '11111111-1111-4111-8111-111111111111', name: 'cluster' }];
  assert.match(refusal({ groups }), /back up the group “cluster” \(11111111-/);
  assert.match(refusal({ groups: [] }), /Create a group with every VM that has the disk/);
  const members = [{ id: SAMPLE_VM, name: 'web' }];
  assert.equal(refusal({ members }), '');
  const shared = disk({ shared: true, path: 'C:\\VMs\\old.vhdx' });
  assert.match(refusal({ members, disks: [shared] }), /Convert it to a VHD Set/);
  const disks = [shared];
  assert.match(refusal({ members, disks, offline: { running: members } }), /now web is not/);
  assert.equal(refusal({ members, disks, offline: { running: [] } }), '');
});
