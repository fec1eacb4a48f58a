import { fields } from '../../inspect/fields.ts';

/**
 * The footer of a VHD, big-endian: the last 512 bytes, and also at offset 0 unless the disk is
 * fixed.
 */
export const FOOTER = fields('VHD 1.0, Hard Disk Footer Format', {
  Cookie: [0, 8, 'ascii', 'The letters “conectix”'],
  Features: [8, 4, 'hex32Be', 'Bit 1 is always set; bit 0 marks a temporary disk'],
  FileFormatVersion: [12, 4, 'hex32Be', '0x00010000'],
  DataOffset: [16, 8, 'u64Be', 'Offset of the dynamic header; all bits are set in fixed disks'],
  TimeStamp: [24, 4, 'date2000Be', 'Seconds since 1 January 2000, UTC'],
  CreatorApplication: [28, 4, 'ascii', 'The program that created the file'],
  CreatorVersion: [32, 4, 'hex32Be', 'Its version'],
  CreatorHostOS: [36, 4, 'ascii', 'The system on which the file was created'],
  OriginalSize: [40, 8, 'size64Be', 'Size of the disk at its creation'],
  CurrentSize: [48, 8, 'size64Be', 'Size of the disk that the guest sees'],
  Cylinders: [56, 2, 'u16Be', 'Of the geometry'],
  Heads: [58, 1, 'u8', 'Of the geometry'],
  SectorsPerTrack: [59, 1, 'u8', 'Of the geometry'],
  DiskType: [60, 4, 'u32Be', 'Kind of the disk', { 2: 'fixed', 3: 'dynamic', 4: 'differencing' }],
  Checksum: [
    64,
    4,
    'hex32Be',
    'Ones’ complement of the sum of all bytes, this field counted as zero',
  ],
  UniqueId: [68, 16, 'uuid', 'Identifies the parent in its children'],
  SavedState: [84, 1, 'u8', 'Whether the VM was in saved state'],
  Reserved: [85, 427, 'reserved', 'Zero'],
});

/** The dynamic header of a dynamic or differencing VHD, big-endian. */
export const DYNAMIC_HEADER = fields('VHD 1.0, Dynamic Disk Header Format', {
  Cookie: [0, 8, 'ascii', 'The letters “cxsparse”'],
  DataOffset: [8, 8, 'hex64Be', 'Not used: all bits are set'],
  TableOffset: [16, 8, 'u64Be', 'Offset of the BAT'],
  HeaderVersion: [24, 4, 'hex32Be', '0x00010000'],
  MaxTableEntries: [28, 4, 'u32Be', 'Number of entries in the BAT'],
  BlockSize: [32, 4, 'size32Be', 'Bytes of a block, without its sector bitmap'],
  Checksum: [
    36,
    4,
    'hex32Be',
    'Ones’ complement of the sum of all bytes, this field counted as zero',
  ],
  ParentUniqueId: [40, 16, 'uuid', 'The unique ID in the footer of the parent'],
  ParentTimeStamp: [56, 4, 'date2000Be', 'Modification time of the parent; Windows 10 writes 0'],
  Reserved1: [60, 4, 'reserved', 'Zero'],
  ParentUnicodeName: [64, 512, 'utf16Be', 'Name or path of the parent'],
  Reserved2: [768, 256, 'reserved', 'Zero'],
});

/** A parent locator entry, big-endian. */
export const LOCATOR_ENTRY = fields('VHD 1.0, Parent Locator Entries', {
  PlatformCode: [0, 4, 'ascii', 'System and kind of the path'],
  PlatformDataSpace: [4, 4, 'u32Be', 'Bytes (or sectors) reserved for the path'],
  PlatformDataLength: [8, 4, 'u32Be', 'Bytes of the path'],
  Reserved: [12, 4, 'reserved', 'Zero'],
  PlatformDataOffset: [16, 8, 'u64Be', 'Offset of the path in the file'],
});
