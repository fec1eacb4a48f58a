import { fieldDefects, oneOf } from '../../inspect/field-rules.ts';
import { fields, readField, writeFields } from '../../inspect/fields.ts';
import { KIB } from './layout.ts';
import { printable } from '../../inspect/plain.ts';
import { refuse, type VhdxDefect } from './vhdx-defect.ts';

/**
 * File type identifier (MS-VHDX 2.2.1), at offset 0. Readers need only the first 520 bytes; writers
 * fill 64 KiB.
 */
export interface FileIdentifier {
  /** Name of the program that created the file. */
  readonly creator: string;
}

const SIGNATURE = 'vhdxfile';
const CREATOR_BYTES = 512;
export const FILE_IDENTIFIER_READ = 8 + CREATOR_BYTES;
export const FILE_IDENTIFIER_SIZE = 64 * KIB;

export const IDENTIFIER = fields('MS-VHDX 2.2.1', {
  Signature: [
    0,
    8,
    'ascii',
    'The letters “vhdxfile”',
    oneOf('vhdx.signature', [SIGNATURE], { error: 'vhdx.signature' }),
  ],
  Creator: [8, CREATOR_BYTES, 'utf16', 'The program that created the file; informative'],
});

/** Returns all defects of the identifier. */
export function identifierDefects(bytes: Uint8Array): readonly VhdxDefect[] {
  const whole = bytes.length >= FILE_IDENTIFIER_READ;
  const known = whole ? bytes : new Uint8Array(FILE_IDENTIFIER_READ);
  const text = 'the file does not begin with “vhdxfile”: it is not a VHDX';
  return fieldDefects<'vhdx.signature'>(IDENTIFIER, known, 'the file identifier', 0).map(
    (defect) => ({ ...defect, found: printable(String(defect.found)), text }),
  );
}

/** Throws `vhdx.signature` if the bytes do not begin a VHDX. */
export function decodeFileIdentifier(bytes: Uint8Array): FileIdentifier {
  refuse(identifierDefects(bytes));
  return { creator: readField(IDENTIFIER.Creator, bytes) };
}

/** Encodes the whole 64 KiB. A creator longer than 256 UTF-16 units is truncated. */
export function encodeFileIdentifier({ creator }: FileIdentifier): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(FILE_IDENTIFIER_SIZE);
  writeFields(IDENTIFIER, bytes, { Signature: SIGNATURE, Creator: creator });
  return bytes;
}
