import type { VolumeInfo } from '../../api/guest/inspection.ts';
import { utf8Label } from '../bytes/text.ts';
import { UNKNOWN, type Recognise } from './recognition.ts';

const PAGE_SIZES = [4096, 8192, 16384, 65536];

/**
 * Linux swap area (linux, include/linux/swap.h): "SWAPSPACE2" in the last ten bytes of the first
 * page; at 1024 version, last page, number of bad pages, UUID, label. A suspended system has
 * "S1SUSPEND" there.
 */
export const recogniseSwap: Recognise = async (head) => {
  for (const page of PAGE_SIZES) {
    const suspended = head.has(page - 10, 'S1SUSPEND');
    if (!suspended && !head.has(page - 10, 'SWAPSPACE2')) continue;
    const found: VolumeInfo = {
      ...UNKNOWN,
      kind: 'swap',
      name: suspended ? 'Linux swap, suspended' : 'Linux swap',
      id: head.uuid(1024 + 12),
      label: utf8Label(head.slice(1024 + 28, 16)),
      size: (head.u32(1024 + 4) + 1) * page,
      blockSize: page,
    };
    return found;
  }
  return undefined;
};
