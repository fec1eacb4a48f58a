import type { ErrorCode } from '../../api/codes.ts';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isEngineError } from '../../base/errors.ts';
import type { Guid } from '../../base/guid.ts';
import { replaceFile } from '../../source/files/atomic-file.ts';
import { fileError, systemCode } from '../../source/platform/file-errors.ts';
import { ensureFolder } from '../../source/folders/folder.ts';
import { formatJson, parseJsonObject, type JsonFields } from '../../base/json-fields.ts';
import {
  emptyLedger,
  LEDGER_VERSION,
  type Intent,
  type Ledger,
  type OwnCheckpoint,
  type OwnReferencePoint,
  type OwnSession,
} from './ledger.ts';
import { readHost, readImports } from './read-imports.ts';
import { readSets } from './own-sets.ts';
import { readWriterRestores } from './own-writers.ts';
import { readOvers } from './read-overs.ts';
import { RestoresFile } from './restores-file.ts';
import { systemLeaseClock } from '../lease/lease-clock.ts';
import { Lease } from '../lease/lease.ts';
import { thisProcess } from '../lease/lease-owner.ts';
import { recordError } from '../errors/record-errors.ts';
import { DirectoryStore } from '../store/directory/directory-store.ts';
import { ledgerPath } from '../store/contract/layout.ts';
import type { Store } from '../store/contract/store.ts';

const LIMIT = 16 * 1024 * 1024;
const MAX_ITEMS = 10_000;
const MAX_SESSIONS = 256;
const MAX_TEXT = 4096;

/** The place of one VM's ledger: in a store, or in the user's own folder. */
export interface LedgerFile {
  /**
   * Loads the ledger; empty if the file does not exist. Throws `ledger.damaged`, `ledger.version`.
   */
  load(signal: AbortSignal): Promise<Ledger>;
  /** Durable when it returns. */
  save(ledger: Ledger, signal: AbortSignal): Promise<void>;
}

/** Returns the ledger of a VM in a store. Its writers hold the VM's lease. */
export function storeLedger(store: Store, vmId: Guid): LedgerFile {
  const path = ledgerPath(vmId);
  const restores = new RestoresFile(store, vmId);
  return {
    load: async (signal) => {
      const bytes = await store.readFile(path, LIMIT, signal);
      const ledger = bytes === undefined ? emptyLedger(vmId) : parseLedger(bytes, vmId, path);
      restores.loaded(ledger);
      return ledger;
    },
    save: (ledger, signal) => {
      const save = (): Promise<void> => store.replaceFile(path, formatLedger(ledger), signal);
      return restores.around(ledger, save, signal);
    },
  };
}

/** A ledger file as found: its contents, or why it cannot be read. */
export interface FoundLedger {
  /** undefined: the file is damaged. Empty if there is no file. */
  readonly ledger: Ledger | undefined;
  readonly problem: string | null;
  /** The file's bytes; undefined if there is no file. */
  readonly bytes: Uint8Array | undefined;
  readonly save: LedgerFile['save'];
}

/**
 * Reads the ledger of a VM in a store even if it is damaged. Throws `ledger.version` and errors of
 * the store.
 */
export async function readLedger(
  store: Store,
  vmId: Guid,
  signal: AbortSignal,
): Promise<FoundLedger> {
  const path = ledgerPath(vmId);
  const file = storeLedger(store, vmId);
  const save: FoundLedger['save'] = (ledger, held) => file.save(ledger, held);
  const bytes = await store.readFile(path, LIMIT * 2, signal);
  if (bytes === undefined) return { ledger: emptyLedger(vmId), problem: null, bytes, save };
  try {
    return { ledger: parseLedger(bytes, vmId, path), problem: null, bytes, save };
  } catch (error) {
    if (!isEngineError(error, 'ledger.damaged')) throw error;
    return { ledger: undefined, problem: error.message, bytes, save };
  }
}

/** Returns why the ledger of a VM in a store cannot be read; null if it can. */
export async function ledgerProblem(
  store: Store,
  vmId: Guid,
  signal: AbortSignal,
): Promise<{ readonly code: ErrorCode; readonly message: string } | null> {
  try {
    await storeLedger(store, vmId).load(signal);
    return null;
  } catch (error) {
    signal.throwIfAborted();
    if (!isEngineError(error)) throw error;
    return { code: error.code, message: error.message };
  }
}

/** A ledger that is changed under a lease. */
export interface LeasedLedger extends LedgerFile {
  /**
   * Runs `work` as the only writer, with `job` as its name in messages. Aborts `work` if the lease
   * is lost. Throws `lease.held`.
   * @param tell receives the text to show while the file of another holder is watched.
   */
  change<T>(
    job: string,
    work: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
    tell?: (text: string) => void,
  ): Promise<T>;
}

/**
 * Returns the user's own ledger of a VM, for objects made by hand outside of any store. It follows
 * the lease rules of a store, with its lease in `ledgers/<vm>`.
 * @param folder the program's data folder of this user; created on first use.
 */
export function userLedger(folder: string, vmId: Guid): LeasedLedger {
  const ledgers = join(folder, 'ledgers');
  const path = join(ledgers, `${vmId}.json`);
  const file: LedgerFile = {
    load: async (signal) => {
      try {
        return parseLedger(await readFile(path, { signal }), vmId, path);
      } catch (error) {
        if (systemCode(error) === 'ENOENT') return emptyLedger(vmId);
        throw fileError(error, 'read', path);
      }
    },
    save: async (ledger, signal) => {
      await ensureFolder(ledgers);
      await replaceFile(path, formatLedger(ledger), signal);
    },
  };
  return leasedLedger(file, vmId, (signal) => DirectoryStore.openUnmarked(ledgers, signal));
}

