import path from 'node:path';
import { isPointId } from '../../backup/manifest/point-id.ts';
import { openStoreAt, plainTarget } from '../../backup/store/store-kinds.ts';
import { pointFolder, vmFolder } from '../../backup/store/contract/layout.ts';
import { EngineError } from '../../base/errors.ts';
import { tryParseGuid } from '../../base/guid.ts';
import { isPortableFileName } from '../../source/platform/path-flavour.ts';

/** The only relative path in a point's image: `..\<point>\<file>`. */
const SIBLING = /^(?:\.[\\/])?\.\.[\\/]([^\\/]+)[\\/]([^\\/]+)$/;

/**
 * Finds the parent of a point's image in the sibling point folder of the same VM. Returns undefined
 * unless the image lies at `<store>/<vm>/<point>/<file>` and `text` names another point of that VM.
 * Returns null if that point lacks the file. Looks only inside the VM's folder and does not follow
 * links.
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
    // The image itself must be a regular file there: a link may point anywhere.
    const own = await store.list(pointFolder(vmId, point), signal);
    if (!own.includes(path.basename(image))) return undefined;
    if (!points.includes(`${sibling}/`)) return null;
    const files = await store.list(pointFolder(vmId, sibling), signal);
    return files.includes(file) ? path.join(root, vmId, sibling, file) : null;
  } catch (error) {
    signal.throwIfAborted();
    // Not a store, or a store that contains links.
    if (error instanceof EngineError) return undefined;
    throw error;
  }
}
