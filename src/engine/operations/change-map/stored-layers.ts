import { openStoredImage } from '../../backup/images/stored-disk.ts';
import type { ChainLink } from '../../backup/points/point-chain.ts';
import type { Store } from '../../backup/store/contract/store.ts';
import { isEngineError, type EngineError } from '../../base/errors.ts';
import { ChainDisk } from '../../disk/chain/chain.ts';
import type { VhdxImage } from '../../disk/vhdx/read/vhdx-image.ts';
import type { MapWarning } from './map-contents.ts';

/** The images of a chain that could be opened. */
export interface StoredLayers {
  /** The newest layers, down to the first that cannot be opened; ranges below it are unknown. */
  readonly disk: ChainDisk;
  /**
   * Image of each link, newest first, including those below a missing one. undefined: cannot be
   * opened.
   */
  readonly layers: readonly (VhdxImage | undefined)[];
  /** One warning for each image that cannot be opened. */
  readonly warnings: readonly MapWarning[];
  readonly close: () => Promise<void>;
}

/**
 * Opens as many images of a chain as possible: a missing or damaged one hides only its own data.
 * With `gap`, the chain continues below its last link, in points that cannot be read. Throws if the
 * newest image cannot be opened.
 */
export async function openStoredLayers(
  store: Store,
  links: readonly ChainLink[],
  gap: EngineError | undefined,
  signal: AbortSignal,
): Promise<StoredLayers> {
  const layers: (VhdxImage | undefined)[] = [];
  const warnings: MapWarning[] = [];
  const close = async (): Promise<void> => {
    for (const layer of layers) await layer?.close();
  };
  try {
    for (const link of links) {
      layers.push(
        await openStoredImage(store, link, signal).catch((error: unknown) => {
          signal.throwIfAborted();
          if (layers.length === 0 || !isEngineError(error) || !error.permanent) throw error;
          warnings.push({
            code: error.code,
            message: `The image of ${link.point.id} cannot be read, so its data is unknown: ${error.message}`,
          });
          return undefined;
        }),
      );
    }
    if (gap !== undefined) warnings.push({ code: gap.code, message: gap.message });
    const missing = layers.indexOf(undefined);
    const top = layers.slice(0, missing < 0 ? layers.length : missing);
    const upper = top.filter((layer) => layer !== undefined);
    const disk = new ChainDisk(upper, missing >= 0 || gap !== undefined);
    return { disk, layers, warnings, close };
  } catch (error) {
    await close();
    throw error;
  }
}
