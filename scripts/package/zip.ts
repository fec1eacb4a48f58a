import { crc32, inflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly contents: Buffer;
  /** What it takes in the archive, in bytes. */
  readonly packed: number;
}

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;

/** Files of a zip archive by path, from its central directory (APPNOTE 4.3.12, 4.3.16), every checksum checked. No zip64, no encryption. */
export function readZip(archive: Buffer): ReadonlyMap<string, ZipEntry> {
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || archive.readUInt32LE(end) !== END) throw new Error('this is no zip archive');
  const count = archive.readUInt16LE(end + 10);
  const files = new Map<string, ZipEntry>();
  let at = archive.readUInt32LE(end + 16);
  for (let i = 0; i < count; i++) {
    if (archive.readUInt32LE(at) !== CENTRAL) throw new Error('the directory is damaged');
    const nameLength = archive.readUInt16LE(at + 28);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    if (files.has(name)) throw new Error(`${name} is in it twice`);
    if (!name.endsWith('/')) files.set(name, entry(archive, at, name));
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return files;
}

function entry(archive: Buffer, at: number, name: string): ZipEntry {
  const method = archive.readUInt16LE(at + 10);
  const packed = archive.readUInt32LE(at + 20);
  const local = archive.readUInt32LE(at + 42);
  if (archive.readUInt32LE(local) !== LOCAL) throw new Error(`${name} is not where it should be`);
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const bytes = archive.subarray(start, start + packed);
  if (method !== 0 && method !== 8) throw new Error(`${name} is packed in an unknown way`);
  const contents = method === 0 ? bytes : inflateRawSync(bytes);
  if (contents.length !== archive.readUInt32LE(at + 24)) throw new Error(`${name} is cut short`);
  if (crc32(contents) !== archive.readUInt32LE(at + 16)) throw new Error(`${name} is damaged`);
  return { contents, packed };
}
