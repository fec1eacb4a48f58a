import { newGuid } from '../../../base/guid.ts';
import type { NewImage } from '../../../disk/vhdx/structures/image/image-head.ts';
import { sectorSizes } from '../../../disk/vhdx/structures/metadata/metadata-items.ts';
import type { HostDisk } from '../../host/host.ts';
import type { HostDiskSource } from './host-disk-source.ts';

/** Parameters of a new image of a point, except for its parent. */
export type ImageShape = Required<
  Pick<NewImage, 'size' | 'blockSize' | 'logicalSectorSize' | 'physicalSectorSize' | 'diskId'>
>;

/**
 * Returns the shape of an image for the source disk: the same size, sector sizes and identity.
 * @param blockSizeFor chooses the block size
 */
export function imageShape(
  frozen: HostDisk,
  { size, sector, facts }: HostDiskSource,
  blockSizeFor: (virtualSize: number, logicalSectorSize: 512 | 4096) => number,
): ImageShape {
  const logicalSectorSize = sector as 512 | 4096;
  const physicalSectorSize = (facts.physicalSectorSize ?? 4096) as 512 | 4096;
  return {
    size,
    blockSize: blockSizeFor(size, logicalSectorSize),
    ...sectorSizes({ logicalSectorSize, physicalSectorSize }),
    diskId: frozen.virtualDiskId ?? newGuid(),
  };
}
