import type { FaultScene, SceneName } from './fault-scene.ts';
import type { Variant } from './variants.ts';

export type Kind = 'full' | 'incr';

/** The backups that faults strike. */
export type Scenes = Readonly<Record<SceneName, Readonly<Record<Kind, FaultScene>>>>;

/** A fault at consecutive exchanges of one backup. */
export interface Stretch {
  readonly title: string;
  readonly kind: Kind;
  /** First and last exchange, from 1. */
  readonly from: number;
  readonly to: number;
}

/**
 * Exchanges of one stretch: few, so that several processes finish at about the same time; many if
 * most of them are the same run.
 */
const STRETCH = { everywhere: 8, elsewhere: 24 };

/** Every pair of a fault and an exchange, in stretches. */
export function allPairs(scenes: Scenes, all: readonly Variant[]): readonly Stretch[] {
  return all.flatMap(({ title, of, everywhere }) =>
    (['full', 'incr'] as const).flatMap((kind) => {
      const { exchanges } = scenes[of][kind];
      const length = everywhere ? STRETCH.everywhere : STRETCH.elsewhere;
      return Array.from({ length: Math.ceil(exchanges / length) }, (_, i) => ({
        title,
        kind,
        from: i * length + 1,
        to: Math.min(exchanges, (i + 1) * length),
      }));
    }),
  );
}

/** Returns `count` different pairs; the same seed gives the same ones. */
export function samplePairs(
  stretches: readonly Stretch[],
  count: number,
  seed: number,
): readonly Stretch[] {
  const pairs = stretches.flatMap((stretch) =>
    Array.from({ length: stretch.to - stretch.from + 1 }, (_, i) => {
      const at = stretch.from + i;
      return { ...stretch, from: at, to: at };
    }),
  );
  return shuffled(pairs, seed).slice(0, count);
}

/** Shuffles with a generator of our own, since Math.random has no seed. */
export function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  const left = [...items];
  let state = seed >>> 0;
  for (let i = left.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const j = Math.floor((state / 2 ** 32) * (i + 1));
    [left[i], left[j]] = [left[j] as T, left[i] as T];
  }
  return left;
}
