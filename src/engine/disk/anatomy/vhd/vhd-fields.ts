import { fields } from '../model/fields.ts';

/**
 * The footer of a VHD, big-endian: the last 512 bytes, and also at offset 0 unless the disk is
 * fixed.
 */
export const FOOTER = fields('VHD 1.0, Hard Disk Footer Format', [
  ['Cookie', 0, 8, 'ascii', 'The letters “conectix”'],
  ['Features', 8, 4, 'hex32Be', 'Bit 1 is always set; bit 0 marks a temporary disk'],
  ['FileFormatVersion', 12, 4, 'hex32Be', '0x00010000'],
  ['DataOffset', 16, 8, 'u64Be', 'Where the dynamic header lies; all bits set in fixed disks'],
  ['TimeStamp', 24, 4, 'u32Be', 'Seconds since 1 January 2000, UTC'],
  ['CreatorApplication', 28, 4, 'ascii', 'The program that made the file'],
  ['CreatorVersion', 32, 4, 'hex32Be', 'Its version'],
  ['CreatorHostOS', 36, 4, 'ascii', 'The system that it ran on'],
  ['OriginalSize', 40, 8, 'size64Be', 'Of the disk when it was made'],
  ['CurrentSize', 48, 8, 'size64Be', 'Of the disk as the guest sees it'],
  ['Cylinders', 56, 2, 'u16Be', 'Of the geometry'],
  ['Heads', 58, 1, 'u8', 'Of the geometry'],
  ['SectorsPerTrack', 59, 1, 'u8', 'Of the geometry'],
  [
    'DiskType',
    60,
    4,
    'u32Be',
    'What kind of disk it is',
    { 2: 'fixed', 3: 'dynamic', 4: 'differencing' },
  ],
  [
    'Checksum',
    64,
    4,
    'hex32Be',
    'Ones’ complement of the sum of all bytes, this field counted as zero',
  ],
  ['UniqueId', 68, 16, 'guid', 'Children name their parent by it'],
  ['SavedState', 84, 1, 'u8', 'Whether the machine was in saved state'],
  ['Reserved', 85, 427, 'reserved', 'Zero'],
]);
