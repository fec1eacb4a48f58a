import type {
  GroupRow,
  GroupShow,
  HostTest,
  SmbTest,
  VmRow,
  VmShow,
} from '../../../src/engine/api/host.ts';
import type { JobInfo } from '../../../src/engine/api/jobs.ts';
import type { StorePoint, StoreVm } from '../../../src/engine/api/store.ts';

/** Answers of an engine as they look, with what a test changes in them. */
export const guid = (n: number): string =>
  `${String(n).padStart(8, '0')}-0000-4000-8000-000000000000`;

export const vmRow = (n: number, change: Partial<VmRow> = {}): VmRow => ({
  id: guid(n),
  name: `vm${n}`,
  state: 'running',
  operation: null,
  generation: 2,
  version: '10.0',
  disks: 1,
  checkpoints: 0,
  referencePoints: 0,
  node: null,
  ...change,
});

export const vmShow = (n: number, change: Partial<VmShow> = {}): VmShow => ({
  id: guid(n),
  name: `vm${n}`,
  state: 'running',
  operation: null,
  generation: 2,
  version: '10.0',
  disks: [
    {
      number: 0,
      path: `C:\\VMs\\vm${n}\\disk.vhdx`,
      format: 'vhdx',
      virtualSize: 2 ** 30,
      diskId: guid(1000 + n),
      controller: 'scsi0:0',
      shared: false,
      rct: { enabled: true, id: 'rct:1' },
    },
  ],
  checkpoints: [],
  referencePoints: [],
  findings: [],
  ...change,
});

const MEMBERS = [
  { id: guid(1), name: 'vm1' },
  { id: guid(2), name: 'vm2' },
];

export const groupRow = (): GroupRow => ({ id: guid(70), name: 'cluster', members: MEMBERS });

/** A group of two VMs with a VHD Set and a private disk. */
export const groupShow = (): GroupShow => {
  const disk = {
    format: 'vhdx',
    virtualSize: 2 ** 30,
    diskId: guid(71),
    owners: [],
    snapshots: null,
    files: null,
  };
  return {
    id: guid(70),
    name: 'cluster',
    members: MEMBERS.map((vm, i) => ({ ...vm, state: i === 0 ? 'running' : 'off' })),
    disks: [
      {
        ...disk,
        number: 0,
        path: 'C:\\VMs\\os.vhdx',
        slot: `${guid(1)}/scsi0:0`,
        shared: false,
        holders: MEMBERS.slice(0, 1),
      },
      {
        ...disk,
        number: 1,
        path: 'C:\\VMs\\quorum.vhds',
        format: 'vhds',
        virtualSize: 2 ** 31,
        slot: `shared/${guid(71)}`,
        shared: true,
        holders: MEMBERS,
        owners: MEMBERS.slice(0, 1),
        snapshots: [guid(72), guid(73)],
        files: ['C:\\VMs\\quorum.vhds', 'C:\\VMs\\quorum_1.avhdx'],
      },
    ],
    checkpoints: [],
    referencePoints: [],
    findings: [],
  };
};

export const referencePoint = (
  id: string,
  change: Partial<VmShow['referencePoints'][number]> = {},
): VmShow['referencePoints'][number] => ({
  id,
  type: 'rct',
  consistency: 'crash',
  owner: 'ours',
  created: '2026-03-01T10:00:00.000Z',
  pointId: '20260301T100000Z-full',
  disks: [],
  ...change,
});

export const hostTest = (change: Partial<HostTest> = {}): HostTest => ({
  host: 'https://hv01:5986/wsman',
  reachable: true,
  identity: 'Microsoft Corporation',
  product: 'OS: 10.0.20348',
  osVersion: '10.0.20348',
  lab: false,
  authenticated: true,
  mechanism: 'ntlm',
  sealed: true,
  fallback: null,
  elevated: null,
  services: { snapshot: true, referencePoint: true, imageManagement: true, management: true },
  rights: [],
  findings: [],
  ...change,
});

export const storeVm = (n: number, change: Partial<StoreVm> = {}): StoreVm => ({
  id: guid(n),
  name: `vm${n}`,
  host: 'https://hv01:5986',
  points: 2,
  lastBackup: '2026-03-01T10:00:00.000Z',
  ...change,
});

export const storePoint = (id: string, change: Partial<StorePoint> = {}): StorePoint => ({
  id,
  state: 'complete',
  kind: id.endsWith('full') ? 'full' : 'incr',
  created: '2026-03-01T10:00:00.000Z',
  parent: null,
  consistency: 'crash',
  reason: { code: 'first', text: 'first backup', evidence: {} },
  bytes: 3 * 2 ** 20,
  changedBytes: null,
  writtenBytes: 2 ** 20,
  disks: [
    {
      number: 0,
      name: 'disk',
      slot: 'scsi0:0',
      file: '0-disk.vhdx',
      path: `/stores/a/${id}/0-disk.vhdx`,
      kind: 'full',
      virtualSize: 2 ** 30,
      fileSize: 3 * 2 ** 20,
      changedBytes: null,
      writtenBytes: 2 ** 20,
    },
  ],
  verified: null,
  restores: 'disks',
  problem: null,
  problems: [],
  ...change,
});

export const job = (id: string, change: Partial<JobInfo> = {}): JobInfo => ({
  version: 1,
  id,
  title: 'vm1',
  spec: {
    kind: 'verify',
    store: '/stores/a',
    vm: guid(1),
    points: [],
    quick: false,
  },
  machine: 'pc',
  pid: 100,
  state: 'running',
  queue: null,
  ahead: null,
  started: '2026-03-01T10:00:00.000Z',
  heartbeat: '2026-03-01T10:00:05.000Z',
  progress: null,
  result: null,
  error: null,
  stopping: false,
  elsewhere: false,
  owner: null,
  trace: null,
  log: '/jobs/log.ndjson',
  ...change,
});

export const backupSpec = (
  change: Partial<Extract<JobInfo['spec'], { kind: 'backup' }>> = {},
): Extract<JobInfo['spec'], { kind: 'backup' }> => ({
  kind: 'backup',
  host: 'https://hv01:5986',
  vm: guid(1),
  store: '/stores/a',
  options: {
    kind: 'auto',
    method: 'auto',
    consistency: 'default',
    guestBackup: 'copy',
    checkTracker: 'off',
    maxChain: 60,
    pathMap: [],
    exportDirectory: null,
    excludeDisks: [],
  },
  ...change,
});

export const jobResult = (
  change: Partial<NonNullable<JobInfo['result']>> = {},
): NonNullable<JobInfo['result']> => ({
  summary: 'in English',
  kind: 'full',
  readBytes: 2 ** 30,
  verified: 0,
  point: '20260301T100000Z-full',
  files: [],
  damaged: [],
  warnings: [],
  ...change,
});

export const smbTest = (change: Partial<SmbTest> = {}): SmbTest => ({
  server: 'hv01',
  dialect: '3.1.1',
  signing: 'AES-128-GMAC',
  cipher: 'AES-128-GCM',
  sealed: true,
  mechanism: 'ntlm',
  account: 'Administrator',
  share: null,
  shareFlags: [],
  maxRead: 1_048_576,
  credits: 512,
  rsvd: null,
  findings: [],
  ...change,
});
