import { isCimError } from '../../cim/cim-errors.ts';
import type { CimClient } from '../../cim/client.ts';
import { parseObjectPath } from '../../cim/object-path.ts';
import { associatedWith, hasSucceeded, isUnderWay } from './jobs.ts';
import { WmiRecord } from '../wmi-record.ts';

export type JobOutcome =
  | { readonly state: 'running' | 'unknown' }
  | { readonly state: 'ended'; readonly made: readonly string[] };

/**
 * Asks a host for the outcome of a job whose call was interrupted. Finished jobs vanish after five
 * minutes: `unknown`.
 * @param job object path, as stored in a ledger.
 */
export async function jobOutcome(
  client: CimClient,
  job: string,
  className: string,
  signal: AbortSignal,
  /** Key that identifies the created objects. */
  key: 'InstanceID' | 'CollectionID' = 'InstanceID',
): Promise<JobOutcome> {
  const reference = parseObjectPath(job);
  if (reference === undefined) return { state: 'unknown' };
  try {
    const row = new WmiRecord(await client.get(reference, signal));
    if (isUnderWay(row.number('JobState') ?? 0)) return { state: 'running' };
    if (!hasSucceeded(row)) return { state: 'ended', made: [] };
    const made = await associatedWith(client, { reference, warnings: [] }, className, signal);
    // If the host does not answer, the lists before and after the call must decide.
    if (made.length === 0) return { state: 'unknown' };
    const ids = made.map(({ instance }) => new WmiRecord(instance).requireText(key));
    return { state: 'ended', made: ids };
  } catch (error) {
    if (isCimError(error, 'notFound', 'badKeys')) return { state: 'unknown' };
    throw error;
  }
}
