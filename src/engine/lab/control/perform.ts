import fs from 'node:fs/promises';
import { newGuid, parseGuid } from '../../base/guid.ts';
import type { Progress } from '../../base/progress.ts';
import { hashDisk, type DiskHash } from '../../disk/tools/disk-hash.ts';
import { fileError } from '../../source/platform/file-errors.ts';
import { FAULTS } from '../faults.ts';
import { labError } from '../lab-errors.ts';
import {
  createCheckpoint,
  createReferencePoint,
  destroyCheckpoint,
  destroyReferencePoint,
} from '../model/checkpoints.ts';
import { openActive, writeBytes, writeDifferences, writeRandom } from '../model/guest.ts';
import type { Lab } from '../model/lab.ts';
import { isMerging } from '../model/merges.ts';
import { moveAway, moveBack } from '../model/moved-vms.ts';
import { unmadeDisk } from '../model/new-disks.ts';
import { applyCheckpoint, overwriteDisk, writeOffline } from '../model/revert.ts';
import { setState, STATE } from '../model/vm-state.ts';
import { SECURITY } from '../rows/firmware-rows.ts';
import { runScript } from '../vss/diskshadow/run-script.ts';
import { createShadow, removeShadow } from '../vss/shadow-copies.ts';
import { volumeName } from '../vss/volumes.ts';
import { vssapiRecord } from '../vss/vssapi/vssapi-server.ts';
import type { LabCheckpoint, LabVm } from '../state/state.ts';
import { addDisk, firstFreeSlot, removeDiskFiles, resizeLabDisk } from './disks.ts';
import { changeMember, createGroup, listGroups, removeGroup, snapshotGroup } from './groups.ts';
import { addSharedDisk } from './shared-disks.ts';
import { giveVm, takeVm } from './given-vms.ts';
import type { LabOperations, OperationName, VmSummary } from './operations.ts';
import { addShare, removeShare, sharesOf } from './shares.ts';

type Performer<Name extends OperationName> = (
  lab: Lab,
  params: LabOperations[Name]['params'],
  progress: Progress,
  signal: AbortSignal,
) => Promise<LabOperations[Name]['result']>;

const MAX_FILE = 2 ** 31;
const BOOT_ORDER = 'BootSourceOrder';

