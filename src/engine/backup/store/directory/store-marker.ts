import type { Guid } from '../../../base/guid.ts';
import { formatJson, parseJsonObject } from '../../../base/json-fields.ts';
import { storeError } from '../contract/store-errors.ts';

/** `refpoint-store.json` at a store's root: marks a store, with its format and its identity. */
const STORE_FORMAT = 'refpoint-store';
const STORE_VERSION = 1;
export const MARKER_LIMIT = 64 * 1024;

export function formatMarker(id: Guid): Uint8Array {
  return formatJson({ format: STORE_FORMAT, version: STORE_VERSION, id });
}

/**
 * Returns the store's ID. Throws `store.damaged`, and `store.version` if a newer program made it.
 * @param where for messages.
 */
export function parseMarker(bytes: Uint8Array, where: string): Guid {
  const f = parseJsonObject(bytes, (at, problem) =>
    storeError('store.damaged', `The marker of the store ${where}: ${at} ${problem}`, {
      data: { store: where, field: at },
    }),
  );
  f.oneOf('format', [STORE_FORMAT]);
  const version = f.integer('version', 1);
  if (version > STORE_VERSION) {
    throw storeError(
      'store.version',
      `The store ${where} has format version ${version}; this program reads versions up to ${STORE_VERSION}. Use a newer Refpoint`,
      { data: { store: where, found: version, expected: STORE_VERSION } },
    );
  }
  const id = f.guid('id');
  f.end();
  return id;
}
