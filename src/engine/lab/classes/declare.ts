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
  s8: 'sint8',
  s16: 'sint16',
  s32: 'sint32',
  s64: 'sint64',
  string: 'string',
  datetime: 'datetime',
  interval: 'interval',
  ref: 'reference',
  object: 'object',
};

/**
 * Declares classes from a table. A row that is not indented begins one:
 * `Name < Superclass | InstanceID:string! HostResource:string[] EnabledState:u16` (`!` marks keys).
 * A class has the properties of its superclass too, which is in the same table, above, or in
 * `known`. A class with a reference is an association.
 */
export function declareTable(
  table: string,
  known: ReadonlyMap<string, CimClassDeclaration>,
  methods: Readonly<Record<string, readonly CimMethodDeclaration[]>> = {},
): Map<string, CimClassDeclaration> {
  const classes = new Map<string, CimClassDeclaration>();
  const rows = table.replace(/\n +/g, ' ').split('\n');
  for (const row of rows.filter((text) => text !== '')) {
    const [head = '', list = ''] = row.split('|');
    const [name = '', superclass] = head.split('<').map((part) => part.trim());
    const base =
      superclass === undefined ? undefined : (classes.get(superclass) ?? known.get(superclass));
    if (superclass !== undefined && base === undefined)
      throw new Error(`${name}: no ${superclass}`);
    const own = propertiesOf(name, list);
    const replaced = new Set(own.map((each) => each.name));
    const inherited = base?.properties.filter((each) => !replaced.has(each.name)) ?? [];
    const properties = [...inherited, ...own];
    const called = methods[name] ?? base?.methods;
    classes.set(name, {
      name,
      ...(superclass === undefined ? {} : { superclass }),
      properties,
      ...(called === undefined ? {} : { methods: called }),
      ...(properties.some((each) => each.type === 'reference') ? { association: true } : {}),
    });
  }
  return classes;
}

function propertiesOf(className: string, list: string): CimPropertyDeclaration[] {
  return list
    .split(/\s+/)
    .filter((text) => text !== '')
    .map((text) => {
      const { base, array, key } = parse(text, className);
      return { ...base, ...(array ? { array } : {}), ...(key ? { key } : {}) };
    });
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
