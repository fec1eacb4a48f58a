import type { LostPart } from '../../../../api/backup.ts';
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
/** Has `TpmEnabled`. UNCONFIRMED that a host lists it with the other settings. */
const SECURITY = 'Msvm_SecuritySettingData';

/**
 * Returns what a VM loses that is made of its kept settings. The boot order of generation 2 names
 * sources by paths of the old VM, and the state of a TPM is in the `.vmgs` alone. A VM that is made of
 * its configuration files loses nothing.
 */
export function lostParts({ configuration, hardware }: ImportSource): readonly LostPart[] {
  if (configuration.length > 0 || hardware === undefined) return [];
  const { system, rows } = hardware;
  const order = system['BootSourceOrder'];
  const devices = new Set<string>();
  let hasTpm = false;
  for (const { className, properties } of rows) {
    const subType = properties['ResourceSubType'];
    if (typeof subType === 'string' && DEVICES.includes(subType)) devices.add(subType);
    if (className === SECURITY) hasTpm ||= /^true$/i.test(String(properties['TpmEnabled']));
  }
  return [
    ...(Array.isArray(order) && order.length > 1 ? [{ code: 'bootOrder', name: '' } as const] : []),
    ...(hasTpm ? [{ code: 'tpm', name: '' } as const] : []),
    ...[...devices].map((each) => ({ code: 'device', name: nameOf(each) }) as const),
  ];
}

/** Returns an English sentence for terminals. */
export function lostText({ code, name }: LostPart): string {
  switch (code) {
    case 'bootOrder':
      return 'The boot order of the VM is not restored: the host orders its new devices itself';
    case 'tpm':
      return 'The state of the virtual TPM is not restored: a guest that keeps keys there needs its recovery keys';
    case 'device':
      return `The device “${name}” is not restored: add it by hand`;
  }
}

const nameOf = (subType: string): string => subType.split(':').at(-1) ?? subType;
