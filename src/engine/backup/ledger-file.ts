import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Guid } from '../base/guid.ts';
import { replaceFile } from '../source/atomic-file.ts';
import { fileError, systemCode } from '../source/file-errors.ts';
import { ensureFolder } from '../source/folder.ts';
import { formatJson, parseJsonObject, type JsonFields } from './json-fields.ts';
import {
  emptyLedger,
  type Intent,
  type Ledger,
  type OwnCheckpoint,
  type OwnReferencePoint,
} from './ledger.ts';
import { recordError } from './record-errors.ts';
import { ledgerPath } from './store/layout.ts';
import type { Store } from './store/store.ts';

const LIMIT = 16 * 1024 * 1024;
const MAX_ITEMS = 10_000;
const MAX_TEXT = 4096;

/** Where one VM's ledger is kept: in a store, or in the user's own folder. */
export interface LedgerFile {
  /** An empty ledger where there is none yet. `ledger.damaged`, `ledger.version`. */
  load(signal: AbortSignal): Promise<Ledger>;
  /** Durable when it returns. */
  save(ledger: Ledger, signal: AbortSignal): Promise<void>;
}

/** The ledger of a VM in a store. Its writers hold the VM's lease. */
export function storeLedger(store: Store, vmId: Guid): LedgerFile {
  const path = ledgerPath(vmId);
  return {
    load: async (signal) => {
      const bytes = await store.readFile(path, LIMIT, signal);
      return bytes === undefined ? emptyLedger(vmId) : parseLedger(bytes, vmId, path);
    },
    save: (ledger, signal) => store.replaceFile(path, formatLedger(ledger), signal),
  };
}

/**
 * The user's own ledger of a VM, for points made by hand, outside of any store.
 * @param folder the program's data folder of this user; made when first needed.
 */
export function userLedger(folder: string, vmId: Guid): LedgerFile {
  const ledgers = join(folder, 'ledgers');
  const path = join(ledgers, `${vmId}.json`);
  return {
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
}

export function formatLedger(ledger: Ledger): Uint8Array {
  return formatJson(parseLedger(formatJson(ledger), ledger.vmId, 'the new ledger'));
}

/** Reads a ledger strictly. @param name for messages. */
export function parseLedger(bytes: Uint8Array, vmId: Guid, name: string): Ledger {
  const fail = (at: string, problem: string): Error =>
    recordError('ledger.damaged', `The ledger ${name}: ${at}${at === '' ? '' : ' '}${problem}`, {
      data: { file: name, field: at },
    });
  if (bytes.length > LIMIT) throw fail('', `has ${bytes.length} bytes, more than ${LIMIT}`);
  const f = parseJsonObject(bytes, fail);
  const version = f.integer('version', 1);
  if (version !== 1) {
    throw recordError('ledger.version', `The ledger ${name} has version ${version}, not 1`, {
      data: { file: name, found: version, expected: 1 },
    });
  }
  const ledger: Ledger = {
    version: 1,
    vmId: f.guid('vmId'),
    intents: f.objects('intents', MAX_ITEMS, readIntent),
    checkpoints: f.objects('checkpoints', MAX_ITEMS, readCheckpoint),
    referencePoints: f.objects('referencePoints', MAX_ITEMS, readReferencePoint),
  };
  f.end();
  if (ledger.vmId !== vmId) throw fail('vmId', `is ${ledger.vmId}, not ${vmId}`);
  return ledger;
}

function readIntent(f: JsonFields): Intent {
  return {
    id: f.text('id', 200),
    kind: f.oneOf('kind', ['checkpoint', 'referencePoint', 'export'] as const),
    time: f.time('time'),
    host: f.text('host', MAX_TEXT),
    pointId: f.nullable('pointId', () => f.text('pointId', 64)),
    existing: f.texts('existing', MAX_ITEMS, MAX_TEXT),
    consistency: f.nullable('consistency', () =>
      f.oneOf('consistency', ['application', 'crash'] as const),
    ),
    checkpointId: f.nullable('checkpointId', () => f.text('checkpointId', MAX_TEXT)),
    directory: f.nullable('directory', () => f.text('directory', MAX_TEXT)),
  };
}

function readCheckpoint(f: JsonFields): OwnCheckpoint {
  return {
    id: f.text('id', MAX_TEXT),
    host: f.text('host', MAX_TEXT),
    created: f.time('created'),
    pointId: f.nullable('pointId', () => f.text('pointId', 64)),
  };
}

function readReferencePoint(f: JsonFields): OwnReferencePoint {
  return {
    id: f.text('id', MAX_TEXT),
    host: f.text('host', MAX_TEXT),
    created: f.time('created'),
    pointId: f.nullable('pointId', () => f.text('pointId', 64)),
    state: f.oneOf('state', ['current', 'replaced', 'destroyed'] as const),
    changed: f.time('changed'),
  };
}
