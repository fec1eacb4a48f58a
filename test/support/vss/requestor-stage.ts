import path from 'node:path';
import { never } from '../../../src/engine/base/abort.ts';
import { parseGuid } from '../../../src/engine/base/guid.ts';
import { openDisk } from '../../../src/engine/disk/chain/open-disk.ts';
import type { ShadowSet } from '../../../src/engine/vss/requestor.ts';
import type { RequestorStage } from '../../conformance/requestor-suite.ts';
import type { BackupLab } from '../backup/backup-lab.ts';

const MIB = 2 ** 20;
/** Offset of the byte that is written, and the number of bytes around it. */
const AT = 3 * MIB;
const LENGTH = 512;

type Way = Pick<RequestorStage, 'requestor' | 'cancelLimit'> & {
  /** Returns the local path of a file below the root of a copy. */
  readonly localPath: (hostPath: string) => string;
};

/** Makes two VMs in a lab, each with a disk on C and on D. */
export async function requestorStage(
  lab: Pick<BackupLab, 'ask' | 'fault' | 'clearFaults'>,
  { requestor, cancelLimit, localPath }: Way,
): Promise<RequestorStage> {
  const disks = [{ size: 8 * MIB }, { size: 8 * MIB }];
  const drives = ['C', 'D'] as const;
  const made = [
    await lab.ask('add-vm', { name: 'web', disks, drives }),
    await lab.ask('add-vm', { name: 'db', disks, drives }),
  ];
  return {
    requestor,
    cancelLimit,
    vms: made.map(({ id }) => parseGuid(id)),
    volumes: await lab.ask('volume-list', {}).then((all) => all.map(({ name }) => name)),
    sets: async () => [
      ...new Set((await lab.ask('shadow-list', {})).map(({ set }) => set as string)),
    ],
    foreign: async () => (await lab.ask('shadow-create', {})).set,
    write: async (byte) => {
      const base64 = Buffer.alloc(LENGTH, byte).toString('base64');
      for (const { name } of made) {
        await lab.ask('write-bytes', { vm: name, disk: 0, offset: AT, base64 });
      }
    },
    read: (set) =>
      Promise.all(made.map(({ disks: [disk] }) => readByte(set, disk?.path ?? '', localPath))),
    fault: (name, value, times) => lab.fault(name, value, times),
    clearFaults: () => lab.clearFaults(),
    held: async () => 'vss.hold' in (await lab.ask('fault-list', {})).occurred,
  };
}

/** Reads the byte from the copy of a disk on drive C. */
async function readByte(
  { shadows }: ShadowSet,
  file: string,
  localPath: Way['localPath'],
): Promise<number> {
  for (const { root } of shadows) {
    const copy = localPath(path.win32.join(root, file.slice('C:\\'.length)));
    try {
      const { disk } = await openDisk(copy, {}, never);
      const into = Buffer.alloc(LENGTH);
      await disk.read(AT, into, never);
      await disk.close();
      return into[0] ?? -1;
    } catch (error) {
      if ((error as { code?: string }).code !== 'source.notFound') throw error;
    }
  }
  throw new Error(`${file} is not in the set`);
}
