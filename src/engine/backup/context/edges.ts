/**
 * The edges of a backup's state machine, in order. A run passes an edge once its step is done and
 * durable. An interruption between any two edges has a recovery (clean.ts). `checkpoint.intended`
 * and `convert.intended` come immediately before the intent is written and the host is called.
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

/** Description of each edge for the log. */
export const EDGE_WORDS: Readonly<Record<Edge, string>> = {
  preflight: 'The host knows the VM',
  leased: 'The lease of the VM in the store is held',
  recovered: 'What earlier runs left was cleaned up',
  planned: 'The plan is made',
  reserved: 'The folder of the point is reserved',
  'checkpoint.intended': 'The host is asked for a backup checkpoint next',
  'checkpoint.made': 'The host made a backup checkpoint',
  'checkpoint.recorded': 'The checkpoint is in the ledger',
  'export.intended': 'The ledger says that an export is about to be made',
  exported: 'The host wrote the export',
  'ranges.known': 'The tracker has answered what changed',
  'data.written': 'Every disk is written to the store',
  'config.written': 'The configuration is written to the store',
  'convert.intended': 'The host is asked for a reference point of the checkpoint next',
  converted: 'The checkpoint became a reference point',
  'reference-point.recorded': 'The reference point is in the ledger',
  committed: 'The manifest is written: the point is complete',
  'old.marked': 'Older reference points are removed next',
  'old.destroyed': 'Older reference points were removed from the host',
  'staging.removed': 'The staged export was removed',
  merged: 'The host has merged the checkpoint',
  released: 'The lease is given back',
};

/** Called at each edge; the run awaits the result. */
export type OnEdge = (edge: Edge) => Promise<void>;
