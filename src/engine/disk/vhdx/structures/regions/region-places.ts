import { NIL_GUID } from '../../../../base/guid.ts';
import type { VhdxHeader } from '../header.ts';
import { batEntryCount, type BlockGeometry } from '../layout.ts';
import { regionName, type Region } from './region-entry.ts';
import type { VhdxDefect } from '../vhdx-defect.ts';

/**
 * Returns the defects of the places of log and regions: past the end of the file, or over one
 * another. The table itself has the rule that its regions do not overlap.
 */
export function placeDefects(
  header: VhdxHeader | undefined,
  regions: readonly Region[],
  fileSize: number,
): readonly VhdxDefect[] {
  const found = regions.flatMap((region) => beyond(region, fileSize));
  if (header === undefined || header.logLength === 0) return found;
  const { logOffset, logLength, logGuid } = header;
  // The rules of the header name a place that no file has.
  if (!Number.isSafeInteger(logOffset)) return found;
  const end = logOffset + logLength;
  // A reader needs the log only if there is something to replay; then it looks for itself.
  if (end > fileSize && logGuid === NIL_GUID) {
    found.push({
      code: 'vhdx.log.beyond',
      structure: 'the log',
      offset: logOffset,
      found: end,
      expected: `at most ${fileSize}`,
      section: 'MS-VHDX 2.3',
      text: `the log lies at [${logOffset}, ${end}); the file ends at ${fileSize}`,
      data: { length: logLength, size: fileSize },
    });
  }
  const hit = regions.find((r) => r.offset < end && r.offset + r.length > logOffset);
  if (hit === undefined) return found;
  found.push({
    code: 'vhdx.region.overLog',
    error: 'vhdx.region.overlap',
    structure: `the ${regionName(hit.id)} region`,
    offset: hit.offset,
    found: hit.offset,
    expected: `space outside the log at [${logOffset}, ${end})`,
    section: 'MS-VHDX 2.1',
    text: `the ${regionName(hit.id)} region at ${hit.offset} overlaps the log at [${logOffset}, ${end})`,
    data: { region: hit.id, logOffset },
  });
  return found;
}

function beyond({ id, offset, length }: Region, fileSize: number): VhdxDefect[] {
  if (offset + length <= fileSize) return [];
  const what = regionName(id);
  return [
    {
      code: 'vhdx.region.beyond',
      error: 'vhdx.truncated',
      structure: `the ${what} region`,
      offset,
      found: offset + length,
      expected: `at most ${fileSize}`,
      section: 'MS-VHDX 2.2.3.2',
      text: `the ${what} region ends at ${offset + length}; the file ends at ${fileSize}`,
      data: { needed: length, size: fileSize },
    },
  ];
}

/** Returns the defect of a BAT region that is too small for the entries of this disk. */
export function batSizeDefect(
  bat: Region,
  disk: BlockGeometry,
  differencing: boolean,
): readonly VhdxDefect[] {
  const needed = batEntryCount(disk, differencing) * 8;
  if (needed <= bat.length) return [];
  return [
    {
      code: 'vhdx.bat.size',
      error: 'vhdx.bat.size',
      structure: 'the BAT region',
      offset: bat.offset,
      found: bat.length,
      expected: needed,
      section: 'MS-VHDX 2.5',
      text: `the BAT region has ${bat.length} bytes; a disk of ${disk.virtualSize} bytes needs ${needed}`,
    },
  ];
}
