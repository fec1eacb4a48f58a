import { diskError } from '../../virtual/disk-errors.ts';
import type { ImageIdentity, ParentLink } from '../../image/image.ts';
import type { DynamicHeader } from '../structures/dynamic-header.ts';
import { parentPaths, type ReadLocator } from './parent-paths.ts';

/**
 * Returns the link of a differencing image to its parent, which must be a VHD with the recorded
 * unique ID. The recorded time stamp does not decide: Windows 10 writes 0.
 */
export function parentLink(
  child: string,
  header: DynamicHeader,
  locators: readonly ReadLocator[],
): ParentLink {
  const expected = header.parentId;
  return {
    ...parentPaths(header, locators),
    volumePath: undefined,
    format: 'vhd',
    mismatch: ({ name, format, identity }: ImageIdentity) => {
      if (format === 'vhd' && identity === expected) return undefined;
      const found = format === 'vhd' ? `has the ID ${identity ?? 'of nothing'}` : 'is not a VHD';
      return diskError(
        'disk.parent.mismatch',
        `${name} ${found}; ${child} was made from the VHD with the ID ${expected}`,
        { data: { child, parent: name, found: identity ?? format, expected } },
      );
    },
  };
}
