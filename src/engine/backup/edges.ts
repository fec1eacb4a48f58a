/**
 * The edges of a backup's state machine, in order. A run passes each once the step it names is done and durable; an
 * interruption between any two has a recovery (clean.ts).
 */
export const EDGES = [
  'preflight',
  'leased',
  'recovered',
  'planned',
  'reserved',
  'checkpoint.intended',
  'checkpoint.made',
  'checkpoint.recorded',
  'export.intended',
  'exported',
  'ranges.known',
  'data.written',
  'config.written',
  'convert.intended',
  'converted',
  'reference-point.recorded',
  'committed',
  'old.marked',
  'old.destroyed',
  'staging.removed',
  'merged',
  'released',
] as const;

export type Edge = (typeof EDGES)[number];

/** Told of each edge as it is passed; what it does is awaited. */
export type OnEdge = (edge: Edge) => Promise<void>;
