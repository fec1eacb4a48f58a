import { createHash } from 'node:crypto';
import {
  isCimEmbedded,
  isCimReference,
  type CimInstance,
  type CimReference,
  type CimValue,
} from '../../../cim/model.ts';

/** A row of an enumeration: an instance, a reference, or both. */
export interface Row {
  readonly instance: CimInstance | undefined;
  readonly reference: CimReference | undefined;
}

/** Properties that are keys of some class. They do not change while the object exists. */
const KEYS = [
  'InstanceID',
  'VirtualSystemIdentifier',
  'CreationClassName',
  'SystemCreationClassName',
  'SystemName',
  'Name',
  'DeviceID',
  'CollectionID',
  'VirtualSystemCollectionId',
] as const;

/**
 * Returns a short text that is equal for two answers about the same object: a hash of its reference
 * or, without one, of its keys or, without keys, of all its properties. A hash, since a part of a
 * document's text would keep the whole document in memory.
 */
export function rowIdentity({ instance, reference }: Row): string {
  const text =
    reference === undefined ? instance && instanceText(instance) : referenceText(reference);
  return createHash('sha256')
    .update(text ?? '')
    .digest('base64')
    .slice(0, 22);
}

function instanceText({ className, properties }: CimInstance): string {
  const keys = KEYS.flatMap((name) => {
    const value = properties.get(name) ?? null;
    return value === null ? [] : [[name, valueText(value)]];
  });
  return JSON.stringify([className, keys.length > 0 ? keys : propertiesText(properties)]);
}

const propertiesText = (properties: CimInstance['properties']): unknown =>
  [...properties].map(([name, value]) => [name, valueText(value)]);

function referenceText({ namespace, className, keys, referenceKeys }: CimReference): string {
  const named = (all: Readonly<Record<string, unknown>>): unknown =>
    Object.entries(all)
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));
  const nested = Object.fromEntries(
    Object.entries(referenceKeys ?? {}).map(([name, value]) => [name, referenceText(value)]),
  );
  return JSON.stringify([namespace ?? '', className.toLowerCase(), named(keys), named(nested)]);
}

function valueText(value: CimValue): unknown {
  if (value === null) return null;
  if (typeof value !== 'object') return String(value);
  if (isCimReference(value)) return referenceText(value);
  if (isCimEmbedded(value)) return valueText(value.embedded);
  if ('className' in value) return [value.className, propertiesText(value.properties)];
  return value.map(valueText);
}
