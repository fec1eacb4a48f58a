import type { TraceRow } from '../../../engine/api/trace.ts';

/** The parts of an exchange's duration, in order. */
export const TIMING_PARTS = ['queued', 'sending', 'host', 'receiving'] as const;
export type TimingPart = (typeof TIMING_PARTS)[number];

/** Milliseconds of each part; a part that did not happen takes none. */
export function timingOf({
  queued,
  sent,
  firstByte,
  done,
}: TraceRow): Readonly<Record<TimingPart, number>> {
  const free = queued ?? done;
  const out = sent ?? done;
  const first = firstByte ?? done;
  const span = (from: number, to: number): number => Math.max(0, to - from);
  return {
    queued: Math.max(0, free),
    sending: span(free, out),
    host: span(out, first),
    receiving: span(first, done),
  };
}

/**
 * Length of a bar as a share of the longest exchange's: the square root, so that short exchanges
 * beside a long one are still visible.
 */
export const barShare = (done: number, longest: number): number =>
  longest <= 0 ? 0 : Math.sqrt(Math.min(1, done / longest));
