import { compareBat } from '../../disk/vhdx/read/compare-bat.ts';
import { compareHead, type HeadDifference } from '../../disk/vhdx/read/compare-head.ts';
import type { VhdxImage } from '../../disk/vhdx/read/vhdx-image.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import type { Finding } from '../../api/host.ts';
import { parentLinkOf } from '../points/parent-link.ts';
import { pointFile } from '../store/contract/layout.ts';
import type { ChainLink } from '../points/point-chain.ts';
import type { Store } from '../store/contract/store.ts';

const hex = (byte: number): string => `0x${byte.toString(16).padStart(2, '0')}`;

/**
 * Compares the image of the chain's first link with the output of the writer for its record:
 * everything before the BAT. Windows needs some of these parts that our reader ignores, such as the
 * second copies and the flags of metadata.
 * @param opened the image's file, if it is open; it is not closed.
 */
export async function headFindings(
  store: Store,
  links: readonly ChainLink[],
  opened: ByteSource | undefined,
  signal: AbortSignal,
): Promise<Finding[]> {
  const [own, parent] = links;
  if (own === undefined) return [];
  const { disk, point } = own;
  const differences = await withImage(store, own, opened, signal, (source) =>
    compareHead(
      source,
      {
        size: disk.virtualSize,
        logicalSectorSize: sector(disk.logicalSectorSize) ?? 512,
        physicalSectorSize: sector(disk.physicalSectorSize),
        blockSize: disk.blockSize ?? undefined,
        dataWriteGuid: disk.dataWriteGuid,
        diskId: disk.virtualDiskId ?? undefined,
        ...(parent === undefined ? {} : { parent: parentLinkOf(parent) }),
      },
      signal,
    ),
  );
  return differences.map((difference) => ({
    code: 'image.head',
    severity: 'error',
    message: `${point.id}: ${disk.file}: ${sentence(difference)}`,
  }));
}

/**
 * Reads the whole BAT of the chain's first link and checks that the writer could have made every
 * entry.
 */
export async function batFindings(
  store: Store,
  own: ChainLink,
  image: VhdxImage | undefined,
  opened: ByteSource | undefined,
  signal: AbortSignal,
): Promise<Finding[]> {
  if (image === undefined) return [];
  const difference = await withImage(store, own, opened, signal, (source) =>
    compareBat(source, image.metadata, signal),
  );
  if (difference === undefined) return [];
  const message = `${own.point.id}: ${own.disk.file}: the block table at ${difference.offset} ${difference.problem}`;
  return [{ code: 'image.bat', severity: 'error', message }];
}

function sentence({ structure, offset, found, expected, bytes }: HeadDifference): string {
  const more = bytes === 1 ? '' : `; ${bytes} bytes differ`;
  return `${structure}: found ${hex(found)} at ${offset}, expected ${hex(expected)}${more}`;
}

async function withImage<T>(
  store: Store,
  { point, disk }: ChainLink,
  opened: ByteSource | undefined,
  signal: AbortSignal,
  work: (source: ByteSource) => Promise<T>,
): Promise<T> {
  if (opened !== undefined) return work(opened);
  const path = pointFile(point.manifest.vm.id, point.id, disk.file);
  const source = await store.openFile(path, signal);
  try {
    return await work(source);
  } finally {
    await source.close();
  }
}

const sector = (size: number | null): 512 | 4096 | undefined =>
  size === 512 || size === 4096 ? size : undefined;
