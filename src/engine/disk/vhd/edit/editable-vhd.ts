import type { ByteStorage } from '../../../source/byte-source.ts';
import { throwFirst } from '../../inspect/defect.ts';
import { errorInVhd } from '../read/error-in-vhd.ts';
import { readParts, type VhdParts } from '../read/vhd-parts.ts';
import type { DynamicHeader } from '../structures/dynamic-header.ts';
import type { VhdFooter, VhdSubformat } from '../structures/footer.ts';
import { FOOTER_SIZE } from '../structures/layout.ts';
import { vhdError } from '../structures/vhd-errors.ts';

/** The structures of a VHD that is open for writing. */
export interface EditableVhd {
  readonly parts: VhdParts;
  readonly footer: VhdFooter;
  /** The footer as it lies in the file, 512 bytes. */
  readonly footerBytes: Uint8Array;
  readonly subformat: VhdSubformat;
  /** Virtual size in bytes. */
  readonly size: number;
  /** Undefined for a fixed disk. */
  readonly header: DynamicHeader | undefined;
}

/** Reads the structures and requires them to be sound. Leaves `storage` open. Throws `vhd.*`. */
export async function readEditable(
  storage: ByteStorage,
  signal: AbortSignal,
): Promise<EditableVhd> {
  const parts = await readParts(storage, signal);
  try {
    throwFirst(vhdError, parts.defects);
    const { footer, subformat, size, header, footers } = parts;
    const { used } = footers;
    const known = footer !== undefined && subformat !== undefined && size !== undefined;
    if (known && used !== undefined && (subformat === 'fixed' || header !== undefined)) {
      // A footer of 511 bytes lacks the last reserved one.
      const footerBytes = new Uint8Array(FOOTER_SIZE);
      footerBytes.set(used.bytes);
      return { parts, footer, footerBytes, subformat, size: size.size, header };
    }
    throw vhdError('vhd.footer.none', 'the file has no valid footer', { data: { offset: 0 } });
  } catch (error) {
    throw errorInVhd(error, storage.name);
  }
}