const PERFORMERS: { readonly [Name in OperationName]: Performer<Name> } = {
  'add-vm': async (lab, { name, disks, generation = 2, drives = [] }, progress, signal) => {
    const vm = newVm(name, generation);
    for (const [at, disk] of disks.entries()) {
      const drive = drives[at % drives.length] ?? 'C';
      await addDisk(lab, vm, disk, progress, signal, firstFreeSlot(vm), drive);
    }
    lab.state.vms.push(vm);
    await lab.save();
    return summary(vm);
  },
  'add-vms': async (lab, { name, count, sizes }) => {
    const digits = String(count).length;
    const made = Array.from({ length: count }, (_, i) =>
      newVm(`${name}-${String(i + 1).padStart(digits, '0')}`),
    );
    for (const vm of made)
      vm.disks.push(...sizes.map((size, slot) => unmadeDisk(vm.id, slot, size)));
    lab.state.vms.push(...made);
    await lab.save();
    return { count, first: made[0]?.name ?? '', last: made.at(-1)?.name ?? '' };
  },
  'move-vm': async (lab, { vm, to }) => {
    const owner = lab.vm(vm);
    if (to === null) await moveBack(lab, owner);
    else await moveAway(lab, owner, to);
    return { id: owner.id, node: owner.movedTo ?? lab.state.machineName };
  },
  'give-vm': (lab, { vm, node }, _, signal) => giveVm(lab, lab.vm(vm), node, signal),
  'take-vm': async (lab, given) => summary(await takeVm(lab, given)),
  name: async ({ state }) => ({ machineName: state.machineName }),
  'remove-vm': async (lab, { vm }, _, signal) => {
    const owner = lab.vm(vm);
    const remove = async (): Promise<void> => {
      lab.state.vms.splice(lab.state.vms.indexOf(owner), 1);
      await lab.save();
      for (const disk of owner.disks) await removeDiskFiles(lab, disk);
    };
    await lab.exclusively(owner, remove, signal);
    return { id: owner.id };
  },
  list: async (lab) => lab.state.vms.filter(({ planned }) => planned !== true).map(summary),
  'write-bytes': async (lab, { vm, disk, offset, base64 }, _, signal) => {
    const owner = lab.vm(vm);
    return writeBytes(
      lab,
      owner,
      lab.disk(owner, disk),
      offset,
      Buffer.from(base64, 'base64'),
      signal,
    );
  },
  'write-file': async (lab, { vm, disk, offset, file }, _, signal) => {
    const owner = lab.vm(vm);
    const { size } = await fs.stat(file).catch((error: unknown) => {
      throw fileError(error, 'read', file);
    });
    if (size > MAX_FILE) {
      throw labError(
        'lab.argument',
        `${file} has ${size} bytes; at most ${MAX_FILE} are written at once`,
      );
    }
    const bytes = await fs.readFile(file).catch((error: unknown) => {
      throw fileError(error, 'read', file);
    });
    return writeBytes(lab, owner, lab.disk(owner, disk), offset, bytes, signal);
  },
  'write-raw': async (lab, { vm, disk, image }, progress, signal) => {
    const owner = lab.vm(vm);
    return writeDifferences(lab, owner, lab.disk(owner, disk), image, progress, signal);
  },
  'write-random': async (lab, { vm, disk, ...load }, _, signal) => {
    const owner = lab.vm(vm);
    return writeRandom(lab, owner, lab.disk(owner, disk), load, signal);
  },
  hash: async (lab, { vm, disk }, progress, signal) => {
    const owner = lab.vm(vm);
    const read = async (): Promise<DiskHash> => {
      const { disk: opened } = await openActive(lab, lab.disk(owner, disk), signal);
      try {
        return await hashDisk(opened, progress, signal);
      } finally {
        await opened.close();
      }
    };
    return lab.exclusively(owner, read, signal);
  },
  'fault-set': async (lab, { name, value, times, at }) => {
    lab.faults.set(name, value, times, at);
    return lab.faults.list();
  },
  'add-shared-disk': addSharedDisk,
  'share-add': addShare,
  'share-remove': removeShare,
  diskshadow: (lab, params, _, signal) => runScript(lab, params, signal),
  'shadow-create': (lab) => createShadow(lab),
  'shadow-remove': (lab, { id }) => removeShadow(lab, parseGuid(id)),
  'shadow-list': async ({ state }) => state.shadows ?? [],
  'volume-list': async (lab) =>
    lab.paths.volumes.map(({ drive }) => ({ drive, name: volumeName(lab, drive) })),
  'vssapi-record': async (lab) => vssapiRecord(lab),
  'share-list': async (lab) => sharesOf(lab),
  'fault-list': async ({ faults }) => ({
    known: FAULTS,
    active: faults.list(),
    exchanges: faults.exchanges,
    occurred: faults.occurred,
  }),
  'fault-clear': async (lab) => {
    lab.faults.clear();
    return lab.faults.list();
  },
  'checkpoint-create': async (lab, { vm }, _, signal) => {
    const made = await createCheckpoint(lab, lab.vm(vm), { type: 'user', consistency: 2 }, signal);
    return { id: made.id, name: made.name };
  },
  'checkpoint-remove': async (lab, { vm, id }, _, signal) => {
    const owner = lab.vm(vm);
    await destroyCheckpoint(lab, owner, checkpointOf(owner, id), signal);
    return { id };
  },
  'checkpoint-apply': async (lab, { vm, id }, _, signal) => {
    const owner = lab.vm(vm);
    await applyCheckpoint(lab, owner, checkpointOf(owner, id), signal);
    return summary(owner);
  },
  overwrite: async (lab, { vm, disk, file }, _, signal) => {
    const owner = lab.vm(vm);
    await overwriteDisk(lab, owner, lab.disk(owner, disk), file, signal);
    return summary(owner);
  },
  'write-offline': async (lab, { vm, disk, offset, base64 }, _, signal) => {
    const owner = lab.vm(vm);
    const bytes = Buffer.from(base64, 'base64');
    await writeOffline(lab, owner, lab.disk(owner, disk), offset, bytes, signal);
    return { writes: 1, bytes: bytes.length };
  },
  resize: async (lab, { vm, disk, size }, _, signal) => {
    const owner = lab.vm(vm);
    await resizeLabDisk(lab, owner, lab.disk(owner, disk), size, signal);
    return summary(owner);
  },
  replace: async (lab, { vm, disk, with: replacement }, progress, signal) => {
    const owner = lab.vm(vm);
    const old = lab.disk(owner, disk);
    requireSettled(owner);
    owner.disks.splice(disk, 1);
    await addDisk(lab, owner, replacement, progress, signal, old.slot);
    await lab.resetTracking(old);
    await lab.save();
    await removeDiskFiles(lab, old);
    return summary(owner);
  },
  attach: async (lab, { vm, disk, slot }, progress, signal) => {
    const owner = lab.vm(vm);
    requireSettled(owner);
    if (slot !== null && owner.disks.some((each) => each.slot === slot)) {
      throw labError('lab.argument', `${owner.name} has a disk at slot ${slot} already`);
    }
    await addDisk(lab, owner, disk, progress, signal, slot ?? undefined);
    await lab.save();
    return summary(owner);
  },
  detach: async (lab, { vm, disk }) => {
    const owner = lab.vm(vm);
    const old = lab.disk(owner, disk);
    requireSettled(owner);
    owner.disks.splice(disk, 1);
    await lab.resetTracking(old);
    await lab.save();
    return summary(owner);
  },
  'reference-point-create': async (lab, { vm, consistency }, _, signal) => {
    const level = consistency === 'application' ? 1 : 2;
    const made = await createReferencePoint(lab, lab.vm(vm), level, signal);
    return { id: made.instanceId };
  },
  'reference-point-remove': async (lab, { vm, id }, _, signal) => {
    const owner = lab.vm(vm);
    const point = owner.referencePoints.find(
      (each) => each.instanceId.toLowerCase() === id.toLowerCase(),
    );
    if (point === undefined) {
      throw labError('lab.argument', `${owner.name} has no reference point ${id}`, {
        data: { found: id },
      });
    }
    await destroyReferencePoint(lab, owner, point, signal);
    return { id };
  },
  'group-create': (lab, params) => createGroup(lab, params),
  'group-remove': (lab, params, _, signal) => removeGroup(lab, params, signal),
  'group-member': (lab, params) => changeMember(lab, params),
  'group-list': async (lab) => listGroups(lab),
  'group-snapshot': (lab, params, _, signal) => snapshotGroup(lab, params, signal),
  stop: async () => {
    throw labError('lab.notRunning', 'No process serves this lab');
  },
  'set-firmware': async (lab, { vm, tpm, bootFile }) => {
    const owner = lab.vm(vm);
    const changed = { ...owner.changed };
    if (tpm !== undefined) changed[SECURITY] = { TpmEnabled: tpm };
    if (bootFile !== undefined) {
      const { name, location, disk } = bootFile;
      const { slot } = lab.disk(owner, disk);
      const id = `${newGuid().toUpperCase()}\\F`;
      changed[id] = { name, location, slot };
      const { [BOOT_ORDER]: order } = changed[''] ?? {};
      if (Array.isArray(order)) changed[''] = { ...changed[''], [BOOT_ORDER]: [id, ...order] };
    }
    owner.changed = changed;
    await lab.save();
    return { id: owner.id };
  },
  'set-state': async (lab, { vm, state }) => {
    const owner = lab.vm(vm);
    await setState(lab, owner, STATE[state]);
    return summary(owner);
  },
};

