import type {
  CimClassDeclaration,
  CimMethodDeclaration,
  CimParameterDeclaration,
  CimPropertyDeclaration,
} from '../wmi/repository.ts';

/** Abbreviations of types in the class tables. */
const TYPES: Readonly<Record<string, CimPropertyDeclaration['type']>> = {
  bool: 'boolean',
  u8: 'uint8',
  u16: 'uint16',
  u32: 'uint32',
  u64: 'uint64',
  string: 'string',
  datetime: 'datetime',
  interval: 'interval',
  ref: 'reference',
  object: 'object',
};

/**
 * Declares a class from lines such as `InstanceID:string! HostResource:string[] EnabledState:u16`
 * (`!` marks keys).
 */
export function declareClass(
  name: string,
  properties: string,
  options: {
    readonly superclass?: string;
    readonly association?: boolean;
    readonly methods?: readonly CimMethodDeclaration[];
  } = {},
): CimClassDeclaration {
  const list = properties
    .trim()
    .split(/\s+/)
    .filter((text) => text !== '')
    .map((text) => {
      const { base, array, key } = parse(text, name);
      return { ...base, ...(array ? { array } : {}), ...(key ? { key } : {}) };
    });
  return { name, properties: list, ...options };
}

/**
 * Declares a method from `in Name:type` parts in the order of the MOF; `embedded` after the type marks CIM-XML strings:
 * `in AffectedSystem:ref | in SnapshotSettings:string embedded | inout ResultingSnapshot:ref | out Job:ref`.
 */
export function declareMethod(name: string, parameters: string): CimMethodDeclaration {
  const list = parameters
    .split('|')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part): CimParameterDeclaration => {
      const [direction = '', text = '', embedded] = part.split(/\s+/);
      const { base, array } = parse(text, name);
      return {
        ...base,
        direction: direction as CimParameterDeclaration['direction'],
        ...(array ? { array } : {}),
        ...(embedded === 'embedded' ? { embedded: true } : {}),
      };
    });
  return { name, parameters: list };
}

function parse(
  text: string,
  where: string,
): { base: { name: string; type: CimPropertyDeclaration['type'] }; array: boolean; key: boolean } {
  const [name = '', spelled = ''] = text.split(':');
  const key = spelled.endsWith('!');
  const bare = key ? spelled.slice(0, -1) : spelled;
  const array = bare.endsWith('[]');
  const type = TYPES[array ? bare.slice(0, -2) : bare];
  if (type === undefined) throw new Error(`${where}: “${text}” has no known type`);
  return { base: { name, type }, array, key };
}
