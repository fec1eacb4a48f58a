import { defineErrors } from '../../base/errors.ts';

/**
 * Contents of a guest's disks: partition tables, file systems, files. Every byte here is
 * foreign. Parsers bound lengths, counts and depths before they allocate, and only `EngineError`
 * leaves them. Start reading at `../inspect-disk.ts` (partitions and volumes) and
 * `contract/guest-files.ts` (the files of a volume). Imports `api`, `base` and `source`.
 */
const wrong = { permanent: true, userFixable: true } as const;

/** Errors of the contents of a guest's disk. */
export const guestError = defineErrors({
  /** A structure of a file system that contradicts itself, or points outside of its volume. */
  'guest.damaged': { permanent: true, damage: true },
  /** A file that the guest encrypted. */
  'guest.encrypted': { permanent: true },
  /** A structure that is larger or deeper than Refpoint reads. */
  'guest.limit': { permanent: true },
  'guest.notFile': wrong,
  'guest.notFolder': wrong,
  /** No file of this path. */
  'guest.notFound': wrong,
  /** The files that are copied do not fit into the target folder. */
  'guest.space': wrong,
  /** A feature, a volume or a kind of file that Refpoint does not read. */
  'guest.unsupported': { permanent: true },
  /** The disk does not have the named volume, or several fit. */
  'guest.volume': wrong,
});
