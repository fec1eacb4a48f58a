/** Nodes of every kind and state, whose data has no two letters in a row: what has is a text of the extension. */
import type { HostTest, VmShow, VmState } from '../../../src/engine/api/host.ts';
import type { JobInfo, JobSpec } from '../../../src/engine/api/jobs.ts';
import type { PointReport, StoreDisk, StorePoint, StoreVm } from '../../../src/engine/api/store.ts';
import type { BackupOptions } from '../../../src/engine/api/backup.ts';
import type { HostSetting } from '../../../src/extension/settings/hosts.ts';
import { failure } from './fake-engine.ts';
import type {
  HostState,
  HostTreeNode,
  JobNode,
  StoreTreeNode,
} from '../../../src/extension/nodes/nodes.ts';

const TIME = '2026-11-22T14:03:05Z';
const host: HostSetting = { name: '#1', url: 'https://1.2.3.4:5986', user: '#2' };
const finding = { code: '#3' as never, severity: '#4' as 'error', message: '#5' };

export const vm: VmShow = {
  id: '#6',
  name: '#7',
  state: 'running',
  operation: null,
  generation: null,
  version: '9.0',
  disks: [],
  checkpoints: [],
  referencePoints: [],
  findings: [],
};

export function hostNodes(): readonly HostTreeNode[] {
  const states: readonly HostState[] = ['disconnected', 'connected', 'failed'];
  const of = { host, vm };
  const disk = {
    number: 0,
    path: '#8',
    format: '#9',
    virtualSize: 2 ** 30,
    diskId: '#10',
    controller: '#11',
    shared: false,
    rct: { enabled: true, id: '#12' },
  };
  const reference = {
    id: '#13',
    type: '#14',
    consistency: '#15',
    owner: 'ours' as const,
    created: TIME,
    pointId: '#16',
    disks: [],
  };
  const created = { id: '#17', name: '#18', created: TIME };
  const vmStates: readonly VmState[] = ['running', 'off', 'saved', 'paused', 'other'];
  const counts = { disks: 1, checkpoints: 2, referencePoints: 3 };
  return [
    ...states.flatMap((state): HostTreeNode[] =>
      [true, false].map((lab) => {
        const failed = state === 'failed' ? failure('#19', '#19') : null;
        return {
          kind: 'host',
          id: '#20',
          host,
          state,
          lab,
          vms: lab ? 1 : 2,
          failure: failed,
          login: null,
          files: null,
        };
      }),
    ),
    ...vmStates.map((state, i): HostTreeNode => {
      const lab = i % 2 === 0;
      const { findings: _findings, ...plain } = vm;
      const node = lab ? '#95' : null;
      return {
        kind: 'vm',
        id: '#21',
        host,
        lab,
        row: { ...plain, ...counts, state, node },
        twin: lab,
      };
    }),
    { ...of, kind: 'vmDisk', id: '#22', disk },
    {
      ...of,
      kind: 'vmDisk',
      id: '#23',
      disk: {
        ...disk,
        virtualSize: null,
        diskId: null,
        shared: true,
        rct: { enabled: false, id: null },
      },
    },
    {
      ...of,
      kind: 'checkpoint',
      id: '#24',
      checkpoint: { ...created, type: 'backup', owner: 'foreign' },
    },
    {
      ...of,
      kind: 'checkpoint',
      id: '#25',
      checkpoint: { ...created, type: 'user', owner: 'foreign' },
    },
    { ...of, kind: 'referencePoint', id: '#26', point: reference },
    {
      ...of,
      kind: 'referencePoint',
      id: '#27',
      point: { ...reference, owner: 'foreign', created: null, pointId: null },
    },
    ...groupNodes(),
  ];
}

function groupNodes(): readonly HostTreeNode[] {
  const vms = [
    { id: '#60', name: '#61' },
    { id: '#62', name: '#63' },
  ];
  const row = { id: '#64', name: '#65', members: vms };
  const disk = {
    number: 1,
    path: '#66',
    format: '#59',
    virtualSize: 2 ** 30,
    diskId: '#67',
    slot: '#68',
    shared: true,
    holders: vms,
    owners: vms,
    snapshots: ['#69'],
    files: ['#70'],
  };
  const group = {
    ...row,
    members: vms.map((vm) => ({ ...vm, state: 'off' as const })),
    disks: [disk],
    checkpoints: [],
    referencePoints: [],
    findings: [],
  };
  const single = { ...disk, format: '#71', shared: false, holders: vms.slice(1), owners: [] };
  return [
    { kind: 'group', id: '#72', host, lab: false, row, twin: true },
    {
      kind: 'group',
      id: '#73',
      host,
      lab: true,
      row: { ...row, members: vms.slice(1) },
      twin: false,
    },
    ...group.members.map((member): HostTreeNode => ({
      kind: 'groupMember',
      id: '#74',
      host,
      group,
      member,
    })),
    ...[disk, { ...single, virtualSize: null, diskId: null, snapshots: null, files: null }].map(
      (each): HostTreeNode => ({ kind: 'groupDisk', id: '#75', host, group, disk: each }),
    ),
  ];
}

