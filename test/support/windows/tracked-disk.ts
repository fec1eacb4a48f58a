import type { HostLab } from './host-lab.ts';

const MIB = 2 ** 20;

/** A disk on the host of a lab, of a VM that is off. */
export interface LabDisk {
  readonly vm: string;
  /** Path on the host. */
  readonly file: string;
  write(offset: number, bytes: Buffer): Promise<void>;
}

let count = 0;

/** Adds a VM with one disk, and ends the faults of the test before. */
export async function newDisk(lab: HostLab, size = 8 * MIB): Promise<LabDisk> {
  await lab.clearFaults();
  count++;
  const name = `vm${count}`;
  await lab.ask('add-vm', { name, disks: [{ size }] });
  await lab.ask('set-state', { vm: name, state: 'off' });
  const vm = (await lab.ask('list', {})).find((each) => each.name === name);
  return {
    vm: name,
    file: vm?.disks[0]?.path ?? '',
    write: async (offset, bytes) => {
      await lab.ask('write-bytes', { vm: name, disk: 0, offset, base64: bytes.toString('base64') });
    },
  };
}
