import type { DiskCheck, DiskCheckRequest } from '../../api/disk-check.ts';
import { checkDisk } from '../../disk/check/check-disk.ts';

/**
 * Checks an image, and with `chain` its parents. Changes nothing. Throws `source.*` and `disk.*` if
 * the file cannot be opened or its format is not known; damage is a finding.
 */
export function checkImage(
  { path, chain, format, search }: DiskCheckRequest,
  signal: AbortSignal,
): Promise<DiskCheck> {
  const named = format === undefined ? {} : { format };
  return checkDisk(path, { chain, search: search ?? [], ...named }, signal);
}
