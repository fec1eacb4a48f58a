import { withGrace } from '../../base/abort.ts';
import { isRefusal } from '../../cim/cim-errors.ts';
import type { CimClient, InvokeResult } from '../../cim/client.ts';
import { keyOf, type CimReference } from '../../cim/model.ts';
import { relativePath } from '../../cim/object-path.ts';
import { CLASS } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';
import type { Operation } from './operation.ts';
import { COLLECTION_OPERATION } from './collection-operations.ts';
import { OPERATION } from './operations.ts';
import { SYSTEM_OPERATION } from './system-operations.ts';

/** Observes each call that creates an object, before it is sent and after its answer. */
export interface MakingCalls {
  asking(): Promise<void>;
  started(job: string): Promise<void>;
  refused(): Promise<void>;
}

/**
 * Time limit for the answer to a call that was already sent when it was cancelled. The answer names
 * the host's job; without it, objects of this call cannot be distinguished from those of other
 * products.
 */
const ANSWER_GRACE_MS = 5000;

/** Methods that create objects that a ledger records. */
const MAKING: ReadonlySet<string> = new Set(
  Object.values<Operation>({ ...OPERATION, ...SYSTEM_OPERATION, ...COLLECTION_OPERATION })
    .filter(({ records }) => records)
    .map(({ method }) => method),
);

/** Returns the client with its creating calls reported to `watch`, including each retry. */
export function watchCalls(client: CimClient, watch: MakingCalls): CimClient {
  const invoke: CimClient['invoke'] = async (call, signal) => {
    const { method } = call;
    if (!MAKING.has(method)) return client.invoke(call, signal);
    await watch.asking();
    let result: InvokeResult;
    const patient = withGrace(signal, ANSWER_GRACE_MS);
    try {
      result = await client.invoke(call, patient.signal);
    } catch (error) {
      if (isRefusal(error)) await watch.refused();
      throw error;
    } finally {
      patient.release();
    }
    const job = jobOf(method, result);
    if (job !== null) await watch.started(jobPath(job));
    else if (result.returnValue !== 0 && result.returnValue !== 4096) await watch.refused();
    return result;
  };
  return {
    url: client.url,
    security: () => client.security(),
    identify: (signal) => client.identify(signal),
    get: (reference, signal) => client.get(reference, signal),
    enumerate: (from, signal) => client.enumerate(from, signal),
    enumerateWithReferences: (from, signal) => client.enumerateWithReferences(from, signal),
    enumerateReferences: (from, signal) => client.enumerateReferences(from, signal),
    query: (wql, signal) => client.query(wql, signal),
    queryWithReferences: (wql, signal) => client.queryWithReferences(wql, signal),
    associators: (query, signal) => client.associators(query, signal),
    references: (query, signal) => client.references(query, signal),
    invoke,
    close: () => client.close(),
  };
}

function jobOf(method: string, { returnValue, out }: InvokeResult): CimReference | null {
  if (returnValue !== 4096) return null;
  return new WmiRecord({ className: method, properties: out }).reference('Job');
}

/** Returns the job as text for a ledger: its class and its only key. */
function jobPath(job: CimReference): string {
  const keys = { InstanceID: keyOf(job, 'InstanceID') ?? '' };
  return relativePath({ className: job.className, keys }, '"');
}

/** The same for groups. */
export const MADE_GROUP_CLASS = {
  checkpoint: CLASS.groupSnapshot,
  referencePoint: CLASS.groupReferencePoint,
} as const;

/** Classes of the objects that a ledger records. */
export const MADE_CLASS = {
  checkpoint: CLASS.settings,
  referencePoint: CLASS.referencePoint,
} as const;
