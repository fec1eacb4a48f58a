import type { CimInstance, CimValue } from '../../cim/model.ts';
import type { XmlElement } from '../../cim/xml/xml-element.ts';
import { NS, parseResourceUri } from './names.ts';
import { parseAnyReference } from './reference.ts';

const NIL = `{${NS.xsi}}nil`;

/** Reads an instance (DSP0230): each property is an element, repeated for arrays. */
export function parseInstance(instance: XmlElement): CimInstance {
  return { className: instance.local, properties: parseProperties(instance.children) };
}

/** Groups elements of one name into arrays. Keeps the order within a name. */
export function parseProperties(elements: readonly XmlElement[]): Map<string, CimValue> {
  const properties = new Map<string, CimValue>();
  for (const each of elements) {
    const value = parseValue(each);
    const known = properties.get(each.local);
    if (known === undefined) properties.set(each.local, value);
    else if (Array.isArray(known)) (known as CimValue[]).push(value);
    else properties.set(each.local, [known, value]);
  }
  return properties;
}

function parseValue(property: XmlElement): CimValue {
  const nil = property.attributes.get(NIL);
  if (nil === 'true' || nil === '1') return null;
  const [first] = property.children;
  if (first === undefined) return property.text;
  if (property.children.length === 1 && isTime(first)) return first.text.trim();
  const reference = parseAnyReference(property);
  if (reference !== undefined) return reference;
  return parseEmbeddedObject(property);
}

/** In fragments (projections) the wrapper of a time has no namespace, like everything in them. */
const isTime = ({ uri, local, children }: XmlElement): boolean =>
  children.length === 0 &&
  (uri === NS.cim || uri === '') &&
  (local === 'Datetime' || local === 'Interval');

/**
 * Reads an object inside a property: an element of its class, or its properties in the namespace of
 * its class.
 */
function parseEmbeddedObject(property: XmlElement): CimInstance {
  const [first] = property.children;
  const className = first && parseResourceUri(first.uri)?.className;
  if (first !== undefined && property.children.length === 1 && className === first.local) {
    return parseInstance(first);
  }
  return {
    className: className ?? property.local,
    properties: parseProperties(property.children),
  };
}
