import type { Engine } from '../engine/engine.ts';

/** Parts of the extension that look into stores. */
export interface StoreServices {
  readonly engine: Engine;
}
