import { Buffer } from 'node:buffer';
import { never } from '../../../base/abort.ts';
import type { OpenedDisk } from '../../../disk/chain/open-disk.ts';
import { SERVICE_ACTION } from '../../../net/rsvd/codec/scsi/cdb.ts';
import type { SharedDisk } from '../disk/shared-disk.ts';
import { good, illegal, MAX_BYTES, type ScsiResult } from './result.ts';

const OUT_OF_RANGE = 0x21;
const INVALID_FIELD = 0x24;

/** Size and allocation of a disk, or of one of its snapshots. */
export interface BlockView {
  facts(): Promise<{ size: number; sectorSize: number; physicalSectorSize: number }>;
  read<T>(work: (opened: OpenedDisk) => Promise<T>): Promise<T>;
}

export const viewOf = (disk: SharedDisk): BlockView => ({
  facts: () => disk.facts(),
  read: (work) => disk.session.read(work),
});

/** The contents of a snapshot, which do not change. */
export const viewOfSnapshot = (opened: OpenedDisk): BlockView => ({
  facts: async () => ({
    size: opened.disk.size,
    sectorSize: opened.disk.logicalSectorSize,
    physicalSectorSize: opened.layers[0].physicalSectorSize ?? opened.disk.logicalSectorSize,
  }),
  read: (work) => work(opened),
});

/** A lie of the device, for tests of its clients. */
export type LbaLie = 'hidden' | 'gap' | 'thick' | undefined;

/** SERVICE ACTION IN(16): READ CAPACITY(16) and GET LBA STATUS. @param room bytes of the answer */
export async function describeBlocks(
  view: BlockView,
  cdb: Buffer,
  room: number,
  lie?: LbaLie,
): Promise<ScsiResult> {
  const fit = (data: Buffer): ScsiResult => good(data.subarray(0, room));
  const action = cdb.readUInt8(1) & 0x1f;
  const { size, sectorSize, physicalSectorSize } = await view.facts();
  if (action === SERVICE_ACTION.readCapacity16) {
    const answer = Buffer.alloc(32);
    answer.writeBigUInt64BE(BigInt(size / sectorSize - 1), 0);
    answer.writeUInt32BE(sectorSize, 8);
    answer.writeUInt8(Math.log2(physicalSectorSize / sectorSize), 13);
    // Thin: unmapped blocks read as zeros.
    answer.writeUInt16BE(lie === 'thick' ? 0x8000 : 0xc000, 14);
    return fit(answer);
  }
  if (action !== SERVICE_ACTION.getLbaStatus) return illegal(INVALID_FIELD);
  const first = Number(cdb.readBigUInt64BE(2));
  if (first * sectorSize >= size) return illegal(OUT_OF_RANGE);
  const most = Math.floor((Math.min(cdb.readUInt32BE(10), MAX_BYTES) - 8) / 16);
  return fit(await lbaStatus(view, { first, sector: sectorSize, most: Math.max(0, most), lie }));
}

/** GET LBA STATUS: descriptors of u64 block, u32 count, u8 status (0 mapped, 1 not), 3 zero. */
async function lbaStatus(
  view: BlockView,
  asked: { readonly first: number; readonly sector: number; readonly most: number; lie: LbaLie },
): Promise<Buffer> {
  const { first, sector, most, lie } = asked;
  const rows: Buffer[] = [];
  await view.read(async ({ disk }) => {
    for await (const extent of disk.extents({ start: first * sector, end: disk.size }, never)) {
      for (let at = 0; at < extent.length && rows.length < most;) {
        const blocks = Math.min((extent.length - at) / sector, 0xffff_ffff);
        const row = Buffer.alloc(16);
        const block = (extent.start + at) / sector + (lie === 'gap' ? 1 : 0);
        row.writeBigUInt64BE(BigInt(block), 0);
        row.writeUInt32BE(blocks, 8);
        row.writeUInt8(extent.kind === 'data' && lie !== 'hidden' ? 0 : 1, 12);
        rows.push(row);
        at += blocks * sector;
      }
      if (rows.length >= most) break;
    }
  });
  const head = Buffer.alloc(8);
  head.writeUInt32BE(4 + 16 * rows.length, 0);
  return Buffer.concat([head, ...rows]);
}
