import { ACCESS } from '../../../net/smb/codec/protocol/constants.ts';
import type { Located } from '../shares/locate.ts';
import type { Share } from '../shares/share.ts';
import { FULL_ACCESS, READ_ONLY_ACCESS } from './access-masks.ts';
import { isReadOnly } from './file-times.ts';

/**
 * Returns the access that the lab's account can have: it is an administrator, so only a read-only
 * share, the read-only attribute and the root of a drive limit it.
 */
export function mostAccess(share: Share, found: Located | undefined): number {
  if (share.readOnly === true || found?.kind === 'virtual') return READ_ONLY_ACCESS;
  const writes = ACCESS.writeData | ACCESS.appendData;
  return found?.kind === 'file' && isReadOnly(found.stats) ? FULL_ACCESS & ~writes : FULL_ACCESS;
}
