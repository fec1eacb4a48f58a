import path from 'node:path';
import type { DiskImage } from '../image/image.ts';
import type { NewParent } from '../image/image-writer.ts';

/**
 * Returns what a child records of its parent.
 * @param childPath path of the child's file, which need not exist
 */
export function newParent(
  parent: Pick<DiskImage, 'identity' | 'size'>,
  parentPath: string,
  childPath: string,
): NewParent {
  const absolutePath = path.resolve(parentPath);
  const relative = path.relative(path.dirname(path.resolve(childPath)), absolutePath);
  return {
    identity: parent.identity,
    size: parent.size,
    // No relative path leads to another drive.
    relativePath: path.isAbsolute(relative) ? undefined : relative,
    absolutePath,
  };
}
