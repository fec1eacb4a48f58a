import { cimError } from './cim-errors.ts';
import type { CimInstance, CimScalar, CimType, CimValue } from './model.ts';
import { toCimDatetime } from './datetime.ts';
import { formatScalar, parseScalar } from './scalar.ts';
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
   * VALUE.NULL. Datetimes are encoded from ISO 8601, xs:duration or CIM's form; decoded, they are
   * in CIM's form.
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
  const encode = (each: CimScalar | null): string =>
    each === null ? '<VALUE.NULL/>' : encodeValue(name, type, each);
  if (Array.isArray(value)) {
    const values = (value as readonly (CimScalar | null)[]).map(encode).join('');
    return `<PROPERTY.ARRAY ${head}><VALUE.ARRAY>${values}</VALUE.ARRAY></PROPERTY.ARRAY>`;
  }
  const content = value === null ? '' : encode(value as CimScalar);
  return `<PROPERTY ${head}>${content}</PROPERTY>`;
}

/** Datetimes must be in CIM's form here: ISO 8601 makes the host fail (32768). */
function encodeValue(name: string, type: CimType, value: CimScalar): string {
  const text = formatScalar(value, 'upper');
  const encoded = type === 'datetime' ? toCimDatetime(text) : text;
  if (encoded !== undefined) return `<VALUE>${escapeNumeric(encoded)}</VALUE>`;
  throw cimError('wsman.value', `Property ${name}: expected a datetime, found “${text}”`, {
    data: { property: name, found: text },
  });
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

/**
 * Returns the instance with its values in their declared types. Throws `wsman.value` if the text of
 * a value does not have its type. A number without a text counts as null.
 */
export function typedInstance({ className, properties }: EmbeddedInstance): CimInstance {
  const typed = ({ name, type, value }: EmbeddedProperty): CimValue => {
    const one = (each: CimScalar | null): CimScalar | null => {
      const text = String(each ?? '');
      if (each === null || (text === '' && type !== 'string')) return null;
      return parseScalar(type, text, `${className}.${name}`);
    };
    return Array.isArray(value)
      ? (value as readonly (CimScalar | null)[]).map(one)
      : one(value as CimScalar | null);
  };
  return { className, properties: new Map(properties.map((each) => [each.name, typed(each)])) };
}
