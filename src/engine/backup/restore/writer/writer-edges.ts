/** The edges of a restore with the Hyper-V writer, in order. From `writer.asked` on the VM may be deleted. */
export type WriterEdge =
  | 'writer.recorded'
  | 'writer.staged'
  | 'writer.asked'
  | 'writer.deleted'
  | 'writer.placed'
  | 'writer.registered'
  | 'writer.finished';

/** Description of each edge for the log. */
export const WRITER_EDGE_WORDS: Readonly<Record<WriterEdge, string>> = {
  'writer.recorded': 'The restore was recorded in the ledger',
  'writer.staged': 'Every file was written beside its place, and every disk matches its record',
  'writer.asked': 'Next: the Hyper-V writer deletes the VM',
  'writer.deleted': 'The Hyper-V writer has deleted the VM',
  'writer.placed': 'The restored files have their names',
  'writer.registered': 'The Hyper-V writer has registered the VM',
  'writer.finished': 'The files that were replaced were removed',
};

export type OnWriterEdge = (edge: WriterEdge) => Promise<void>;
