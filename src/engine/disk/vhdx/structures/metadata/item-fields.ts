import type { Guid } from '../../../../base/guid.ts';
import { number, oneOf, zero } from '../../../inspect/field-rules.ts';
import { fields, sizeOf, type FieldTable } from '../../../inspect/fields.ts';
import {
  ITEM_DISK_ID,
  ITEM_FILE_PARAMETERS,
  ITEM_INCOMPLETE,
  ITEM_LOGICAL_SECTOR_SIZE,
  ITEM_PARENT_LOCATOR,
  ITEM_PHYSICAL_SECTOR_SIZE,
  ITEM_VIRTUAL_SIZE,
  MAX_BLOCK_SIZE,
  MAX_VIRTUAL_SIZE,
  MIN_BLOCK_SIZE,
} from '../layout.ts';

/** The metadata items of MS-VHDX 2.6.2, field by field. */

const value = { error: 'vhdx.metadata.value' } as const;
const SECTOR_SIZES = [512, 4096];

/** Whether a block may have this size: a power of two from 1 to 256 MiB. */
export const isBlockSize = (size: number): boolean =>
  size >= MIN_BLOCK_SIZE && size <= MAX_BLOCK_SIZE && Number.isInteger(Math.log2(size));

export const FILE_PARAMETERS = fields('MS-VHDX 2.6.2.1', {
  BlockSize: [
    0,
    4,
    'size32',
    'Size of a payload block: a power of two from 1 MiB to 256 MiB',
    number(
      'vhdx.metadata.blockSize',
      `a power of two from ${MIN_BLOCK_SIZE} to ${MAX_BLOCK_SIZE}`,
      isBlockSize,
      value,
    ),
  ],
  Flags: [
    4,
    4,
    'flags32',
    'LeaveBlocksAllocated makes the disk a fixed one, HasParent a differencing one',
    { 0: 'LeaveBlocksAllocated', 1: 'HasParent' },
    [zero('vhdx.metadata.parameterBits', 0xfffffffc)],
  ],
});

export const VIRTUAL_SIZE = fields('MS-VHDX 2.6.2.2', {
  VirtualDiskSize: [
    0,
    8,
    'size64',
    'Size that the guest sees, at most 64 TiB',
    [
      number('vhdx.metadata.diskSize', 'less than 2^53', Number.isSafeInteger, {
        error: 'bytes.u64',
      }),
      number(
        'vhdx.metadata.diskSize',
        `more than 0, at most ${MAX_VIRTUAL_SIZE}`,
        (size) => size > 0 && size <= MAX_VIRTUAL_SIZE,
        value,
      ),
    ],
  ],
});

export const DISK_ID = fields('MS-VHDX 2.6.2.3', {
  VirtualDiskId: [
    0,
    16,
    'guid',
    'Disk identity that the guest sees (SCSI page 83), equal along a chain',
  ],
});

export const LOGICAL_SECTOR = fields('MS-VHDX 2.6.2.4', {
  LogicalSectorSize: [
    0,
    4,
    'u32',
    '512 or 4096, equal along a chain',
    oneOf('vhdx.metadata.logicalSector', SECTOR_SIZES, value),
  ],
});

export const PHYSICAL_SECTOR = fields('MS-VHDX 2.6.2.5', {
  PhysicalSectorSize: [
    0,
    4,
    'u32',
    '512 or 4096',
    oneOf('vhdx.metadata.physicalSector', SECTOR_SIZES, value),
  ],
});

/** A known item: its name, its fields, and the flags that writers give it. */
export interface KnownItem {
  readonly name: string;
  readonly fields: FieldTable;
  /** Length in bytes; 0 if it varies. */
  readonly length: number;
  readonly isVirtualDisk: boolean;
  /** Whether every image has it. */
  readonly always: boolean;
  readonly section: string;
}

const item = (
  name: string,
  table: FieldTable,
  section: string,
  isVirtualDisk: boolean,
  always = true,
): KnownItem => ({
  name,
  fields: table,
  length: Object.keys(table).length === 0 ? 0 : sizeOf(table),
  isVirtualDisk,
  always,
  section,
});

/** Every item that the engine knows, in the order of the specification. */
export const KNOWN_ITEMS: ReadonlyMap<Guid, KnownItem> = new Map([
  [ITEM_FILE_PARAMETERS, item('File parameters', FILE_PARAMETERS, 'MS-VHDX 2.6.2.1', false)],
  [ITEM_VIRTUAL_SIZE, item('Virtual disk size', VIRTUAL_SIZE, 'MS-VHDX 2.6.2.2', true)],
  [ITEM_DISK_ID, item('Virtual disk id', DISK_ID, 'MS-VHDX 2.6.2.3', true)],
  [ITEM_LOGICAL_SECTOR_SIZE, item('Logical sector size', LOGICAL_SECTOR, 'MS-VHDX 2.6.2.4', true)],
  [
    ITEM_PHYSICAL_SECTOR_SIZE,
    item('Physical sector size', PHYSICAL_SECTOR, 'MS-VHDX 2.6.2.5', true),
  ],
  [ITEM_PARENT_LOCATOR, item('Parent locator', {}, 'MS-VHDX 2.6.2.6', false, false)],
  [
    ITEM_INCOMPLETE,
    item('Mark of an incomplete creation', {}, 'not in MS-VHDX; Microsoft’s reader', false, false),
  ],
]);
