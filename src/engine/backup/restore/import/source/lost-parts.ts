import type { LostPart } from '../../../../api/backup.ts';
import { bootEntries } from './boot-order.ts';
import type { ImportSource } from './import-source.ts';

/**
 * Devices that are not made anew: their contents or their hardware belong to the host. UNCONFIRMED
 * which further ones a real host lists.
 */
const DEVICES: readonly string[] = [
  'Microsoft:Hyper-V:Synthetic DVD Drive',
  'Microsoft:Hyper-V:Synthetic FibreChannel Port',
  'Microsoft:Hyper-V:Virtual Pci Express Port',
  'Microsoft:Hyper-V:GPU Partition',
];
/** Has `TpmEnabled`. */
const SECURITY = 'Msvm_SecuritySettingData';

/**
 * Returns what a VM loses that is made of its kept settings: boot entries that name a file, of which
 * the guest's firmware variables in the `.vmgs` have the rest, or a device that was not kept; the state of a TPM, which is in the `.vmgs`
 * alone; and devices. A VM that is made of its configuration files loses nothing.
 */
export function lostParts({ configuration, hardware }: ImportSource): readonly LostPart[] {
  if (configuration.length > 0 || hardware === undefined) return [];
  const { rows } = hardware;
  const devices = new Set<string>();
  let hasTpm = false;
  for (const { className, properties } of rows) {
    const subType = properties['ResourceSubType'];
    if (typeof subType === 'string' && DEVICES.includes(subType)) devices.add(subType);
    if (className === SECURITY) hasTpm ||= /^true$/i.test(String(properties['TpmEnabled']));
  }
  return [
    ...bootEntries(hardware).flatMap(({ device, isFile, name }) => {
      if (!isFile && device !== undefined) return [];
      return [{ code: isFile && device !== undefined ? 'bootFile' : 'bootOrder', name } as const];
    }),
    ...(hasTpm ? [{ code: 'tpm', name: '' } as const] : []),
    ...[...devices].map((each) => ({ code: 'device', name: nameOf(each) }) as const),
  ];
}

/** Returns an English sentence for terminals. */
export function lostText({ code, name }: LostPart): string {
  switch (code) {
    case 'bootFile':
      return `The boot entry “${name}” becomes that of its disk: the firmware starts the disk's own loader, and the guest's system adds its entry again`;
    case 'bootOrder':
      return `The boot entry “${name}” is not restored: its device is not among the kept settings`;
    case 'tpm':
      return 'The virtual TPM is not restored: its state is in the .vmgs alone, which the point does not have, and a new, empty one needs a key protector that is made on the host (Set-VMKeyProtector, Enable-VMTPM). A guest that keeps keys in it, as BitLocker does, asks for its recovery key';
    case 'device':
      return `The device “${name}” is not restored: add it by hand`;
  }
}

const nameOf = (subType: string): string => subType.split(':').at(-1) ?? subType;
