import type { CimInstance, CimValue } from '../../cim/model.ts';
import { child, type XmlElement } from '../../cim/xml/xml-element.ts';
import { NS, parseResourceUri } from './names.ts';
import { parseReference } from './reference.ts';

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
  if (property.children.length === 0) return property.text;
  const time = child(property, 'Datetime', NS.cim) ?? child(property, 'Interval', NS.cim);
  if (time !== undefined) return time.text.trim();
  const reference = parseReference(property);
  if (reference !== undefined) return reference;
  return parseEmbeddedObject(property);
}

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
