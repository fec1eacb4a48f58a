import { fields } from '../model/fields.ts';

/**
 * The structures of a VHDX file, field by field, after MS-VHDX. The decoders of disk/vhdx validate;
 * these tables only show.
 */

export const IDENTIFIER = fields('MS-VHDX 2.2.1', [
  ['Signature', 0, 8, 'ascii', 'The letters “vhdxfile”'],
  ['Creator', 8, 512, 'utf16', 'The program that created the file; informative'],
]);

export const HEADER = fields('MS-VHDX 2.2.2', [
  ['Signature', 0, 4, 'ascii', 'The letters “head”'],
  ['Checksum', 4, 4, 'hex32', 'CRC-32C over the 4096 bytes, this field counted as zero'],
  [
    'SequenceNumber',
    8,
    8,
    'u64',
    'Of two valid headers the one with the greater number is current',
  ],
  ['FileWriteGuid', 16, 16, 'guid', 'New before the first change of any kind after opening'],
  [
    'DataWriteGuid',
    32,
    16,
    'guid',
    'New before the first change that a guest could see; identifies the parent in its children',
  ],
  [
    'LogGuid',
    48,
    16,
    'guid',
    'Zero if there is nothing to replay; otherwise the GUID of the valid log entries',
  ],
  ['LogVersion', 64, 2, 'u16', 'Must be 0'],
  ['Version', 66, 2, 'u16', 'Must be 1'],
  ['LogLength', 68, 4, 'size32', 'A multiple of 1 MiB'],
  ['LogOffset', 72, 8, 'u64', 'File offset of the log, a multiple of 1 MiB'],
  ['Reserved', 80, 4016, 'reserved', 'Zero'],
]);

export const REGION_TABLE = fields('MS-VHDX 2.2.3.1', [
  ['Signature', 0, 4, 'ascii', 'The letters “regi”'],
  ['Checksum', 4, 4, 'hex32', 'CRC-32C over the 64 KiB, this field counted as zero'],
  ['EntryCount', 8, 4, 'u32', 'At most 2047'],
  ['Reserved', 12, 4, 'reserved', 'Zero'],
]);

export const REGION_ENTRY = fields('MS-VHDX 2.2.3.2', [
  ['Guid', 0, 16, 'guid', 'Kind of the region'],
  ['FileOffset', 16, 8, 'u64', 'File offset of the region, a multiple of 1 MiB'],
  ['Length', 24, 4, 'size32', 'A multiple of 1 MiB'],
  ['Required', 28, 4, 'flags32', 'Whether a reader must understand this region', { 0: 'Required' }],
]);

export const METADATA_TABLE = fields('MS-VHDX 2.6.1.1', [
  ['Signature', 0, 8, 'ascii', 'The letters “metadata”'],
  ['Reserved', 8, 2, 'reserved', 'Zero'],
  ['EntryCount', 10, 2, 'u16', 'At most 2047'],
  ['Reserved2', 12, 20, 'reserved', 'Zero'],
]);

export const METADATA_ENTRY = fields('MS-VHDX 2.6.1.2', [
  ['ItemId', 0, 16, 'guid', 'Kind of the item'],
  ['Offset', 16, 4, 'u32', 'Offset from the start of the metadata region, at least 64 KiB'],
  ['Length', 20, 4, 'size32', 'At most 1 MiB'],
  [
    'Flags',
    24,
    4,
    'flags32',
    'Owner and kind of the item',
    { 0: 'IsUser', 1: 'IsVirtualDisk', 2: 'IsRequired' },
  ],
  ['Reserved', 28, 4, 'reserved', 'Zero'],
]);

