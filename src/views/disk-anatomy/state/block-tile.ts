import { BLOCK_STATES, type BlockStateName, type BlockTile } from '../../../engine/api/anatomy.ts';
import { fromBase64 } from '../../common/base64.ts';

/** Known facts of a cell of the block map. */
export interface Cell {
  /** State of most of its blocks, or `bad` if any block is bad. */
  readonly state: BlockStateName;
  /** Share of its blocks whose data are in the file, from 0 to 1. */
  readonly held: number;
}

/** The cells of a tile, in the engine's encoding. */
export class TileCells {
  readonly #states: Uint8Array;
  readonly #held: Uint8Array;

  constructor({ states, held }: BlockTile) {
    this.#states = fromBase64(states);
    this.#held = fromBase64(held);
  }

  /** Returns undefined behind the last block. */
  at(index: number): Cell | undefined {
    const state = BLOCK_STATES[this.#states[index] ?? -1];
    return state === undefined ? undefined : { state, held: (this.#held[index] ?? 0) / 255 };
  }
}
