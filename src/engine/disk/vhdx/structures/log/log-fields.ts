import { number, oneOf, zero } from '../../../inspect/field-rules.ts';
import { fields } from '../../../inspect/fields.ts';
import { PAGE } from '../layout.ts';

/**
 * Log entry (MS-VHDX 2.3.1), a multiple of 4 KiB long, in a ring that may wrap at any 4 KiB: the
 * header, descriptors of 32 bytes without a gap, the area padded to 4 KiB, then a data sector for
 * each data descriptor.
 */

const wholePages = (value: number): boolean => value % PAGE === 0;

export const LOG_ENTRY = fields('MS-VHDX 2.3.1.1', {
  Signature: [0, 4, 'ascii', 'The letters “loge”', oneOf('vhdx.log.signature', ['loge'], {})],
  Checksum: [4, 4, 'crc32', 'CRC-32C over the whole entry, this field counted as zero'],
  EntryLength: [
    8,
    4,
    'size32',
    'A multiple of 4 KiB',
    number(
      'vhdx.log.length',
      `a multiple of ${PAGE}, not 0`,
      (value) => value > 0 && wholePages(value),
      {},
    ),
  ],
  Tail: [
    12,
    4,
    'u32',
    'Offset in the log where a replay that ends with this entry begins',
    number('vhdx.log.tail', `a multiple of ${PAGE}`, wholePages, {}),
  ],
  SequenceNumber: [
    16,
    8,
    'u64',
    'One more than that of the previous entry',
    number('vhdx.log.sequence', 'more than 0', (value) => value > 0, {}),
  ],
  DescriptorCount: [24, 4, 'u32', 'Number of changes that follow'],
  Reserved: [28, 4, 'reserved', 'Zero', zero('vhdx.log.reserved')],
  LogGuid: [
    32,
    16,
    'guid',
    'The entry is valid only if this equals the LogGuid of the current header',
  ],
  FlushedFileOffset: [
    48,
    8,
    'u64',
    'The file was at least this long when the entry was written',
    number('vhdx.log.fileOffset', 'less than 2^53', Number.isSafeInteger, {}),
  ],
  LastFileOffset: [
    56,
    8,
    'u64',
    'The file must be at least this long after a replay',
    number('vhdx.log.fileOffset', 'less than 2^53', Number.isSafeInteger, {}),
  ],
});

export const DATA_DESCRIPTOR = fields('MS-VHDX 2.3.1.3', {
  Signature: [0, 4, 'ascii', 'The letters “desc”: a page of 4 KiB is written'],
  TrailingBytes: [4, 4, 'hex32', 'The last four bytes of the page'],
  LeadingBytes: [8, 8, 'u64', 'The first eight bytes of the page'],
  FileOffset: [16, 8, 'u64', 'File offset of the page'],
  SequenceNumber: [24, 8, 'u64', 'Equals that of the entry'],
});

export const ZERO_DESCRIPTOR = fields('MS-VHDX 2.3.1.2', {
  Signature: [0, 4, 'ascii', 'The letters “zero”: a range becomes zero'],
  Reserved: [4, 4, 'reserved', 'Zero', zero('vhdx.log.reserved')],
  ZeroLength: [8, 8, 'size64', 'A multiple of 4 KiB'],
  FileOffset: [16, 8, 'u64', 'File offset of the range'],
  SequenceNumber: [24, 8, 'u64', 'Equals that of the entry'],
});

/** A page is the leading bytes, these 4084, and the trailing bytes. */
export const DATA_SECTOR = fields('MS-VHDX 2.3.1.4', {
  Signature: [0, 4, 'ascii', 'The letters “data”'],
  SequenceHigh: [4, 4, 'u32', 'Upper half of the sequence number of the entry'],
  Data: [8, 4084, 'reserved', 'Bytes 8 to 4092 of the page'],
  SequenceLow: [4092, 4, 'u32', 'Lower half; differs if the sector is torn'],
});
