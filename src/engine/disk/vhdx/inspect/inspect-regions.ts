import type { ByteSource } from '../../../source/byte-source.ts';
import {
  MAX_BAT_REGION,
  MAX_METADATA_REGION,
  MIB,
  REGION_BAT,
  REGION_TABLE_OFFSETS,
  REGION_TABLE_SIZE,
} from '../structures/layout.ts';
import type { Region } from '../structures/regions/region-entry.ts';
import {
  judgeRegionTables,
  regionEntries,
  type RegionTables,
} from '../structures/regions/region-table.ts';
import { refuses } from '../../inspect/defect.ts';
import type { VhdxDefect } from '../structures/vhdx-defect.ts';
import { readPart } from './read-part.ts';

/** Both region tables as the file has them, and the regions that can be recognised. */
export interface InspectedRegions {
  readonly copies: readonly [Uint8Array, Uint8Array];
  readonly tables: RegionTables;
  readonly regions: readonly Region[];
  readonly defects: readonly VhdxDefect[];
}

export async function inspectRegions(
  source: ByteSource,
  signal: AbortSignal,
): Promise<InspectedRegions> {
  const defects: VhdxDefect[] = [];
  const copy = (i: 0 | 1): Promise<Uint8Array> =>
    readPart(
      source,
      {
        what: `region table ${i + 1}`,
        offset: REGION_TABLE_OFFSETS[i],
        length: REGION_TABLE_SIZE,
        section: 'MS-VHDX 2.2.3',
      },
      defects,
      signal,
    );
  const copies = [await copy(0), await copy(1)] as const;
  const tables = judgeRegionTables(...copies);
  const judged = tables.defects.flatMap((each, i) => ((copies[i]?.length ?? 0) > 0 ? each : []));
  defects.push(...judged, ...tables.together);
  return { copies, tables, regions: recognised(copies, tables, source.size), defects };
}

/** Returns the regions of the table in use; of damaged tables those that may be right. */
function recognised(
  copies: readonly [Uint8Array, Uint8Array],
  { used, defects }: RegionTables,
  fileSize: number,
): readonly Region[] {
  if (used !== undefined && !defects[used].some((each) => refuses(each))) {
    return regionEntries(copies[used], REGION_TABLE_OFFSETS[used]);
  }
  return copies
    .flatMap((bytes, i) => regionEntries(bytes, REGION_TABLE_OFFSETS[i as 0 | 1]))
    .filter(({ id, offset, length }) => {
      const limit = id === REGION_BAT ? MAX_BAT_REGION : MAX_METADATA_REGION;
      const placed = offset >= MIB && offset % MIB === 0 && length > 0 && length % MIB === 0;
      return placed && length <= limit && offset + length <= fileSize;
    })
    .filter((region, i, all) => all.findIndex(({ id }) => id === region.id) === i);
}
