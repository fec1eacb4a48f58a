import type { CimEmbedded, CimValue } from '../../../cim/model.ts';
import { parseXml } from '../../../cim/xml/xml-reader.ts';
import { decodeEmbedded, type EmbeddedProperty } from '../../../cim/cim-xml.ts';
import type { ClassTable } from '../../wmi/class-table.ts';
import type { CimPropertyDeclaration } from '../../wmi/repository.ts';

/** Return values with which Hyper-V rejects text (hyperv-wmi, 4.4). */
const FAILED = 32768;
const INVALID_PARAMETER = 32773;
/** For a TYPE other than the class's. UNCONFIRMED: hosts also answered 32773. */
const WRONG_TYPE = 32776;

/** A CIM-XML argument, or the return value with which the method fails at once. */
export type ReadEmbedded = CimEmbedded | { readonly returnValue: number };

/**
 * Reads a SettingData string as strictly as Hyper-V: named entities inside the text, a scalar
 * instead of an array, a datetime in ISO form, an unknown class or property all make the call fail.
 */
export function readEmbedded(classes: ClassTable, text: string): ReadEmbedded {
  if (text.includes('&amp;')) return { returnValue: FAILED };
  if (text.includes('&lt;')) return { returnValue: INVALID_PARAMETER };
  try {
    // Parsed once for the shape (arrays or not), which the decoder does not keep for null values.
    const arrays = new Set(
      parseXml(text)
        .children.filter((e) => e.local === 'PROPERTY.ARRAY')
        .map((e) => e.attributes.get('NAME') ?? ''),
    );
    const instance = decodeEmbedded(text);
    const declaration = classes.find(instance.className);
    if (declaration === undefined) return { returnValue: INVALID_PARAMETER };
    const properties = new Map<string, CimValue>();
    for (const property of instance.properties) {
      const declared = declaration.properties.find((p) => p.name === property.name);
      const array = arrays.has(property.name);
      if (declared === undefined || array !== (declared.array === true)) {
        return { returnValue: INVALID_PARAMETER };
      }
      if (property.type !== cimXmlType(declared)) return { returnValue: WRONG_TYPE };
      const value = readValue(declared, property);
      if (value === undefined) {
        return { returnValue: declared.type === 'datetime' ? FAILED : INVALID_PARAMETER };
      }
      properties.set(declared.name, value);
    }
    return { embedded: { className: declaration.name, properties } };
  } catch {
    return { returnValue: INVALID_PARAMETER };
  }
}

/**
 * Returns the CIM-XML TYPE of a declared type: references are paths in strings, objects are text.
 */
function cimXmlType({ type }: CimPropertyDeclaration): string {
  if (type === 'interval') return 'datetime';
  return type === 'reference' || type === 'object' ? 'string' : type;
}

/** Returns undefined if the text is not a value of the declared type. */
function readValue(
  declared: CimPropertyDeclaration,
  property: EmbeddedProperty,
): CimValue | undefined {
  const { value } = property;
  if (value === null) return null;
  if (Array.isArray(value)) {
    const values = (value as readonly (string | null)[]).map((each) =>
      each === null ? null : readScalar(declared.type, each),
    );
    return values.includes(undefined) ? undefined : (values as CimValue[]);
  }
  return readScalar(declared.type, value as string);
}

/** Parses a scalar of a CIM type from text; undefined if it is invalid. */
export function readScalar(
  type: CimPropertyDeclaration['type'],
  text: string,
): CimValue | undefined {
  switch (type) {
    case 'boolean':
      return /^(true|false)$/i.test(text) ? text.toLowerCase() === 'true' : undefined;
    case 'string':
    case 'char16':
      return text;
    case 'datetime':
    case 'interval':
      return /^[\d*]{14}\.[\d*]{6}[-+:]\d{3}$/.test(text) ? text : undefined;
    case 'real32':
    case 'real64':
      return Number.isNaN(Number(text)) ? undefined : Number(text);
    case 'reference':
    case 'object':
      return undefined;
    default:
      return readInteger(type, text);
  }
}

/** Parses 64-bit numbers as bigint, smaller ones as number; undefined if out of range. */
function readInteger(type: string, text: string): CimValue | undefined {
  if (!/^[+-]?\d{1,20}$/.test(text)) return undefined;
  const bits = Number(type.slice(4));
  const value = BigInt(text.replace('+', ''));
  const held = type.startsWith('u') ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value);
  if (held !== value) return undefined;
  return bits === 64 ? value : Number(value);
}
