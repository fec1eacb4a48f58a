import { structure } from '../layout/structure.ts';

/** Data of Resize. Microsoft's clients add 4 bytes of padding. */
export const RESIZE = structure('SVHDX_META_OPERATION_RESIZE_VIRTUAL_DISK', '2.2.4.17.4', 12, {
  newSize: [0, 'size', 'NewSize in bytes'],
  expandOnly: [8, 'u8', 'ExpandOnly'],
  allowUnsafe: [9, 'u8', 'AllowUnsafeVirtualSize'],
  shrinkToMinimum: [10, 'u8', 'ShrinkToMinimumSafeSize'],
});
