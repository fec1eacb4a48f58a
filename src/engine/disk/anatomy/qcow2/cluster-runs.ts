import { ABSENT, BAD, PARTIAL, PRESENT, ZEROS } from '../blocks/block-states.ts';
import type { BlockRun } from '../blocks/run-blocks.ts';

type Kind = 'data' | 'zero' | 'transparent' | 'lost';

const STATES: Readonly<Record<Kind, number>> = {
  data: PRESENT,
  zero: ZEROS,
  transparent: ABSENT,
  lost: BAD,
};

interface Extent {
  readonly start: number;
  readonly end: number;
  readonly kind: Kind;
}

/**
 * Turns the ordered, gapless extents of a qcow2 image into runs of clusters. A cluster with
 * subclusters of several kinds is bad if one is lost, else partial.
 */
export class ClusterRuns {
  readonly #clusterSize: number;
  /** The cluster of which only a part was added, with its state so far. */
  #open: { readonly cluster: number; readonly state: number } | undefined;

  constructor(clusterSize: number) {
    this.#clusterSize = clusterSize;
  }

  *add({ start, end, kind }: Extent): Generator<BlockRun> {
    const size = this.#clusterSize;
    const state = STATES[kind];
    let at = start;
    while (at < end) {
      const cluster = Math.floor(at / size);
      const whole = Math.floor(end / size);
      if (at % size === 0 && whole > cluster) {
        yield* this.finish();
        yield { first: cluster, end: whole, state };
        at = whole * size;
        continue;
      }
      if (this.#open !== undefined && this.#open.cluster !== cluster) yield* this.finish();
      this.#open = { cluster, state: mixed(this.#open?.state, state) };
      at = Math.min(end, (cluster + 1) * size);
    }
  }

  /** Yields the last cluster, if only a part of it was added. */
  *finish(): Generator<BlockRun> {
    const open = this.#open;
    this.#open = undefined;
    if (open !== undefined) {
      yield { first: open.cluster, end: open.cluster + 1, state: open.state };
    }
  }
}

function mixed(before: number | undefined, state: number): number {
  if (before === undefined || before === state) return state;
  return before === BAD || state === BAD ? BAD : PARTIAL;
}
