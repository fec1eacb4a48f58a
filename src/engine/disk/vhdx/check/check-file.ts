import type { ByteSource } from '../../../source/byte-source.ts';
import { isZero } from '../../virtual/zero-scan.ts';
import { MIB, REGION_TABLE_OFFSETS, REGION_TABLE_SIZE } from '../structures/layout.ts';
import type { VhdxDefect } from '../structures/vhdx-defect.ts';

const ABOUT = { structure: 'the file', section: 'MS-VHDX 2.1' } as const;

/**
 * Returns the defects of the size of the file and of the space that nothing uses.
 * @param whole whether every structure and block is known to lie inside the file
 * @param unused units of 1 MiB that nothing uses; undefined if the blocks are not known
 */
export function fileDefects(
  fileSize: number,
  whole: boolean,
  unused: number | undefined,
): readonly VhdxDefect[] {
  const found: VhdxDefect[] = [];
  const rest = fileSize % MIB;
  if (rest !== 0) {
    const meaning = whole ? 'no data is lost' : 'its end may have been cut off';
    found.push({
      ...ABOUT,
      code: 'vhdx.file.size',
      severity: whole ? 'info' : 'warning',
      offset: fileSize - rest,
      found: fileSize,
      expected: `a multiple of ${MIB}`,
      text: `the file has ${fileSize} bytes, not a multiple of 1 MiB; ${meaning}`,
    });
  }
  if (unused !== undefined && unused > 0) {
    found.push({
      ...ABOUT,
      code: 'vhdx.file.unused',
      severity: 'info',
      offset: 0,
      found: `${unused} MiB`,
      expected: 'space that something uses',
      text: `${unused} MiB of the file are unused`,
    });
  }
  return found;
}

/** Yields the defect of the reserved space between the region tables and 1 MiB. */
export async function* checkReserved(
  file: ByteSource,
  signal: AbortSignal,
): AsyncGenerator<VhdxDefect> {
  const start = REGION_TABLE_OFFSETS[1] + REGION_TABLE_SIZE;
  if (file.size < MIB) return;
  const bytes = new Uint8Array(MIB - start);
  await file.read(start, bytes, signal);
  if (isZero(bytes)) return;
  yield {
    ...ABOUT,
    code: 'vhdx.file.reserved',
    severity: 'info',
    offset: start + bytes.findIndex((byte) => byte !== 0),
    found: 'bytes that are not zero',
    expected: 'zero in the reserved space before 1 MiB',
  };
}
