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
  'released',
  'merged',
] as const;

export type Edge = (typeof EDGES)[number];

/** What each edge means, for the log. */
export const EDGE_WORDS: Readonly<Record<Edge, string>> = {
  preflight: 'The host was asked about the VM and its disks',
  leased: 'The lease of the VM in the store is held',
  recovered: 'What earlier runs left was cleaned up',
  planned: 'The plan is made',
  reserved: 'The folder of the point is reserved',
  'checkpoint.intended': 'The ledger says that a backup checkpoint is about to be made',
  'checkpoint.made': 'The host made a backup checkpoint',
  'checkpoint.recorded': 'The checkpoint is in the ledger',
  'export.intended': 'The ledger says that an export is about to be made',
  exported: 'The host wrote the export',
  'ranges.known': 'The tracker has answered what changed',
  'data.written': 'Every disk is written to the store',
  'config.written': 'The configuration is written to the store',
  'convert.intended': 'The ledger says that the checkpoint is about to become a reference point',
  converted: 'The checkpoint became a reference point',
  'reference-point.recorded': 'The reference point is in the ledger',
  committed: 'The manifest is written: the point is complete',
  'old.marked': 'Older reference points are marked for removal',
  'old.destroyed': 'Older reference points were removed from the host',
  'staging.removed': 'The staged export was removed',
  merged: 'The host has merged the checkpoint',
  released: 'The lease is given back',
};

/** Told of each edge as it is passed; what it does is awaited. */
export type OnEdge = (edge: Edge) => Promise<void>;
