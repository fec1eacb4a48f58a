import { isEngineError } from '../../base/errors.ts';
import { hostError } from '../hyperv-errors.ts';

/**
 * Codes of a snapshot of a group that do not mean what they mean elsewhere (Microsoft KB 4230569), with
 * what helps.
 */
const MEANING: Readonly<Record<number, string>> = {
  32768:
    'the cluster in the guests could not be queried. Check that each member runs, that its guest cluster service runs, and that every VM that shares a disk is a member of the group',
  32770:
    'a shared disk is a cluster shared volume (CSV) inside the guests, which Hyper-V cannot freeze. Remove it from the CSVs of the guest cluster',
  32775:
    'a shared disk has no owner or several owners in the guest cluster; expected exactly one. Bring its resource online on one node. A merge that still runs gives the same code',
};

/** Returns the error of a failed snapshot of a group with our words for its code. */
export function explainGroupError(error: unknown, groupName: string): unknown {
  if (!isEngineError(error, 'host.method', 'host.job.failed', 'host.busy')) return error;
  const code = Number(error.data['code']);
  const meaning = MEANING[code];
  if (meaning === undefined) return error;
  return hostError(
    'host.group.shared',
    `The group “${groupName}” could not be frozen (${code}): ${meaning}. ${error.message}`,
    { data: { group: groupName, code, text: String(error.data['text'] ?? '') }, cause: error },
  );
}
