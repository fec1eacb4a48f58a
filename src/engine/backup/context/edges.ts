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

/** Further edges of a run with a shadow copy set, which lie between `planned` and `data.written`. */
export const SET_EDGES = ['set.intended', 'set.made', 'set.copied', 'set.removed'] as const;

export type Edge = (typeof EDGES)[number] | (typeof SET_EDGES)[number];

/** Description of each edge for the log. */
export const EDGE_WORDS: Readonly<Record<Edge, string>> = {
  preflight: 'The VM was found on the host',
  leased: 'The lease of the VM in the store was taken',
  recovered: 'Leftovers of earlier runs were removed',
  planned: 'The backup was planned',
  reserved: 'The folder of the point was created',
  'checkpoint.intended': 'Next: backup checkpoint on the host',
  'checkpoint.made': 'The host created a backup checkpoint',
  'checkpoint.recorded': 'The checkpoint was recorded in the ledger',
  'export.intended': 'The planned export was recorded in the ledger',
  exported: 'The host wrote the export',
  'ranges.known': 'The tracker returned the changes',
  'data.written': 'Every disk was written to the store',
  'config.written': 'The configuration was written to the store',
  'convert.intended': 'Next: conversion of the checkpoint to a reference point',
  converted: 'The checkpoint became a reference point',
  'reference-point.recorded': 'The reference point was recorded in the ledger',
  committed: 'The manifest was written: the point is complete',
  'old.marked': 'Next: removal of older reference points from the host',
  'old.destroyed': 'Older reference points were removed from the host',
  'staging.removed': 'The staged export was removed',
  merged: 'The host has merged the checkpoint',
  released: 'The lease was released',
  'set.intended': 'Next: shadow copies on the host',
  'set.made': 'The host made shadow copies',
  'set.copied': 'Every VM was copied from the shadow copies',
  'set.removed': 'The shadow copies were removed from the host',
};

/** Called at each edge; the run awaits the result. */
export type OnEdge = (edge: Edge) => Promise<void>;
