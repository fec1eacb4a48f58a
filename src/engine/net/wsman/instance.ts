import { child, type XmlElement } from '../xml/xml-element.ts';
import type { WireInstance, WireValue } from './model.ts';
import { NS } from './names.ts';
import { parseReference } from './reference.ts';

const NIL = `{${NS.xsi}}nil`;

/** Reads an instance (DSP0230): each property an element, repeated for arrays. */
export function parseInstance(instance: XmlElement): WireInstance {
  return { className: instance.local, properties: parseProperties(instance.children) };
}

/** Groups elements of one name into arrays. Order within a name is kept. */
export function parseProperties(elements: readonly XmlElement[]): Map<string, WireValue> {
  const properties = new Map<string, WireValue>();
  for (const each of elements) {
    const value = parseValue(each);
    const known = properties.get(each.local);
    if (known === undefined) properties.set(each.local, value);
    else if (Array.isArray(known)) (known as WireValue[]).push(value);
    else properties.set(each.local, [known, value]);
  }
  return properties;
}

function parseValue(property: XmlElement): WireValue {
  const nil = property.attributes.get(NIL);
  if (nil === 'true' || nil === '1') return null;
  if (property.children.length === 0) return property.text;
  const time = child(property, 'Datetime', NS.cim) ?? child(property, 'Interval', NS.cim);
  if (time !== undefined) return time.text.trim();
  const reference = parseReference(property);
  if (reference !== undefined) return reference;
  // An embedded object: its class is told by the namespace of its children, or by the one child.
  const [only] = property.children;
  if (property.children.length === 1 && only !== undefined && only.children.length > 0) {
    return parseInstance(only);
  }
  return { className: property.local, properties: parseProperties(property.children) };
}
