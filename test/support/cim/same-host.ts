import type { ReferencedInstance } from '../../../src/engine/cim/client.ts';
import {
  isCimReference,
  type CimInstance,
  type CimReference,
  type CimValue,
} from '../../../src/engine/cim/model.ts';

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : 1;

/** A value without what transports may tell differently: numbers and booleans as text, times to the millisecond. */
export function comparable(value: CimValue | undefined): unknown {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) {
    const [only] = value as readonly CimValue[];
    return value.length === 1 ? comparable(only) : (value as readonly CimValue[]).map(comparable);
  }
  if (isCimReference(value)) return comparableReference(value);
  if (typeof value === 'object')
    return comparableInstance('embedded' in value ? value.embedded : (value as CimInstance));
  const text = String(value);
  return /^\d{4}-\d\d-\d\dT/.test(text) ? new Date(text).toISOString() : text;
}

export const comparableReference = ({
  className,
  keys,
  referenceKeys = {},
}: CimReference): unknown => ({
  className,
  keys: Object.fromEntries(Object.entries(keys).sort(byName)),
  nested: Object.entries(referenceKeys)
    .sort((a, b) => (a < b ? -1 : 1))
    .map(([name, each]) => [name, comparableReference(each)]),
});

/** Properties without a value are left out: a transport need not name them. */
export const comparableInstance = ({ className, properties }: CimInstance): unknown => ({
  className,
  properties: Object.fromEntries(
    [...properties]
      .map(([name, value]) => [name, comparable(value)] as const)
      .filter(
        ([name, value]) =>
          !LIVE.includes(name) && value !== null && !(Array.isArray(value) && value.length === 0),
      )
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  ),
});

/** Change while the host is asked. */
const LIVE = ['OnTimeInMilliseconds', 'LocalDateTime', 'FreePhysicalMemory'];

const sorted = (rows: unknown[]): unknown[] =>
  rows
    .map((row) => JSON.stringify(row))
    .sort((a, b) => (a < b ? -1 : 1))
    .map((text): unknown => JSON.parse(text));

export async function comparableRows(rows: AsyncIterable<CimInstance>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const row of rows) found.push(comparableInstance(row));
  return sorted(found);
}

export async function comparableReferenced(
  rows: AsyncIterable<ReferencedInstance>,
): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const { instance, reference } of rows) {
    found.push([comparableInstance(instance), comparableReference(reference)]);
  }
  return sorted(found);
}

export async function comparableReferences(rows: AsyncIterable<CimReference>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const row of rows) found.push(comparableReference(row));
  return sorted(found);
}
