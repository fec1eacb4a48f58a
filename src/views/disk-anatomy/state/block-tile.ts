import { BLOCK_STATES, type BlockStateName, type BlockTile } from '../../../engine/api/anatomy.ts';
import { fromBase64 } from '../../common/base64.ts';

/** What is known of a cell of the block map. */
export interface Cell {
  /** Of most of its blocks, or `bad` where any is. */
  readonly state: BlockStateName;
  /** The share of its blocks whose data are in the file, from 0 to 1. */
  readonly held: number;
}

/** The cells of a tile, as they came. */
export class TileCells {
  readonly #states: Uint8Array;
  readonly #held: Uint8Array;

  constructor({ states, held }: BlockTile) {
    this.#states = fromBase64(states);
    this.#held = fromBase64(held);
  }

  /** Undefined behind the last block. */
  at(index: number): Cell | undefined {
    const state = BLOCK_STATES[this.#states[index] ?? -1];
    return state === undefined ? undefined : { state, held: (this.#held[index] ?? 0) / 255 };
  }
}
