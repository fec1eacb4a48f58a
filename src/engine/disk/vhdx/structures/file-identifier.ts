import { ByteReader } from '../../../base/bytes/byte-reader.ts';
import { ByteWriter } from '../../../base/bytes/byte-writer.ts';
import { KIB } from './layout.ts';
import { vhdxError } from './vhdx-errors.ts';

/**
 * File type identifier (MS-VHDX 2.2.1), at offset 0:
 *
 *     0    8  “vhdxfile”
 *     8  512  creator, UTF-16LE, up to the first NUL
 *
 * Readers need only the first 520 bytes; writers fill 64 KiB.
 */
export interface FileIdentifier {
  /** Name of the program that created the file. */
  readonly creator: string;
}

const SIGNATURE = 'vhdxfile';
const CREATOR_BYTES = 512;
export const FILE_IDENTIFIER_READ = 8 + CREATOR_BYTES;
export const FILE_IDENTIFIER_SIZE = 64 * KIB;

/** Throws `vhdx.signature` if the bytes do not begin a VHDX. */
export function decodeFileIdentifier(bytes: Uint8Array): FileIdentifier {
  const reader = new ByteReader(bytes, 'VHDX file identifier');
  const found = bytes.length >= FILE_IDENTIFIER_READ ? reader.ascii(8) : '';
  if (found !== SIGNATURE) {
    throw vhdxError('vhdx.signature', 'the file does not begin with “vhdxfile”: it is not a VHDX', {
      data: { offset: 0, found: printable(found), expected: SIGNATURE },
    });
  }
  const text = reader.utf16(CREATOR_BYTES);
  const end = text.indexOf('\0');
  return { creator: end < 0 ? text : text.slice(0, end) };
}

/** Encodes the whole 64 KiB. A creator longer than 256 UTF-16 units is truncated. */
export function encodeFileIdentifier({ creator }: FileIdentifier): Uint8Array<ArrayBuffer> {
  return new ByteWriter(FILE_IDENTIFIER_SIZE)
    .ascii(SIGNATURE)
    .utf16(creator.slice(0, CREATOR_BYTES / 2)).bytes;
}

/** Replaces characters of foreign text that a terminal cannot show safely. */
export function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '.');
}
