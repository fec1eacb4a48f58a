import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { BackupHost, HostDisk, HostVm } from '../../../../src/engine/backup/host/host.ts';
import type { VmPlaces } from '../../../../src/engine/backup/host/shadow-host.ts';
import { planSet, requireAllowed } from '../../../../src/engine/backup/vss/plan-set.ts';
import { planSetDocument } from '../../../../src/engine/operations/vm/plan-set.ts';
import { vssError } from '../../../../src/engine/vss/vss-errors.ts';
import type { EngineError } from '../../../../src/engine/base/errors.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { newGuid, type Guid } from '../../../../src/engine/base/guid.ts';
import { backupError } from '../../../../src/engine/backup/errors/backup-errors.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

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

interface Rights {
  readonly obstacle?: EngineError;
  readonly denied?: EngineError;
}

function hostWith(
  all: readonly VmPlaces[],
  parents: Readonly<Record<string, string>> = {},
  { obstacle, denied }: Rights = {},
) {
  const found = new Map<string, HostVm>();
  return {
    isThisComputer: async () => false,
    // A host without a file server.
    remoteFiles: () => ({
      pathOf: async (path: string) => {
        throw backupError('path.unmapped', `no share has ${path}`);
      },
      close: async () => [],
    }),
    findVm: async (id: string) => found.get(id),
    known: found,
    parentOfImage: async (path: string) => parents[path] ?? null,
    shadows: {
      selects: async () => false,
      mountedBelow: async () => 'C:\\ProgramData',
      obstacle: async () => obstacle,
      mounts: async () => [
        { folder: 'C:\\', volume: C },
        { folder: 'D:\\', volume: D },
      ],
      places: async () => all,
      list: async () => {
        if (denied !== undefined) throw denied;
        return {
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
        };
      },
    },
  } as unknown as BackupHost & { readonly known: Map<string, HostVm> };
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
    plan.volumes.map(({ name, room }) => [name, room]),
    [
      ['C:\\', null],
      ['D:\\', 2 ** 20],
    ],
  );
  assert.deepEqual(plan.vms, [{ id: web.id, name: 'web', volumes: [C, D] }]);
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

test('missing rights are a problem of the plan, which shows all the rest; a run ends with them', async () => {
  const web = vm('web', disk('D:\\VMs\\web.vhdx'));
  const beside = places(newGuid(), 'beside', { paths: ['D:\\VMs'] });
  const all = [places(web.id, 'web', { paths: ['D:\\VMs'] }), beside];
  const denied = vssError('vss.denied', 'may not list');
  const obstacle = vssError('vss.denied', 'not elevated');
  for (const [rights, message] of [
    [{ denied }, 'may not list'],
    [{ obstacle, denied }, 'not elevated'],
    [{ obstacle }, 'not elevated'],
  ] as const) {
    const host = hostWith(all, {}, rights);
    host.known.set(web.id, web);
    const plan = await planSetDocument(host, [web.id], {}, never);
    assert.deepEqual(
      plan.problems.map((each) => [each.code, each.message]),
      [
        ['vss.denied', message],
        ['vss.others', 'The shadow copies would freeze 1 VMs that were not named: beside'],
      ],
    );
    assert.deepEqual(
      plan.volumes.map(({ name }) => name),
      ['D:\\'],
      'known from the folders in which it is mounted',
    );
    assert.throws(
      () => requireAllowed({ ...plan, refused: [], mounts: [], denied } as never, true),
      {
        code: 'vss.denied',
      },
    );
  }
  const host = hostWith(all, {}, {});
  host.known.set(web.id, web);
  const allowed = await planSetDocument(host, [web.id], { allowOthers: true }, never);
  assert.deepEqual(allowed.problems, []);
});

test('a folder of the copies that is not reached from here is a problem of the plan', async (t) => {
  const web = vm('web', disk('D:\\VMs\\web.vhdx'));
  const host = hostWith([places(web.id, 'web', { paths: ['D:\\VMs'] })]);
  host.known.set(web.id, web);
  const local = await temporaryFolder(t);
  const problems = async (options: Parameters<typeof planSetDocument>[2]) =>
    (await planSetDocument(host, [web.id], options, never)).problems;
  const [problem, ...more] = await problems({ pathMap: [{ host: 'D:\\VMs', local }] });
  assert.deepEqual(
    [problem?.code, problem?.data?.['folder']],
    ['path.unmapped', 'C:\\ProgramData'],
  );
  assert.match(problem?.message ?? '', /below C:\\ProgramData of the host, which is not reached/);
  assert.deepEqual(more, []);
  const [missing] = await problems({ pathMap: [{ host: 'C:\\', local }] });
  assert.equal(missing?.code, 'path.missing', 'the local folder lacks ProgramData');
  assert.deepEqual(await problems({ pathMap: [{ host: 'C:\\ProgramData', local }] }), []);
  const moved = { host: 'E:\\ProgramData\\', local };
  assert.deepEqual(await problems({ pathMap: [moved] }), [], 'it was moved to another drive');
  const both = [moved, { host: 'C:\\ProgramData', local: join(local, 'none') }];
  const [usual] = await problems({ pathMap: both });
  assert.deepEqual([usual?.code, usual?.data?.['found']], ['path.missing', 'C:\\ProgramData']);
  assert.deepEqual(await problems({}), [], 'without a path map it is not checked');
});

test('any other failure of the list ends the plan', async () => {
  const host = hostWith([], {}, { denied: vssError('vss.answer', 'impossible') });
  await assert.rejects(planSet(host, [], never), { code: 'vss.answer' });
});
