import type { Defect } from '../../../../src/engine/disk/inspect/defect.ts';

/** A structure cut out of a sound file, with the decoders and rules that judge it. */
export interface StructureParser {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Bytes in which values are changed; the rest is filling. */
  readonly hot: number;
  readonly bigEndian: boolean;
  /** Makes the checksum right again. */
  readonly seal?: (bytes: Uint8Array) => void;
  /** Returns the defects found. Throws coded errors only. */
  readonly parse: (bytes: Uint8Array) => readonly (Defect | undefined)[];
}

/** Size that the file of a structure claims to have. */
export const FILE_SIZE = 64 * 2 ** 20;

/** Returns a function that sets the checksum of `sum` in a field of four bytes. */
export function sealer(
  field: number,
  sum: (bytes: Uint8Array, field: number) => number,
  littleEndian: boolean,
): (bytes: Uint8Array) => void {
  return (bytes) => {
    if (bytes.length < field + 4) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    view.setUint32(field, sum(bytes, field), littleEndian);
  };
}