/**
 * Returns a ledger with the lease of its place: during `change`, the lease is checked before each
 * write.
 */
export function leasedLedger(
  file: LedgerFile,
  vmId: Guid,
  open: (signal: AbortSignal) => Promise<Store>,
): LeasedLedger {
  let lease: Lease | undefined;
  return {
    load: (signal) => file.load(signal),
    save: async (ledger, signal) => {
      await lease?.assertHeld(signal);
      await file.save(ledger, signal);
    },
    change: async (job, work, signal, tell) => {
      const store = await open(signal);
      const change = async (held: AbortSignal, own: Lease): ReturnType<typeof work> => {
        lease = own;
        return work(held);
      };
      try {
        return await withLease(store, vmId, job, change, signal, tell);
      } finally {
        lease = undefined;
      }
    },
  };
}

/**
 * Runs `work` under the lease of store and VM. Throws `lease.held`.
 * @param tell receives the text to show while the file of another holder is watched.
 */
export async function withLease<T>(
  store: Store,
  vmId: Guid,
  job: string,
  work: (signal: AbortSignal, lease: Lease) => Promise<T>,
  signal: AbortSignal,
  tell?: (text: string) => void,
): Promise<T> {
  const owner = await thisProcess(job);
  const lease = await Lease.acquire(store, vmId, owner, signal, systemLeaseClock, tell);
  try {
    return await work(AbortSignal.any([signal, lease.lost]), lease);
  } finally {
    await lease.release();
  }
}

function formatLedger(ledger: Ledger): Uint8Array {
  return formatJson(parseLedger(formatJson(ledger), ledger.vmId, 'the new ledger'));
}

/** Parses a ledger strictly. @param name for messages. */
function parseLedger(bytes: Uint8Array, vmId: Guid, name: string): Ledger {
  const fail = (at: string, problem: string): Error =>
    recordError('ledger.damaged', `The ledger ${name}: ${at}${at === '' ? '' : ' '}${problem}`, {
      data: { file: name, field: at },
    });
  if (bytes.length > LIMIT) throw fail('', `has ${bytes.length} bytes, more than ${LIMIT}`);
  const first = parseJsonObject(bytes, fail);
  const version = first.integer('version', 1);
  if (version > LEDGER_VERSION) {
    throw recordError(
      'ledger.version',
      `The ledger ${name} has version ${version}; this program reads up to ${LEDGER_VERSION}`,
      { data: { file: name, found: version, expected: LEDGER_VERSION } },
    );
  }
  // Version 1 has no further fields; from version 2 on, fields of later programs are ignored.
  const f = version === 1 ? first : first.ignoringUnknown();
  const ledger: Ledger = {
    version: LEDGER_VERSION,
    vmId: f.guid('vmId'),
    intents: f.objects('intents', MAX_ITEMS, (each) => readIntent(each, version)),
    checkpoints: f.objects('checkpoints', MAX_ITEMS, (each) => readCheckpoint(each, version)),
    referencePoints: f.objects('referencePoints', MAX_ITEMS, (each) =>
      readReferencePoint(each, version),
    ),
    ...readSessions(f, version),
    ...readImports(f, version),
    ...readOvers(f, version),
    ...readSets(f, version),
    ...readWriterRestores(f, version),
  };
  f.end();
  if (ledger.vmId !== vmId) throw fail('vmId', `is ${ledger.vmId}, expected ${vmId}`);
  return ledger;
}

function readIntent(f: JsonFields, version: number): Intent {
  const time = f.time('time');
  const first = version === 1;
  return {
    id: f.text('id', 200),
    kind: f.oneOf('kind', ['checkpoint', 'referencePoint', 'export'] as const),
    time,
    ...readHost(f, version),
    pointId: f.nullable('pointId', () => f.text('pointId', 64)),
    existing: f.texts('existing', MAX_ITEMS, MAX_TEXT),
    consistency: f.nullable('consistency', () =>
      f.oneOf('consistency', ['application', 'crash'] as const),
    ),
    checkpointId: f.nullable('checkpointId', () => f.text('checkpointId', MAX_TEXT)),
    directory: f.nullable('directory', () => f.text('directory', MAX_TEXT)),
    // Version 1 sent the call right after the intent and did not record the time.
    asked: first ? time : f.nullable('asked', () => f.time('asked')),
    job: first ? null : f.nullable('job', () => f.text('job', MAX_TEXT)),
    disks: first ? [] : f.texts('disks', MAX_ITEMS, MAX_TEXT),
  };
}

/** Absent in ledgers without sessions, and in those of earlier programs. */
function readSessions(f: JsonFields, version: number): Pick<Ledger, 'sessions'> {
  if (version === 1) return {};
  const read = (each: JsonFields): OwnSession => ({
    server: each.text('server', 255),
    id: each.text('id', 16),
    opened: each.time('opened'),
  });
  const sessions = f.optional('sessions', () => f.objects('sessions', MAX_SESSIONS, read));
  return sessions === null || sessions.length === 0 ? {} : { sessions };
}

function readCheckpoint(f: JsonFields, version: number): OwnCheckpoint {
  return {
    id: f.text('id', MAX_TEXT),
    ...readHost(f, version),
    created: f.time('created'),
    pointId: f.nullable('pointId', () => f.text('pointId', 64)),
    kept: version === 1 ? false : f.flag('kept'),
  };
}

function readReferencePoint(f: JsonFields, version: number): OwnReferencePoint {
  return {
    id: f.text('id', MAX_TEXT),
    ...readHost(f, version),
    created: f.time('created'),
    pointId: f.nullable('pointId', () => f.text('pointId', 64)),
    state: f.oneOf('state', ['current', 'replaced', 'destroyed'] as const),
    changed: f.time('changed'),
  };
}
