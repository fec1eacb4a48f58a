import { cimError } from './cim-errors.ts';
import type { CimScalar, CimType } from './model.ts';
import { child, type XmlElement } from './xml/xml-element.ts';
import { parseXml, type XmlLimits } from './xml/xml-reader.ts';

/** One instance as CIM-XML inside a string (DSP0201): `<INSTANCE CLASSNAME=…>`, with types. */
export interface EmbeddedInstance {
  readonly className: string;
  readonly properties: readonly EmbeddedProperty[];
}

export interface EmbeddedProperty {
  readonly name: string;
  readonly type: CimType;
  /**
   * null: the property has no value. An array is written as PROPERTY.ARRAY, null in it as
   * VALUE.NULL. Datetimes are in CIM form (25 characters).
   */
  readonly value: CimScalar | readonly (CimScalar | null)[] | null;
}

/**
 * Encodes an instance as CIM-XML text (DSP0201, DTD 2.0), the form of every SettingData string of
 * Hyper-V:
 *
 *     <INSTANCE CLASSNAME="C"><PROPERTY NAME="P" TYPE="uint8"><VALUE>2</VALUE></PROPERTY>
 *     <PROPERTY.ARRAY NAME="A" TYPE="string"><VALUE.ARRAY><VALUE>x</VALUE></VALUE.ARRAY></PROPERTY.ARRAY></INSTANCE>
 *
 * Hyper-V rejects named entities in the values of this inner text; numeric references work.
 */
export function encodeEmbedded(instance: EmbeddedInstance): string {
  const properties = instance.properties.map(encodeProperty).join('');
  return `<INSTANCE CLASSNAME="${escapeNumeric(instance.className)}">${properties}</INSTANCE>`;
}

function encodeProperty({ name, type, value }: EmbeddedProperty): string {
  const head = `NAME="${escapeNumeric(name)}" TYPE="${type}"`;
  if (Array.isArray(value)) {
    const values = (value as readonly (CimScalar | null)[])
      .map((each) => (each === null ? '<VALUE.NULL/>' : encodeValue(each)))
      .join('');
    return `<PROPERTY.ARRAY ${head}><VALUE.ARRAY>${values}</VALUE.ARRAY></PROPERTY.ARRAY>`;
  }
  const content = value === null ? '' : encodeValue(value as CimScalar);
  return `<PROPERTY ${head}>${content}</PROPERTY>`;
}

function encodeValue(value: CimScalar): string {
  const text = typeof value === 'boolean' ? (value ? 'TRUE' : 'FALSE') : String(value);
  return `<VALUE>${escapeNumeric(text)}</VALUE>`;
}

/**
 * Escapes as `&#38;` and the like: `&amp;` and `&lt;` inside the embedded text make the host fail
 * (32768, 32773).
 */
export function escapeNumeric(text: string): string {
  return text.replace(/[&<>"'\r]/g, (c) => `&#${c.charCodeAt(0)};`);
}

const LIMITS: XmlLimits = { characters: 2 ** 20, depth: 16, elements: 20_000, attributes: 16 };

const TYPES: ReadonlySet<string> = new Set<CimType>([
  'boolean',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'sint8',
  'sint16',
  'sint32',
  'sint64',
  'real32',
  'real64',
  'string',
  'char16',
  'datetime',
]);

/**
 * Decodes CIM-XML text. Scalars are returned as text for every type, booleans in either case; null
 * if a property has no value. Omits system properties (`__PATH` …) and qualifiers.
 */
export function decodeEmbedded(text: string): EmbeddedInstance {
  const instance = parseXml(text, LIMITS);
  const className = instance.attributes.get('CLASSNAME');
  if (instance.local !== 'INSTANCE' || className === undefined) {
    throw cimError('wsman.value', `Expected <INSTANCE CLASSNAME=…>, found <${instance.local}>`, {
      data: { found: instance.local, expected: 'INSTANCE' },
    });
  }
  const properties = instance.children
    .filter((e) => e.local === 'PROPERTY' || e.local === 'PROPERTY.ARRAY')
    .filter((e) => !(e.attributes.get('NAME') ?? '').startsWith('__'))
    .map(decodeProperty);
  return { className, properties };
}

function decodeProperty(property: XmlElement): EmbeddedProperty {
  const name = property.attributes.get('NAME') ?? '';
  const type = property.attributes.get('TYPE') ?? 'string';
  if (!TYPES.has(type)) {
    throw cimError(
      'wsman.value',
      `Property ${name} has the type “${type}”, which is not a CIM type`,
      {
        data: { property: name, found: type },
      },
    );
  }
  return { name, type: type as CimType, value: decodeValue(property) };
}

function decodeValue(property: XmlElement): EmbeddedProperty['value'] {
  if (property.local === 'PROPERTY') return child(property, 'VALUE')?.text ?? null;
  const array = child(property, 'VALUE.ARRAY');
  if (array === undefined) return null;
  return array.children
    .filter((each) => each.local === 'VALUE' || each.local === 'VALUE.NULL')
    .map((each) => (each.local === 'VALUE' ? each.text : null));
}

/**
 * Returns one property's text, or undefined if it is absent or null. Names are compared without
 * case.
 */
export function embeddedText(instance: EmbeddedInstance, name: string): string | undefined {
  const wanted = name.toLowerCase();
  const value = instance.properties.find((p) => p.name.toLowerCase() === wanted)?.value;
  return value === undefined || value === null || Array.isArray(value) ? undefined : String(value);
}
