/** The data of WS-Management as the engine sees it: free of XML, usable without a network. */

/** A reference to an instance: the class's resource URI and its key values (DSP0226 5.4, selectors). */
export interface EndpointReference {
  readonly resourceUri: string;
  /** Empty for a singleton or a class as such. Names as received; compare them case-insensitively. */
  readonly selectors: Readonly<Record<string, string>>;
}

/**
 * A value as it came over the wire (DSP0230): text of a scalar or datetime, null for xsi:nil, a
 * reference, an embedded object, or several of these where the element was repeated.
 */
export type WireValue = string | null | EndpointReference | WireInstance | readonly WireValue[];

export interface WireInstance {
  /** Local name of the element: the instance's own class, perhaps a subclass of the one asked for. */
  readonly className: string;
  /** Absent: an empty or null array. A single-element array is indistinguishable from a scalar here. */
  readonly properties: ReadonlyMap<string, WireValue>;
}

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

export type CimScalar = string | number | bigint | boolean;

/** One instance serialised as CIM-XML inside a string (DSP0201): `<INSTANCE CLASSNAME=…>`. */
export interface EmbeddedInstance {
  readonly className: string;
  readonly properties: readonly EmbeddedProperty[];
}

export interface EmbeddedProperty {
  readonly name: string;
  readonly type: CimType;
  /**
   * null: the property has no value; an array gives PROPERTY.ARRAY, null in it VALUE.NULL. Datetimes in CIM
   * form (25 characters).
   */
  readonly value: CimScalar | readonly (CimScalar | null)[] | null;
}

/** A method argument. undefined arguments are left out of the request. */
export type Argument =
  | CimScalar
  | EndpointReference
  | { readonly embedded: EmbeddedInstance }
  | { readonly datetime: string }
  | readonly Argument[]
  | undefined;

export interface InvokeResult {
  readonly returnValue: number;
  readonly out: ReadonlyMap<string, WireValue>;
}

export interface Identity {
  readonly protocolVersion: string;
  readonly productVendor: string;
  readonly productVersion: string;
}
