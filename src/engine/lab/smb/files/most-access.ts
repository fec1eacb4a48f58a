import { ACCESS } from '../../../net/smb/codec/protocol/constants.ts';
import type { Located } from '../shares/locate.ts';
import type { Share } from '../shares/share.ts';
import { FULL_ACCESS, READ_ONLY_ACCESS } from './access-masks.ts';
import { isReadOnly } from './file-times.ts';

/** A link is looked at, renamed and removed: what it holds is not emulated, and its target is out of reach. */
const LINK = ACCESS.readAttributes | ACCESS.readControl | ACCESS.synchronize;

/**
 * Returns the access that the lab's account can have: it is an administrator, so only a read-only
 * share, the read-only attribute and the root of a drive limit it.
 */
export function mostAccess(share: Share, found: Located | undefined): number {
  if (found?.kind === 'link') return share.readOnly === true ? LINK : LINK | ACCESS.delete;
  if (share.readOnly === true || found?.kind === 'virtual') return READ_ONLY_ACCESS;
  const writes = ACCESS.writeData | ACCESS.appendData;
  return found?.kind === 'file' && isReadOnly(found.stats) ? FULL_ACCESS & ~writes : FULL_ACCESS;
}