/** Returns a running VM without disks. Throws `lab.argument` without a name. */
function newVm(name: string, generation: 1 | 2 = 2): LabVm {
  if (name.trim() === '') throw labError('lab.argument', 'A VM needs a name');
  return {
    id: newGuid(),
    name,
    enabledState: STATE.running,
    configurationVersion: '9.0',
    generation,
    created: new Date().toISOString(),
    controllerId: newGuid(),
    mergeEnabled: true,
    disks: [],
    checkpoints: [],
    referencePoints: [],
  };
}

function checkpointOf(vm: LabVm, id: string): LabCheckpoint {
  const checkpoint = vm.checkpoints.find((each) => each.id === id.toLowerCase());
  if (checkpoint !== undefined) return checkpoint;
  throw labError('lab.argument', `${vm.name} has no checkpoint ${id}`, {
    data: { found: id, expected: vm.checkpoints.map((each) => each.id) },
  });
}

/** Requires that each disk is one file, as replacing disks needs. */
function requireSettled(vm: LabVm): void {
  if (vm.checkpoints.length === 0 && !isMerging(vm)) return;
  throw labError(
    'lab.state',
    `${vm.name} has checkpoints or is merging: its disks cannot be replaced`,
  );
}

/** Performs one operation on an open lab. */
export function perform<Name extends OperationName>(
  lab: Lab,
  name: Name,
  params: LabOperations[Name]['params'],
  progress: Progress,
  signal: AbortSignal,
): Promise<LabOperations[Name]['result']> {
  // The name comes from a client: inherited properties of objects are not operations.
  const performer = Object.hasOwn(PERFORMERS, name)
    ? (PERFORMERS[name] as Performer<Name>)
    : undefined;
  if (performer === undefined) throw labError('lab.argument', `There is no operation ${name}`);
  return performer(lab, params, progress, signal);
}

function summary(vm: LabVm): VmSummary {
  return {
    id: vm.id,
    name: vm.name,
    disks: vm.disks.map((disk, number) => ({
      number,
      path: disk.files.at(-1) ?? '',
      virtualSize: disk.virtualSize,
      diskId: disk.virtualDiskId,
    })),
    checkpoints: vm.checkpoints.map(({ id, name, type }) => ({ id, name, type })),
    referencePoints: vm.referencePoints.map((point) => point.instanceId),
    merging: isMerging(vm),
  };
}
