import { RESTORE, words, type ErrorWords } from './error-words.ts';

const CHECK_PARENT = 'Check that the parent is the file of which this disk was made';

/** Errors of the files of virtual disks: facility 0x3A, codes 1 to 0x19 (winerror.h). */
export const IMAGE_ERROR_WORDS: readonly (readonly [number, ErrorWords])[] = [
  [0xc03a0001, words('ERROR_VHD_DRIVE_FOOTER_MISSING', 'The VHD has no footer', RESTORE)],
  [
    0xc03a0002,
    words(
      'ERROR_VHD_DRIVE_FOOTER_CHECKSUM_MISMATCH',
      'The checksum of the footer of the VHD is wrong',
      RESTORE,
    ),
  ],
  [
    0xc03a0003,
    words('ERROR_VHD_DRIVE_FOOTER_CORRUPT', 'The footer of the VHD is damaged', RESTORE),
  ],
  [
    0xc03a0004,
    words(
      'ERROR_VHD_FORMAT_UNKNOWN',
      'The file is not a disk image of a known format',
      'Check the path and the file',
    ),
  ],
  [
    0xc03a0005,
    words(
      'ERROR_VHD_FORMAT_UNSUPPORTED_VERSION',
      'The version of the format is not supported',
      'Convert the image to VHDX',
    ),
  ],
  [
    0xc03a0006,
    words(
      'ERROR_VHD_SPARSE_HEADER_CHECKSUM_MISMATCH',
      'The checksum of the header of the dynamic VHD is wrong',
      RESTORE,
    ),
  ],
  [
    0xc03a0007,
    words(
      'ERROR_VHD_SPARSE_HEADER_UNSUPPORTED_VERSION',
      'The version of the header of the dynamic VHD is not supported',
      'Convert the image to VHDX',
    ),
  ],
  [
    0xc03a0008,
    words('ERROR_VHD_SPARSE_HEADER_CORRUPT', 'The header of the dynamic VHD is damaged', RESTORE),
  ],
  [
    0xc03a0009,
    words(
      'ERROR_VHD_BLOCK_ALLOCATION_FAILURE',
      'No new block could be added to the image',
      'Make room on the volume of the image',
    ),
  ],
  [
    0xc03a000a,
    words(
      'ERROR_VHD_BLOCK_ALLOCATION_TABLE_CORRUPT',
      'The block allocation table of the image is damaged',
      RESTORE,
    ),
  ],
  [
    0xc03a000b,
    words('ERROR_VHD_INVALID_BLOCK_SIZE', 'The block size is not valid', 'Use another block size'),
  ],
  [
    0xc03a000c,
    words(
      'ERROR_VHD_BITMAP_MISMATCH',
      'The bitmap of a block of the image does not fit the block',
      RESTORE,
    ),
  ],
  [
    0xc03a000d,
    words(
      'ERROR_VHD_PARENT_VHD_NOT_FOUND',
      'The parent of the differencing disk was not found',
      'Put the parent back at its path, or set its new path',
    ),
  ],
  [
    0xc03a000e,
    words(
      'ERROR_VHD_CHILD_PARENT_ID_MISMATCH',
      'The identifier of the parent is not the one that the differencing disk has recorded',
      CHECK_PARENT,
    ),
  ],
  [
    0xc03a000f,
    words(
      'ERROR_VHD_CHILD_PARENT_TIMESTAMP_MISMATCH',
      'The parent was changed after the differencing disk was made',
      CHECK_PARENT,
    ),
  ],
  [
    0xc03a0010,
    words('ERROR_VHD_METADATA_READ_FAILURE', 'The metadata of the image cannot be read', RESTORE),
  ],
  [
    0xc03a0011,
    words(
      'ERROR_VHD_METADATA_WRITE_FAILURE',
      'The metadata of the image cannot be written',
      'Check that the file is not read-only and that its volume has room',
    ),
  ],
  [
    0xc03a0012,
    words('ERROR_VHD_INVALID_SIZE', 'The size of the disk is not valid', 'Use another size'),
  ],
  [
    0xc03a0013,
    words(
      'ERROR_VHD_INVALID_FILE_SIZE',
      'The size of the file does not fit the image: the file may be cut off',
      RESTORE,
    ),
  ],
  [
    0xc03a0014,
    words(
      'ERROR_VIRTDISK_PROVIDER_NOT_FOUND',
      'Windows has no provider for this kind of file',
      'Use a file that ends in .vhdx, .avhdx, .vhd or .avhd',
    ),
  ],
  [
    0xc03a0015,
    words(
      'ERROR_VIRTDISK_NOT_VIRTUAL_DISK',
      'The object is not a virtual disk',
      'Check the path and the file',
    ),
  ],
  [
    0xc03a0016,
    words(
      'ERROR_VHD_PARENT_VHD_ACCESS_DENIED',
      'The account may not open the parent of the differencing disk',
      'Let the account read the parent',
    ),
  ],
  [
    0xc03a0017,
    words(
      'ERROR_VHD_CHILD_PARENT_SIZE_MISMATCH',
      'Parent and differencing disk have different sizes',
      CHECK_PARENT,
    ),
  ],
  [
    0xc03a0018,
    words(
      'ERROR_VHD_DIFFERENCING_CHAIN_CYCLE_DETECTED',
      'The chain of parents leads back to the disk itself',
      'Set the right parents',
    ),
  ],
  [
    0xc03a0019,
    words(
      'ERROR_VHD_DIFFERENCING_CHAIN_ERROR_IN_PARENT',
      'A parent of the differencing disk cannot be opened',
      'Check the parents one by one',
    ),
  ],
];
