import { withGrace } from '../../base/abort.ts';
import { isEngineError } from '../../base/errors.ts';
import type { WsmanClient } from '../../cim/client.ts';
import type { EndpointReference, InvokeResult } from '../../cim/model.ts';
import { parseResourceUri } from '../../net/wsman/names.ts';
import { selector } from '../../net/wsman/reference.ts';
import { CLASS } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';

/** Told of each call that makes something, before it is sent and once it is answered. */
export interface MakingCalls {
  asking(): Promise<void>;
  started(job: string): Promise<void>;
  refused(): Promise<void>;
}

/**
 * Time for the answer of a call that was sent before it was cancelled. The answer names the host's job, and without that
 * nothing tells what the call made from what another product makes.
 */
const ANSWER_GRACE_MS = 5000;

/** Methods that make what a ledger records. */
const MAKING: ReadonlySet<string> = new Set([
  'CreateSnapshot',
  'ConvertToReferencePoint',
  'CreateReferencePoint',
]);

/** Faults after which the host may still do what was asked. Every other fault of an invoke is a refusal. */
const OPEN_FAULTS: readonly string[] = ['wsman.fault.timedOut', 'wsman.fault.envelopeTooLarge'];

/** Returns the client with its making calls reported: repeated ones each time that they are sent. */
export function watchCalls(client: WsmanClient, watch: MakingCalls): WsmanClient {
  const invoke: WsmanClient['invoke'] = async (target, method, args, signal) => {
    if (!MAKING.has(method)) return client.invoke(target, method, args, signal);
    await watch.asking();
    let result: InvokeResult;
    const patient = withGrace(signal, ANSWER_GRACE_MS);
    try {
      result = await client.invoke(target, method, args, patient.signal);
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
    identify: (signal) => client.identify(signal),
    get: (reference, signal) => client.get(reference, signal),
    enumerate: (className, signal) => client.enumerate(className, signal),
    enumerateWithReferences: (className, signal) =>
      client.enumerateWithReferences(className, signal),
    query: (wql, signal) => client.query(wql, signal),
    queryWithReferences: (wql, signal) => client.queryWithReferences(wql, signal),
    invoke,
    close: () => client.close(),
  };
}

/** Whether an error of an invoke proves that the host did nothing: it answered with a fault, or was never reached. */
function isRefusal(error: unknown): boolean {
  if (!isEngineError(error)) return false;
  const { code } = error;
  if (code.startsWith('wsman.fault.')) return !OPEN_FAULTS.includes(code);
  return (
    code === 'http.unreachable' || code.startsWith('http.auth.') || code.startsWith('http.tls.')
  );
}

function jobOf(method: string, { returnValue, out }: InvokeResult): EndpointReference | null {
  if (returnValue !== 4096) return null;
  return new WmiRecord({ className: method, properties: out }).reference('Job');
}

/** The job as text for a ledger: its class and its one key. */
function jobPath(job: EndpointReference): string {
  const id = (selector(job, 'InstanceID') ?? '').replace(/[\\"]/g, (c) => `\\${c}`);
  return `${parseResourceUri(job.resourceUri)?.className ?? ''}.InstanceID="${id}"`;
}

/** Classes of what a ledger records. */
export const MADE_CLASS = {
  checkpoint: CLASS.settings,
  referencePoint: CLASS.referencePoint,
} as const;
