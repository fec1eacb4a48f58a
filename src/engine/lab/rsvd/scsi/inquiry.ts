import { Buffer } from 'node:buffer';
import { guidToBytes } from '../../../base/guid.ts';
import type { SharedFacts } from '../disk/shared-disk.ts';

const PAGES = [0x00, 0x80, 0x83, 0xb0, 0xb2] as const;

/** Standard INQUIRY data (SPC-4 6.6.2). */
export function standardInquiry(): Buffer {
  const data = Buffer.alloc(36, ' ');
  data.set([0, 0, 6, 2, 31, 0, 0, 2]);
  data.write('Refpoint', 8, 'latin1');
  data.write('Lab disk', 16, 'latin1');
  data.write('1.0', 32, 'latin1');
  return data;
}

/** Returns a page of vital product data; undefined if the disk does not have it. */
export function vitalPage(
  page: number,
  { diskId, size, sectorSize }: SharedFacts,
): Buffer | undefined {
  switch (page) {
    case 0x00:
      return wrapped(page, Buffer.from(PAGES));
    case 0x80:
      return wrapped(page, Buffer.from(diskId, 'latin1'));
    case 0x83: {
      const id = Buffer.concat([
        Buffer.from([1, 1, 0, 24]),
        Buffer.from('Refpoint'),
        guidToBytes(diskId),
      ]);
      return wrapped(page, id);
    }
    case 0xb0: {
      const limits = Buffer.alloc(60);
      limits.writeUInt32BE(Math.min(size / sectorSize, 16_384), 4);
      limits.writeUInt32BE(0xffff_ffff, 16);
      limits.writeUInt32BE(256, 20);
      return wrapped(page, limits);
    }
    case 0xb2:
      return wrapped(page, Buffer.from([0, 0xe4, 2, 0]));
    default:
      return undefined;
  }
}

function wrapped(page: number, body: Buffer): Buffer {
  const head = Buffer.from([0, page, 0, 0]);
  head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, body]);
}
