/**
 * The edges of a restore as a VM, in order. An interruption between any two edges has a recovery:
 * `clean` destroys the unfinished VM and removes its files, or finds the VM complete.
 */
export const IMPORT_EDGES = [
  'import.recorded',
  'import.written',
  'import.asked',
  'import.made',
  'import.changed',
  'import.validated',
  'import.realized',
  'import.finished',
] as const;

export type ImportEdge = (typeof IMPORT_EDGES)[number];

/** Description of each edge for the log. */
export const IMPORT_EDGE_WORDS: Readonly<Record<ImportEdge, string>> = {
  'import.recorded': 'The restore was recorded in the ledger',
  'import.written': 'Every disk was written, read back and matches its record',
  'import.asked': 'Next: the host makes the VM',
  'import.made': 'The host made a VM, which was recorded in the ledger',
  'import.changed': 'The VM has its disks, its name and its networks',
  'import.validated': 'The host found nothing wrong with the VM',
  'import.realized': 'The VM is complete',
  'import.finished': 'The restore was removed from the ledger',
};

export type OnImportEdge = (edge: ImportEdge) => Promise<void>;