export const FILE_PARAMETERS = fields('MS-VHDX 2.6.2.1', [
  ['BlockSize', 0, 4, 'size32', 'Size of a payload block: a power of two from 1 MiB to 256 MiB'],
  [
    'Flags',
    4,
    4,
    'flags32',
    'LeaveBlocksAllocated makes the disk a fixed one, HasParent a differencing one',
    { 0: 'LeaveBlocksAllocated', 1: 'HasParent' },
  ],
]);
export const VIRTUAL_SIZE = fields('MS-VHDX 2.6.2.2', [
  ['VirtualDiskSize', 0, 8, 'size64', 'Size that the guest sees, at most 64 TiB'],
]);
export const DISK_ID = fields('MS-VHDX 2.6.2.3', [
  [
    'VirtualDiskId',
    0,
    16,
    'guid',
    'Disk identity that the guest sees (SCSI page 83), equal along a chain',
  ],
]);
export const LOGICAL_SECTOR = fields('MS-VHDX 2.6.2.4', [
  ['LogicalSectorSize', 0, 4, 'u32', '512 or 4096, equal along a chain'],
]);
export const PHYSICAL_SECTOR = fields('MS-VHDX 2.6.2.5', [
  ['PhysicalSectorSize', 0, 4, 'u32', '512 or 4096'],
]);

export const LOCATOR_HEADER = fields('MS-VHDX 2.6.2.6.1', [
  ['LocatorType', 0, 16, 'guid', 'b04aefb7-d19e-4a81-b789-25b8e9445913 for a VHDX parent'],
  ['Reserved', 16, 2, 'reserved', 'Zero'],
  ['KeyValueCount', 18, 2, 'u16', 'Number of entries that follow'],
]);
export const LOCATOR_ENTRY = fields('MS-VHDX 2.6.2.6.2', [
  ['KeyOffset', 0, 4, 'u32', 'Offset from the start of the item'],
  ['ValueOffset', 4, 4, 'u32', 'Offset from the start of the item'],
  ['KeyLength', 8, 2, 'u16', 'In bytes'],
  ['ValueLength', 10, 2, 'u16', 'In bytes'],
]);

export const LOG_ENTRY = fields('MS-VHDX 2.3.1.1', [
  ['Signature', 0, 4, 'ascii', 'The letters “loge”'],
  ['Checksum', 4, 4, 'hex32', 'CRC-32C over the whole entry, this field counted as zero'],
  ['EntryLength', 8, 4, 'size32', 'A multiple of 4 KiB'],
  ['Tail', 12, 4, 'u32', 'Offset in the log where a replay that ends with this entry begins'],
  ['SequenceNumber', 16, 8, 'u64', 'One more than that of the previous entry'],
  ['DescriptorCount', 24, 4, 'u32', 'Number of changes that follow'],
  ['Reserved', 28, 4, 'reserved', 'Zero'],
  [
    'LogGuid',
    32,
    16,
    'guid',
    'The entry is valid only if this equals the LogGuid of the current header',
  ],
  ['FlushedFileOffset', 48, 8, 'u64', 'The file was at least this long when the entry was written'],
  ['LastFileOffset', 56, 8, 'u64', 'The file must be at least this long after a replay'],
]);
export const DATA_DESCRIPTOR = fields('MS-VHDX 2.3.1.3', [
  ['Signature', 0, 4, 'ascii', 'The letters “desc”: a page of 4 KiB is written'],
  ['TrailingBytes', 4, 4, 'hex32', 'The last four bytes of the page'],
  ['LeadingBytes', 8, 8, 'u64', 'The first eight bytes of the page'],
  ['FileOffset', 16, 8, 'u64', 'File offset of the page'],
  ['SequenceNumber', 24, 8, 'u64', 'Equals that of the entry'],
]);
export const ZERO_DESCRIPTOR = fields('MS-VHDX 2.3.1.2', [
  ['Signature', 0, 4, 'ascii', 'The letters “zero”: a range becomes zero'],
  ['Reserved', 4, 4, 'reserved', 'Zero'],
  ['ZeroLength', 8, 8, 'size64', 'A multiple of 4 KiB'],
  ['FileOffset', 16, 8, 'u64', 'File offset of the range'],
  ['SequenceNumber', 24, 8, 'u64', 'Equals that of the entry'],
]);
