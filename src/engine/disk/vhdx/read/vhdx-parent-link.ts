import { NIL_GUID } from '../../../base/guid.ts';
import type { ImageIdentity, ParentLink } from '../../image/image.ts';
import { diskError } from '../../virtual/disk-errors.ts';
import type { ParentLocator } from '../structures/locator/parent-locator.ts';

/**
 * Returns the link of a differencing VHDX. Its parent is a VHDX with the DataWriteGuid that the
 * locator names (MS-VHDX 2.6.2.6.3).
 */
export function vhdxParentLink(child: string, locator: ParentLocator): ParentLink {
  const { linkage, linkage2 = NIL_GUID, relativePath, absolutePath, volumePath } = locator;
  const fits = ({ format, identity }: ImageIdentity): boolean =>
    format === 'vhdx' && (identity === linkage || (linkage2 !== NIL_GUID && identity === linkage2));
  return {
    relativePath,
    absolutePath,
    volumePath,
    mismatch: (parent) => {
      if (fits(parent)) return undefined;
      const { name, format, identity = null } = parent;
      const message =
        format === 'vhdx'
          ? `${name} has data-write GUID ${identity}; ${child} was made from ${linkage}: ` +
            'the parent was written to since, or is a different file'
          : `${name} has the format ${format}; the parent of ${child} must be a VHDX`;
      return diskError('disk.parent.mismatch', message, {
        data: { child, parent: name, found: identity ?? format, expected: linkage },
      });
    },
  };
}
