import { newGuid, type Guid } from '../../../base/guid.ts';
import type { ByteStorage } from '../../../source/byte-source.ts';
import { chooseBlockSize } from '../structures/block-size.ts';
import {
  DEFAULT_CREATOR,
  encodeImageHead,
  newMetadata,
  newRegions,
  type NewImage,
} from '../structures/image/image-head.ts';
import {
  encodeMetadataRegion,
  metadataItems,
  metadataRegionLength,
  type VhdxMetadata,
} from '../structures/metadata/metadata-items.ts';

/**
 * Creates an empty dynamic or differencing image in a storage, which is emptied first: a new disk,
 * or the AVHDX of a checkpoint. Tables are durable before the headers are written, so a crash
 * leaves no image or a complete one. The storage stays open.
 */
export async function createVhdx(
  storage: ByteStorage,
  image: NewImage,
  signal: AbortSignal,
): Promise<{ readonly metadata: VhdxMetadata; readonly dataWriteGuid: Guid }> {
  const sector = image.logicalSectorSize ?? 512;
  const metadata = newMetadata(image, image.blockSize ?? chooseBlockSize(image.size, sector));
  const items = [...metadataItems(metadata), ...(image.userItems ?? [])];
  const regions = newRegions(metadata, metadataRegionLength(items));
  const dataWriteGuid = image.dataWriteGuid ?? newGuid();
  // Extending the file makes log and BAT zero.
  await storage.resize(0, signal);
  await storage.resize(regions.bat.offset + regions.bat.length, signal);
  const { length } = regions.metadata;
  const region = new Uint8Array(length);
  region.set(encodeMetadataRegion(items, length));
  await storage.write(regions.metadata.offset, region, signal);
  await storage.flush(signal);
  const head = encodeImageHead(image.creator ?? DEFAULT_CREATOR, dataWriteGuid, regions);
  await storage.write(0, head, signal);
  await storage.flush(signal);
  return { metadata, dataWriteGuid };
}
