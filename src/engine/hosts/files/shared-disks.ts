import type { SharedDisks } from '../../backup/host/shared-disks.ts';
import { hostError } from '../../hyperv/hyperv-errors.ts';

/** Returns the shared disks of file servers. */
export function sharedDisks(): SharedDisks {
  return {
    open: async (hostPath) => {
      throw hostError('host.unsupported', `This version cannot read shared disks (${hostPath})`, {
        data: { found: hostPath },
      });
    },
  };
}
