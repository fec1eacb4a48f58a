/**
 * Display names of partition types. UEFI 2.10 table 5-7; Microsoft's and the Discoverable
 * Partitions list.
 */
const GPT_TYPES: Readonly<Record<string, string>> = {
  'c12a7328-f81f-11d2-ba4b-00a0c93ec93b': 'EFI System',
  '024dee41-33e7-11d3-9d69-0008c781f39f': 'MBR scheme',
  '21686148-6449-6e6f-744e-656564454649': 'BIOS boot',
  'e3c9e316-0b5c-4db8-817d-f92df00215ae': 'Microsoft reserved',
  'ebd0a0a2-b9e5-4433-87c0-68b6b72699c7': 'Basic data',
  'de94bba4-06d1-4d40-a16a-bfd50179d6ac': 'Windows recovery',
  '5808c8aa-7e8f-42e0-85d2-e1e90434cfb3': 'LDM metadata',
  'af9b60a0-1431-4f62-bc68-3311714a69ad': 'LDM data',
  'e75caf8f-f680-4cee-afa3-b001e56efc2d': 'Storage Spaces',
  '0fc63daf-8483-4772-8e79-3d69d8477de4': 'Linux filesystem',
  '0657fd6d-a4ab-43c4-84e5-0933c84b4f4f': 'Linux swap',
  'e6d6d379-f507-44c2-a23c-238f2a3df928': 'Linux LVM',
  'a19d880f-05fc-4d3b-a006-743f0f84911e': 'Linux RAID',
  'bc13c2ff-59e6-4262-a352-b275fd6f7172': 'Linux extended boot',
  '4f68bce3-e8cd-4db1-96e7-fbcaf984b709': 'Linux root (x86-64)',
  '933ac7e1-2eb4-4f13-b844-0e14e2aef915': 'Linux home',
};

const MBR_TYPES: Readonly<Record<number, string>> = {
  0x01: 'FAT12',
  0x04: 'FAT16',
  0x05: 'Extended',
  0x06: 'FAT16',
  0x07: 'NTFS/exFAT',
  0x0b: 'FAT32',
  0x0c: 'FAT32',
  0x0e: 'FAT16',
  0x0f: 'Extended',
  0x27: 'Windows recovery',
  0x42: 'LDM',
  0x82: 'Linux swap',
  0x83: 'Linux filesystem',
  0x85: 'Extended',
  0x8e: 'Linux LVM',
  0xa5: 'FreeBSD',
  0xee: 'GPT protective',
  0xef: 'EFI System',
  0xfd: 'Linux RAID',
};

export const gptTypeName = (type: string): string => GPT_TYPES[type] ?? type;

export const mbrTypeName = (type: number): string => {
  const code = type.toString(16).padStart(2, '0').toUpperCase();
  return `${MBR_TYPES[type] ?? 'Type'} (${code})`;
};

/** Whether a type name is that of a Windows dynamic disk (logical disk manager). */
export const isDynamicType = (type: string): boolean => type.startsWith('LDM');

/** Whether a type name is that of an extended partition, which holds logical ones. */
export const isExtendedType = (type: string): boolean => type.startsWith('Extended (');

export const isExtended = (type: number): boolean => [0x05, 0x0f, 0x85].includes(type);
export const PROTECTIVE = 0xee;
