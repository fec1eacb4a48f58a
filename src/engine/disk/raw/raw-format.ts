import { openFileHoles, type FileHoles } from '../../native/file-holes.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import { FileSource } from '../../source/files/file-source.ts';
import type { DiskFormat } from '../image/disk-format.ts';
import { RawImage } from './raw-image.ts';
import { RawWriter } from './raw-writer.ts';

/** The file is the disk; every file that has no other format is a raw image. */
export const RAW: DiskFormat = {
  name: 'raw',
  title: 'a raw image',
  endings: ['.raw', '.img'],
  signatures: [],
  open: (source) => Promise.resolve(new RawImage(source, holesOf(source))),
  survey: (source) => {
    const image = new RawImage(source, holesOf(source));
    return Promise.resolve(image.surveyed(image.fileSize));
  },
  identify: () => Promise.resolve(undefined),
  writes: {
    subformats: ['fixed'],
    logicalSectorSizes: [512],
    blockSizes: [],
    create: (parts, disk) => new RawWriter(parts, disk),
  },
};

/** Known holes need not be read; without koffi the whole file is read. */
function holesOf(source: ByteSource): FileHoles | undefined {
  if (!(source instanceof FileSource)) return undefined;
  try {
    return openFileHoles(source.name);
  } catch {
    return undefined;
  }
}
