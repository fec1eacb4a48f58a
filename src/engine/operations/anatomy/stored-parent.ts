import path from 'node:path';
import { isPointId } from '../../backup/manifest/point-id.ts';
import { openStoreAt, plainTarget } from '../../backup/store/store-kinds.ts';
import { pointFolder, vmFolder } from '../../backup/store/contract/layout.ts';
import { EngineError } from '../../base/errors.ts';
import { tryParseGuid } from '../../base/guid.ts';
import { isPortableFileName } from '../../source/platform/path-flavour.ts';

/** The one relative path that a point's image has: `..\<point>\<file>`. */
const SIBLING = /^(?:\.[\\/])?\.\.[\\/]([^\\/]+)[\\/]([^\\/]+)$/;

/**
 * Finds the parent of a point's image in the sibling point folder of the same VM. Answers undefined unless the image lies in a store, at
 * `<store>/<vm>/<point>/<file>`, and `text` names another point of that VM; null if that point lacks the file. Nothing outside the
 * VM's folder is looked for, and links are not followed.
 */
export async function storedParent(
  image: string,
  text: string,
  signal: AbortSignal,
): Promise<string | null | undefined> {
  const [, sibling = '', file = ''] = SIBLING.exec(text) ?? [];
  const folder = path.dirname(image);
  const point = path.basename(folder);
  const vm = path.basename(path.dirname(folder));
  const vmId = tryParseGuid(vm);
  const named = isPointId(sibling) && sibling !== point && isPortableFileName(file);
  if (!named || !isPointId(point) || vmId !== vm) return undefined;
  const root = path.dirname(path.dirname(folder));
  try {
    const store = await openStoreAt(plainTarget(root), signal);
    const points = await store.list(vmFolder(vmId), signal);
    if (!points.includes(`${point}/`)) return undefined;
    // The image itself must be a plain file there: a link with its name may lie anywhere.
    const own = await store.list(pointFolder(vmId, point), signal);
    if (!own.includes(path.basename(image))) return undefined;
    if (!points.includes(`${sibling}/`)) return null;
    const files = await store.list(pointFolder(vmId, sibling), signal);
    return files.includes(file) ? path.join(root, vmId, sibling, file) : null;
  } catch (error) {
    signal.throwIfAborted();
    // Not a store, or one with links in it.
    if (error instanceof EngineError) return undefined;
    throw error;
  }
}
