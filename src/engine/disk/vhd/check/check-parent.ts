import type { Defect } from '../../inspect/defect.ts';
import { parentPaths } from '../read/parent-paths.ts';
import type { VhdParts } from '../read/vhd-parts.ts';
import type { VhdErrorCode } from '../structures/vhd-errors.ts';

const NIL = /^[0-]+$/;

/** Yields the broken rules of the link of a differencing disk to its parent, taken as a whole. */
export function* checkParent({
  header,
  headerBytes,
  locators,
}: VhdParts): Generator<Defect<VhdErrorCode>> {
  if (header === undefined || headerBytes === undefined) return;
  const about = {
    structure: 'VHD dynamic header',
    section: 'VHD 1.0, Dynamic Disk Header Format',
  } as const;
  const { relativePath, absolutePath } = parentPaths(header, locators);
  if (relativePath === undefined && absolutePath === undefined) {
    yield {
      ...about,
      code: 'vhd.parent.noPath',
      field: 'ParentUnicodeName',
      offset: headerBytes.offset + 64,
      found: 'no path',
      expected: 'a path or a name of the parent',
      text: 'neither a parent locator nor the header names the parent',
    };
  }
  if (NIL.test(header.parentId)) {
    yield {
      ...about,
      code: 'vhd.parent.id',
      severity: 'warning',
      field: 'ParentUniqueId',
      offset: headerBytes.offset + 40,
      found: header.parentId,
      expected: 'the unique ID of the parent',
    };
  }
}
