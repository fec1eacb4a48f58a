import type { Argument } from '../../cim/client.ts';
import type { EmbeddedInstance, EmbeddedProperty } from '../../cim/cim-xml.ts';
import type { CimReference, CimScalar, CimType } from '../../cim/model.ts';

/**
 * Type of a parameter: a scalar, a reference or an array of them, or an instance inside a string
 * with the types of its properties. `instance` and `instances`: the caller gives class and types.
 */
export type ParameterType =
  CimType | `${CimType}[]` | 'reference' | 'references' | 'instance' | 'instances' | EmbeddedType;

export interface EmbeddedType {
  readonly embedded: string;
  readonly properties: Readonly<Record<string, CimType>>;
}

/**
 * A method of a class, as data, for the executor (`invoke.ts`) and the ledger's watch
 * (`watch-calls.ts`).
 */
export interface Operation {
  readonly className: string;
  readonly method: string;
  /** In parameters, in the order of the declaration. */
  readonly in: Readonly<Record<string, ParameterType>>;
  /** Out parameters. Arrays end in `[]`. */
  readonly out: Readonly<Record<string, 'reference' | CimType | `${CimType}[]`>>;
  /** Changes state on the host. */
  readonly changes: boolean;
  /** May be resent if its outcome is not known: two calls have the effect of one. */
  readonly repeatable: boolean;
  /** Retried while the host answers “invalid state” (32775), which means that nothing was done. */
  readonly waitsForState: boolean;
  /** Creates objects that a ledger records. */
  readonly records: boolean;
}

/** Arguments of an operation. Undefined arguments and properties are omitted. */
export type ArgumentsOf<Op extends Operation> = {
  readonly [Name in keyof Op['in']]?: ArgumentOf<Op['in'][Name]> | undefined;
};

type ArgumentOf<Type> = Type extends EmbeddedType
  ? { readonly [Name in keyof Type['properties']]?: CimScalar | undefined }
  : Type extends 'reference'
    ? CimReference
    : Type extends 'references'
      ? readonly CimReference[]
      : Type extends 'instance'
        ? EmbeddedInstance
        : Type extends 'instances'
          ? readonly EmbeddedInstance[]
          : Type extends 'string[]'
            ? readonly string[]
            : Type extends `${string}[]`
              ? readonly number[]
              : Type extends 'boolean'
                ? boolean
                : Type extends 'string' | 'char16'
                  ? string
                  : Type extends 'datetime'
                    ? { readonly datetime: string }
                    : number | bigint;

/**
 * Returns the arguments in the client's form: in the order of the declaration, embedded instances
 * with their types.
 */
export function encodeArguments<Op extends Operation>(
  operation: Op,
  args: ArgumentsOf<Op>,
): Record<string, Argument> {
  const given = args as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(operation.in).flatMap(([name, type]) => {
      const value = given[name];
      if (value === undefined) return [];
      return [[name, encodeArgument(type, value)] as const];
    }),
  );
}

function encodeArgument(type: ParameterType, value: unknown): Argument {
  if (isEmbedded(type)) {
    return { embedded: encodeEmbedded(type, value as Readonly<Record<string, CimScalar>>) };
  }
  if (type === 'instance') return { embedded: value as EmbeddedInstance };
  if (type === 'instances') {
    return (value as readonly EmbeddedInstance[]).map((embedded) => ({ embedded }));
  }
  return value as Argument;
}

const isEmbedded = (type: ParameterType): type is EmbeddedType => typeof type === 'object';

function encodeEmbedded(
  { embedded, properties }: EmbeddedType,
  values: Readonly<Record<string, CimScalar | undefined>>,
): EmbeddedInstance {
  return {
    className: embedded,
    properties: Object.entries(properties).flatMap(([name, type]): EmbeddedProperty[] => {
      const value = values[name];
      return value === undefined ? [] : [{ name, type, value }];
    }),
  };
}
