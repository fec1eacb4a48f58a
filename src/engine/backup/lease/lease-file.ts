import type { Guid } from '../../base/guid.ts';
import { formatJson, parseJsonObject, type JsonFields } from '../../base/json-fields.ts';
import { leasePath, leaseToken, vmFolder } from '../store/contract/layout.ts';
import type { Store } from '../store/contract/store.ts';

/** A process that takes a lease. */
export interface LeaseOwner {
  /** The user or account, for messages. */
  readonly owner: string;
  readonly machine: string;
  readonly pid: number;
  /** The job's ID, so that a window can show the holder of the lease. */
  readonly job: string;
  /**
   * IDs of the machine's boot, of its PID namespace, and of the process's start; null or absent if
   * unknown.
   */
  readonly boot?: string | null;
  readonly namespace?: string | null;
  readonly started?: string | null;
}

/** The contents of a lease file. */
export interface LeaseState extends LeaseOwner {
  readonly version: 1;
  readonly token: number;
  /** Unique for each lease; absent in files of earlier versions. */
  readonly id?: string | null;
  readonly since: string;
  readonly heartbeat: string;
  /** Increased by each write, so that the file changes even if the holder's clock does not. */
  readonly beats?: number;
  /** The holder has released it; the file stays so that the token keeps rising. */
  readonly released: boolean;
}

/**
 * The lease file with the highest token in a VM's folder; `state` is undefined if it is unreadable.
 */
export interface LatestLease {
  readonly token: number;
  readonly state: LeaseState | undefined;
  /** The file's raw text, to detect changes. */
  readonly text: string;
}

const LIMIT = 64 * 1024;
/** Maximum number of attempts if the listing keeps showing a file that is missing. */
const ATTEMPTS = 20;

export const formatLease = (state: LeaseState): Uint8Array => formatJson(state);

/** Parses a lease file. Throws if it cannot be read. */
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

/** Lists all tokens in a VM's folder in rising order. */
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

/** Returns the lease with the highest token; undefined if there has never been one. */
export async function readLatestLease(
  store: Store,
  vmId: Guid,
  signal: AbortSignal,
  attempt = 1,
): Promise<LatestLease | undefined> {
  const token = (await leaseTokens(store, vmId, signal)).at(-1);
  if (token === undefined) return undefined;
  const bytes = await store.readFile(leasePath(vmId, token), LIMIT, signal);
  // Missing after being listed: a holder with a higher token has removed it.
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
