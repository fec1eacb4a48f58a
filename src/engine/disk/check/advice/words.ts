/** Sentences that many codes share: what Windows does, and what one can do. */
export const REFUSES = 'Windows refuses to open the file.';
export const ACCEPTS = 'Windows opens the file.';
export const OTHER_COPY =
  'Windows uses the other copy and writes this one again at its next change.';
export const REFUSES_BLOCK = 'Windows refuses the file, or fails when the block is read.';
export const UNKNOWN = 'Not known: no file with it was tried on Windows.';

export const NOTHING = 'Nothing has to be done.';
export const BACKUP =
  'Restore the file from a backup, or copy what can be read with `refpoint disk rescue`.';
export const REPAIR = 'Run `refpoint disk repair`, which needs no guess for this.';
export const CONVERT = 'Copy the disk into a new file with `refpoint disk convert`.';
export const REBASE = 'Name the right parent with `refpoint disk rebase`.';
export const REPLAY =
  'Nothing is lost: Refpoint reads the file with its log. Opening it for writing, in Windows or with `refpoint disk repair`, empties the log.';
