import { delay } from '../../base/abort.ts';
import { isAnswer, isCimError } from '../../cim/cim-errors.ts';
import { decodeEmbedded, embeddedText } from '../../cim/cim-xml.ts';
import type { CimClient, ReferencedInstance } from '../../cim/client.ts';
import { keyOf, type CimReference } from '../../cim/model.ts';
import { equals, select } from '../../cim/wql.ts';
import { hostError } from '../hyperv-errors.ts';
import { hresultText } from '../../base/words/hresult-text.ts';
import { hresultIn, hresultWords } from '../hresults.ts';
import { meaningOf, methodError } from '../return-values.ts';
import { CLASS } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';
import { invoke, type CallResult } from './invoke.ts';
import { OPERATION } from './operations.ts';

/** JobState: all values below 7, and 11 and 12, are running states. */
const COMPLETED = 7;
const COMPLETED_WITH_WARNINGS = 32768;
const UNDER_WAY: ReadonlySet<number> = new Set([2, 3, 4, 5, 6, 11, 12]);

/** Whether a job in this JobState is still running. */
export const isUnderWay = (jobState: number): boolean => UNDER_WAY.has(jobState);

/** Whether a job succeeded, possibly with warnings. */
export function hasSucceeded(job: WmiRecord): boolean {
  const state = job.number('JobState') ?? 0;
  const code = job.number('ErrorCode') ?? 0;
  return (state === COMPLETED && code === 0) || state === COMPLETED_WITH_WARNINGS;
}

const TERMINATE = 4;
/**
 * Milliseconds between polls: short at first, since most jobs are short. A finished job vanishes
 * after 5 minutes.
 */
const FIRST_POLL = 50;
const LAST_POLL = 1000;

/** A job that succeeded. */
export interface FinishedJob {
  readonly reference: CimReference;
  readonly warnings: readonly string[];
}

/**
 * Waits for the result of a method call. Returns undefined if it completed at once (0), the job if
 * the method returned 4096. Throws `host.method`, `host.busy`, `host.job.failed`, `host.job.lost`.
 * If cancelled, asks the host to terminate the job.
 */
export async function finishCall(
  client: CimClient,
  method: string,
  result: CallResult,
  signal: AbortSignal,
): Promise<FinishedJob | undefined> {
  if (result.returnValue === 0) return undefined;
  if (result.returnValue !== 4096) throw methodError(method, result.returnValue);
  const job = result.out.reference('Job');
  if (job === null) {
    throw hostError('host.value', `${method} started a job, but returned no reference to it`, {
      data: { method },
    });
  }
  try {
    return await waitForJob(client, method, job, signal);
  } catch (error) {
    if (signal.aborted) await terminate(client, job);
    throw error;
  }
}

async function waitForJob(
  client: CimClient,
  method: string,
  job: CimReference,
  signal: AbortSignal,
): Promise<FinishedJob> {
  for (let pause = FIRST_POLL; ; pause = Math.min(pause * 1.5, LAST_POLL)) {
    const record = await getJob(client, method, job, signal);
    const state = record.number('JobState') ?? 0;
    const code = record.number('ErrorCode') ?? 0;
    if (state === COMPLETED && code === 0) return { reference: job, warnings: [] };
    if (state === COMPLETED_WITH_WARNINGS) {
      return { reference: job, warnings: await jobMessages(client, job, signal) };
    }
    if (!isUnderWay(state)) throw await jobError(client, method, job, record, signal);
    await delay(pause, signal);
  }
}

async function getJob(
  client: CimClient,
  method: string,
  job: CimReference,
  signal: AbortSignal,
): Promise<WmiRecord> {
  try {
    return new WmiRecord(await client.get(job, signal));
  } catch (error) {
    if (!isCimError(error, 'notFound')) throw error;
    const listed = await listedJob(client, job, signal);
    if (listed !== undefined) return listed;
    throw hostError(
      'host.job.lost',
      `${method}: the host no longer knows the job; whether it succeeded is unknown`,
      {
        data: { method },
        cause: error,
      },
    );
  }
}

/** Finds the job by a query: a Get that finds nothing does not prove that the job is gone. */
async function listedJob(
  client: CimClient,
  job: CimReference,
  signal: AbortSignal,
): Promise<WmiRecord | undefined> {
  const wql = select(job.className, equals('InstanceID', jobId(job)));
  for await (const instance of client.query(wql, signal)) return new WmiRecord(instance);
  return undefined;
}

const jobId = (job: CimReference): string => keyOf(job, 'InstanceID') ?? '';

async function jobError(
  client: CimClient,
  method: string,
  job: CimReference,
  record: WmiRecord,
  signal: AbortSignal,
): Promise<Error> {
  const code = record.number('ErrorCode') ?? 0;
  const state = record.number('JobState') ?? 0;
  const texts = [
    record.text('ErrorDescription') ?? '',
    ...(await jobMessages(client, job, signal)),
  ];
  const text = texts.find((each) => each.trim() !== '')?.trim() ?? '';
  const hresult = record.number('JobCompletionStatusCode') || hresultIn(texts);
  const known = hresult === undefined ? undefined : hresultWords(hresult);
  const numbers = hresult === undefined ? `${code}` : `${code}, ${hresultText(hresult)}`;
  const words = known ?? meaningOf(code);
  const why = words === meaningOf(GENERIC_FAILURE) ? '' : `: ${words}`;
  const said = text === '' ? '' : `. The host says: ${text}`;
  const data = { method, code, state, text, texts, hresult: hresult ?? null };
  return code === 32775
    ? hostError('host.busy', `${method}: the host was not ready (${numbers})${why}${said}`, {
        data,
      })
    : hostError('host.job.failed', `${method} failed on the host (${numbers})${why}${said}`, {
        data,
      });
}

const GENERIC_FAILURE = 32768;

/** Returns the texts of GetErrorEx; empty if the host gives no text. */
async function jobMessages(
  client: CimClient,
  job: CimReference,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    const { out } = await invoke(client, OPERATION.getErrorEx, {}, signal, job);
    return out
      .texts('Errors')
      .flatMap((text) => embeddedText(decodeEmbedded(text), 'Message') ?? []);
  } catch (error) {
    if (signal.aborted) throw error;
    return [];
  }
}

async function terminate(client: CimClient, job: CimReference): Promise<void> {
  try {
    const signal = AbortSignal.timeout(5000);
    const args = { RequestedState: TERMINATE };
    await invoke(client, OPERATION.requestStateChange, args, signal, job);
  } catch {
    // The ledger records what may have been created; clean finds it.
  }
}

/**
 * Returns the objects of a class that the host associates with a finished job, with their
 * references; [] if the host rejects the query or no longer knows the job. May include objects that
 * existed before the call.
 */
export async function associatedWith(
  client: CimClient,
  job: FinishedJob,
  className: string,
  signal: AbortSignal,
): Promise<ReferencedInstance[]> {
  const keys = { InstanceID: jobId(job.reference) };
  const query = {
    object: { className: job.reference.className, keys },
    assocClass: affectedClass(job.reference),
    resultClass: className,
  };
  const out: ReferencedInstance[] = [];
  try {
    for await (const each of client.associators(query, signal)) out.push(each);
    return out;
  } catch (error) {
    // The difference of the lists before and after decides instead.
    if (isAnswer(error)) return [];
    throw error;
  }
}

/** Jobs of the image service have an association class of their own. */
const affectedClass = ({ className }: CimReference): string =>
  className.toLowerCase() === CLASS.storageJob.toLowerCase()
    ? CLASS.affectedStorageJobElement
    : CLASS.affectedJobElement;
