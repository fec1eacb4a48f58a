/**
 * The edges of a restore over a VM, in order. An interruption between any two edges has a recovery:
 * before the host is asked, `clean` removes the new files; afterwards the VM keeps the disks that it
 * has, all old or all new.
 */
export const OVER_EDGES = [
  'over.recorded',
  'over.written',
  'over.asked',
  'over.started',
  'over.attached',
  'over.finished',
] as const;

/** The edges of an undo and of its opposite. */
export const SETTLE_EDGES = [
  'undo.recorded',
  'undo.attached',
  'undo.finished',
  'accept.recorded',
  'accept.merged',
  'accept.attached',
  'accept.finished',
] as const;

export type OverEdge = (typeof OVER_EDGES)[number] | (typeof SETTLE_EDGES)[number];

/** Description of each edge for the log. */
export const OVER_EDGE_WORDS: Readonly<Record<OverEdge, string>> = {
  'over.recorded': 'The restore was recorded in the ledger',
  'over.written': 'Every disk was written beside the old one, read back and matches its record',
  'over.asked': 'Next: the host attaches the new disks',
  'over.started': 'The host is attaching the new disks',
  'over.attached': 'The VM has the new disks',
  'over.finished': 'The restore can be undone',
  'undo.recorded': 'The undo was recorded in the ledger',
  'undo.attached': 'The VM has its old disks',
  'undo.finished': 'The restored disks were removed',
  'accept.recorded': 'The acceptance was recorded in the ledger',
  'accept.merged': 'The restored data was merged into the old disks',
  'accept.attached': 'The VM has the merged disks',
  'accept.finished': 'Files that are no longer needed were removed',
};

export type OnOverEdge = (edge: OverEdge) => Promise<void>;
