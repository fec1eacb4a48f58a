import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BackupHost, HostDisk, HostVm } from '../../../../src/engine/backup/host/host.ts';
import type { VmPlaces } from '../../../../src/engine/backup/host/shadow-host.ts';
import { planSet, requireAllowed } from '../../../../src/engine/backup/vss/plan-set.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { newGuid, type Guid } from '../../../../src/engine/base/guid.ts';

const C = '\\\\?\\Volume{11111111-0000-0000-0000-100000000000}\\';
const D = '\\\\?\\Volume{22222222-0000-0000-0000-100000000000}\\';

const disk = (path: string, change: Partial<HostDisk> = {}): HostDisk => ({
  slot: 'scsi0:0',
  locationId: 'x',
  path,
  format: 'vhdx',
  shared: false,
  virtualSize: 1,
  virtualDiskId: null,
  parentPath: null,
  logicalSectorSize: 512,
  ...change,
});

const vm = (name: string, ...disks: readonly HostDisk[]): HostVm =>
  ({ id: newGuid(), name, disks }) as unknown as HostVm;

const places = (id: Guid, name: string, change: Partial<VmPlaces> = {}): VmPlaces => {
  const paths = ['C:\\VMs'];
  return { id, name, running: true, willBeSaved: false, paths, ...change };
};

function hostWith(all: readonly VmPlaces[], parents: Readonly<Record<string, string>> = {}) {
  return {
    parentOfImage: async (path: string) => parents[path] ?? null,
    shadows: {
      selects: async () => false,
      mounts: async () => [
        { folder: 'C:\\', volume: C },
        { folder: 'D:\\', volume: D },
      ],
      places: async () => all,
      list: async () => ({
        shadows: [],
        volumes: [
          {
            volume: D,
            name: 'D:\\',
            fileSystem: 'NTFS',
            capacity: 2 ** 40,
            free: 2 ** 39,
            storage: { used: 2 ** 30, allocated: 2 ** 30, max: 2 ** 30 + 2 ** 20 },
          },
        ],
      }),
    },
  } as unknown as BackupHost;
}

test('the volumes of every file are in the set: disks, their parents, and the configuration', async () => {
  const web = vm('web', disk('C:\\VMs\\web_1.avhdx', { parentPath: 'D:\\Base\\web.vhdx' }));
  const plan = await planSet(hostWith([places(web.id, 'web')]), [web], never);
  assert.deepEqual(
    plan.volumes.map(({ volume, paths }) => [volume, paths]),
    [
      [C, ['C:\\VMs', 'C:\\VMs\\web_1.avhdx']],
      [D, ['D:\\Base\\web.vhdx']],
    ],
  );
  assert.deepEqual(
    plan.warnings.map(({ code }) => code),
    ['vss.room'],
  );
});

test('running VMs whose files all lie on the volumes are frozen, too, and need permission', async () => {
  const web = vm('web', disk('C:\\VMs\\web.vhdx'));
  const all = [
    places(web.id, 'web', { willBeSaved: true }),
    places(newGuid(), 'beside'),
    places(newGuid(), 'off', { running: false }),
    places(newGuid(), 'partly', { paths: ['C:\\VMs', 'D:\\VMs'] }),
  ];
  const plan = await planSet(hostWith(all), [web], never);
  assert.deepEqual(
    [plan.others, plan.saved].map((each) => each.map(({ name }) => name)),
    [['beside'], ['web']],
  );
  assert.throws(() => requireAllowed(plan, false), { code: 'vss.others', message: /beside/ });
  requireAllowed(plan, true);
});

test('what no set can have is refused in words, for its VM alone', async () => {
  const good = vm('good', disk('C:\\VMs\\good.vhdx'));
  const bad = [
    vm('share', disk('\\\\fs\\vms\\a.vhdx')),
    vm('cluster', disk('C:\\ClusterStorage\\Volume1\\a.vhdx')),
    vm('raw', disk('', { format: 'physical' })),
    vm('shared', disk('C:\\VMs\\q.vhdx', { shared: true })),
    vm('unknown', disk('E:\\VMs\\a.vhdx')),
  ];
  const plan = await planSet(hostWith([]), [good, ...bad], never);
  assert.deepEqual(
    plan.vms.map(({ name }) => name),
    ['good'],
  );
  const words = [/share/, /cluster shared volume/, /pass-through/, /shared disk/, /no volume/];
  assert.equal(plan.refused.length, bad.length);
  for (const [at, { error }] of plan.refused.entries()) {
    assert.equal(error.code, 'vss.place');
    assert.match(error.message, words[at] ?? /^$/);
  }
});

test('above eight VMs the plan names what scales better', async () => {
  const vms = Array.from({ length: 9 }, (_, i) => vm(`vm-${i}`, disk(`C:\\VMs\\${i}.vhdx`)));
  const plan = await planSet(hostWith([]), vms, never);
  assert.ok(plan.warnings.some(({ code }) => code === 'vss.many'));
});
