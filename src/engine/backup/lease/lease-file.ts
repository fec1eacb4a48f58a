import type { Guid } from '../../base/guid.ts';
import { formatJson, parseJsonObject, type JsonFields } from '../../base/json-fields.ts';
import { leasePath, leaseToken, vmFolder } from '../store/contract/layout.ts';
import type { Store } from '../store/contract/store.ts';

/** Who wants to write. */
export interface LeaseOwner {
  /** The person or account, for messages. */
  readonly owner: string;
  readonly machine: string;
  readonly pid: number;
  /** The job's id, so that a window can show what holds the lease. */
  readonly job: string;
  /** The machine's present start, its PID namespace, and the start of the process; null or absent if unknown. */
  readonly boot?: string | null;
  readonly namespace?: string | null;
  readonly started?: string | null;
}

/** What a lease file says. */
export interface LeaseState extends LeaseOwner {
  readonly version: 1;
  readonly token: number;
  /** Unlike every other lease; absent in files of earlier versions. */
  readonly id?: string | null;
  readonly since: string;
  readonly heartbeat: string;
  /** Rises with each write, so that the file changes even if the holder's clock does not. */
  readonly beats?: number;
  /** The holder gave it back; the file stays so that the token keeps rising. */
  readonly released: boolean;
}

/** The highest token in a VM's folder and what its file says; `state` is undefined where it is unreadable. */
export interface LatestLease {
  readonly token: number;
  readonly state: LeaseState | undefined;
  /** The file's text as it is, for telling whether anything moves. */
  readonly text: string;
}

const LIMIT = 64 * 1024;
/** A listing that keeps naming a file that is not there does not hold a reader for ever. */
const ATTEMPTS = 20;

export const formatLease = (state: LeaseState): Uint8Array => formatJson(state);

/** Reads what a holder wrote about itself. Throws if it cannot be read. */
export function parseLease(bytes: Uint8Array): LeaseState {
  const f = parseJsonObject(bytes, (at, problem) => new Error(`${at} ${problem}`));
  return {
    version: f.integer('version', 1, 1) as 1,
    token: f.integer('token', 1),
    id: optionalText(f, 'id'),
    owner: f.text('owner', 1024),
    machine: f.text('machine', 1024),
    pid: f.integer('pid'),
    job: f.text('job', 1024),
    boot: optionalText(f, 'boot'),
    namespace: optionalText(f, 'namespace'),
    started: optionalText(f, 'started'),
    beats: f.has('beats') ? f.integer('beats') : 0,
    since: f.time('since'),
    heartbeat: f.time('heartbeat'),
    released: f.flag('released'),
  };
}

/** Absent in files of earlier versions. */
const optionalText = (f: JsonFields, name: string): string | null =>
  f.has(name) ? f.nullable(name, () => f.text(name, 1024)) : null;

/** All tokens in a VM's folder, rising. */
export async function leaseTokens(
  store: Store,
  vmId: Guid,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const names = await store.list(vmFolder(vmId), signal);
  return names
    .map((name) => leaseToken(name))
    .filter((token) => token !== undefined)
    .sort((a, b) => a - b);
}

/** The lease that counts: the file with the highest token. Undefined where no one ever wrote. */
export async function readLatestLease(
  store: Store,
  vmId: Guid,
  signal: AbortSignal,
  attempt = 1,
): Promise<LatestLease | undefined> {
  const token = (await leaseTokens(store, vmId, signal)).at(-1);
  if (token === undefined) return undefined;
  const bytes = await store.readFile(leasePath(vmId, token), LIMIT, signal);
  // Gone between the two looks: someone has a higher token and tidied up.
  if (bytes === undefined) {
    if (attempt < ATTEMPTS) return readLatestLease(store, vmId, signal, attempt + 1);
    return { token, state: undefined, text: '' };
  }
  const text = new TextDecoder().decode(bytes);
  try {
    return { token, state: parseLease(bytes), text };
  } catch {
    return { token, state: undefined, text };
  }
}
