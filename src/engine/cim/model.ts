/**
 * Hyper-V's management data independent of the transport: instances, references and values. A
 * transport implements the client of `client.ts`; `hyperv` uses nothing else. Imports `base` only.
 * Start reading here.
 */

/** The namespace of Hyper-V's classes. */
export const VIRTUALIZATION = 'root/virtualization/v2';

/** The namespace of a failover cluster's classes. */
export const CLUSTER = 'root/MSCluster';

/** A reference to an instance: class and key values. Sent back as received, with all its keys. */
export interface CimReference {
  /** As received, with `/` between its parts. Undefined: {@link VIRTUALIZATION}. */
  readonly namespace?: string;
  readonly className: string;
  /**
   * Empty for a singleton or a class. Names as received; compare them without case ({@link keyOf}).
   */
  readonly keys: Readonly<Record<string, string>>;
  /** Keys that are references themselves, as those of association classes. */
  readonly referenceKeys?: Readonly<Record<string, CimReference>>;
}

export interface CimInstance {
  /** The instance's own class, possibly a subclass of the requested one. */
  readonly className: string;
  /**
   * Keyed by name. An absent property is an empty or null array. A transport may return a
   * one-element array as the element alone.
   */
  readonly properties: ReadonlyMap<string, CimValue>;
}

/**
 * An instance sent as CIM-XML text inside a string; the class declares the types of its properties.
 */
export interface CimEmbedded {
  readonly embedded: CimInstance;
}

/**
 * A value of a property or parameter. Scalars of any type may be text, since WS-Management carries
 * no types; datetimes are text in ISO 8601, intervals are xs:duration, 64-bit numbers are never a
 * `number`.
 */
export type CimValue =
  CimScalar | null | CimReference | CimInstance | CimEmbedded | readonly CimValue[];

export type CimScalar = string | number | bigint | boolean;

export type CimType =
  | 'boolean'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'sint8'
  | 'sint16'
  | 'sint32'
  | 'sint64'
  | 'real32'
  | 'real64'
  | 'string'
  | 'char16'
  | 'datetime';

/** Creates an instance from a record of its properties. */
export function cimInstance(
  className: string,
  properties: Readonly<Record<string, CimValue>>,
): CimInstance {
  return { className, properties: new Map(Object.entries(properties)) };
}

/** Returns the value of a key; the name is compared without case. */
export function keyOf(reference: CimReference, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return Object.entries(reference.keys).find(([key]) => key.toLowerCase() === wanted)?.[1];
}

export function isCimReference(value: CimValue | undefined): value is CimReference {
  // Arrays have a method named `keys`.
  return isObject(value) && 'keys' in value;
}

export function isCimEmbedded(value: CimValue | undefined): value is CimEmbedded {
  return isObject(value) && 'embedded' in value;
}

function isObject(value: CimValue | undefined): value is CimReference | CimInstance | CimEmbedded {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