const disk: StoreDisk = {
  number: 0,
  name: '#30',
  slot: '#31',
  file: '#32',
  path: '#33',
  kind: 'full',
  virtualSize: 2 ** 30,
  fileSize: 2 ** 20,
  changedBytes: 2 ** 16,
  writtenBytes: 2 ** 20,
};

export const point: StorePoint = {
  id: '#34',
  state: 'complete',
  kind: 'full',
  created: TIME,
  parent: null,
  consistency: '#35',
  reason: { code: '#36' as never, text: '#37', evidence: {} },
  bytes: 1.5 * 2 ** 30,
  changedBytes: 2 ** 16,
  writtenBytes: 2 ** 20,
  disks: [disk],
  verified: { ok: true, time: TIME, quick: true },
  restores: 'disks',
  problem: null,
  problems: [],
};

export function storeNodes(): readonly StoreTreeNode[] {
  const store = '/1';
  const of: StoreVm = { id: '#40', name: '#41', host: '#42', points: 2, lastBackup: TIME };
  const points: readonly StorePoint[] = [
    point,
    { ...point, kind: 'incr', parent: '#43', verified: null },
    { ...point, verified: { ok: true, time: TIME, quick: false } },
    { ...point, verified: { ok: false, time: TIME, quick: false } },
    { ...point, state: 'partial' },
    { ...point, state: 'damaged', problem: '#44' },
  ];
  return [
    { kind: 'store', id: '#45', path: store },
    { kind: 'storeVm', id: '#46', store, vm: of, twin: true },
    {
      kind: 'storeVm',
      id: '#47',
      store,
      vm: { ...of, points: 1, host: null, lastBackup: null },
      twin: false,
    },
    ...points.map((each): StoreTreeNode => ({
      kind: 'point',
      id: '#48',
      store,
      vm: of,
      point: each,
    })),
    ...(['full', 'incr'] as const).map((kind): StoreTreeNode => ({
      kind: 'pointDisk',
      id: '#49',
      store,
      vm: of,
      point,
      disk: { ...disk, kind },
    })),
    {
      kind: 'storeVm',
      id: '#80',
      store,
      vm: { ...of, members: [{ id: '#81', name: '#82' }] },
      twin: false,
    },
    {
      kind: 'pointDisk',
      id: '#83',
      store,
      vm: of,
      point,
      disk: { ...disk, holders: [{ id: '#84', name: '#85' }], shared: true },
    },
  ];
}

export function jobNodes(): readonly JobNode[] {
  const specs: readonly JobSpec[] = [
    { kind: 'backup', host: host.url, vm: '#50', store: '/1', options: {} as BackupOptions },
    { kind: 'export', host: host.url, vm: '#50', directory: '/2', since: null },
    {
      kind: 'restore',
      store: '/1',
      vm: '#50',
      point: '#51',
      disks: [],
      to: '/3',
      format: 'vhdx',
      force: false,
    },
    { kind: 'verify', store: '/1', vm: '#50', points: [], quick: true },
  ];
  const states: readonly JobInfo['state'][] = [
    'queued',
    'running',
    'done',
    'failed',
    'cancelled',
    'interrupted',
  ];
  const jobs = specs.flatMap((spec) =>
    states.flatMap((state): JobInfo[] =>
      [true, false].map((elsewhere) => ({
        version: 1,
        id: '#52',
        title: '#53',
        spec,
        machine: '#54',
        pid: 7,
        state,
        queue: null,
        stopping: false,
        started: TIME,
        heartbeat: TIME,
        progress: {
          phase: '#55',
          done: 1,
          total: elsewhere ? 2 : 0,
          bytesPerSecond: 2 ** 20,
          percent: null,
          secondsLeft: null,
        },
        result: null,
        error: null,
        elsewhere,
        owner: '#57',
        ahead: state === 'queued' ? 1 : null,
        log: null,
        trace: null,
      })),
    ),
  );
  const [first] = jobs;
  const without = first === undefined ? [] : [{ ...first, progress: null }];
  return [...jobs, ...without].map((job) => ({ kind: 'job', id: '#56', job }));
}

export const report: PointReport = {
  vm: { id: '#60', name: '#61' },
  host: host.url,
  point,
  finished: '2026-11-22T15:10:00Z',
  method: '#62',
  consistencyAsked: '#63',
  disks: [
    {
      ...disk,
      reason: { code: '#64' as never, text: '#65', evidence: {} },
      readBytes: 2 ** 30,
      writtenBytes: 2 ** 20,
      hashRoot: '#66',
      rctId: null,
      hostPath: '#67',
    },
  ],
  excluded: [{ slot: '#68', path: '#69', why: '#70' }],
  warnings: [{ code: '#71' as never, message: '#72' }],
  trackerCheck: { mode: '#73', checkedBytes: 2 ** 20, disks: null },
  verdict: { ok: false, time: TIME, quick: false, findings: [finding] },
};

export const test: HostTest = {
  host: host.url,
  reachable: true,
  identity: '#80',
  product: '#81',
  osVersion: null,
  lab: true,
  authenticated: true,
  mechanism: 'ntlm',
  sealed: true,
  fallback: null,
  elevated: null,
  rights: [{ feature: 'inventory', ok: false, missing: ['tokenFilter'] }],
  services: { snapshot: true, referencePoint: true, imageManagement: true, management: true },
  findings: [finding],
};
