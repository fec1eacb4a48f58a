import { loadKoffi, type Koffi, type NativeType } from '../../native/koffi.ts';
import { win32Error } from '../win32-errors.ts';
import type { CStruct, CType } from './c-type.ts';

export interface Field {
  /** In bytes from the start of the structure. */
  readonly offset: number;
  readonly size: number;
}

/** Layout of a structure in memory, as koffi computes it. */
export interface Layout {
  readonly name: string;
  readonly size: number;
  readonly align: number;
  /** By path: `Version2.ReadOnly`. The name of an anonymous union is not part of it. */
  readonly fields: ReadonlyMap<string, Field>;
}

/** Name of the anonymous union in koffi's type, which needs one. */
const UNION = 'union';

const known = new WeakMap<CStruct, Layout>();

/** Returns the layout of a structure. Throws `win32.unavailable` without koffi. */
export function layoutOf(struct: CStruct): Layout {
  let layout = known.get(struct);
  if (layout === undefined) {
    layout = computeLayout(requireKoffi(), struct);
    known.set(struct, layout);
  }
  return layout;
}

/** Returns koffi. Throws `win32.unavailable`. */
export function requireKoffi(): Koffi {
  const koffi = loadKoffi();
  if (!(koffi instanceof Error)) return koffi;
  throw win32Error('win32.unavailable', `koffi cannot be loaded: ${koffi.message}`, {
    cause: koffi,
  });
}

function computeLayout(koffi: Koffi, struct: CStruct): Layout {
  const type = nativeType(koffi, struct);
  const fields = new Map<string, Field>();
  addFields(koffi, struct, '', 0, fields);
  return { name: struct.name, size: koffi.sizeof(type), align: koffi.alignof(type), fields };
}

function addFields(
  koffi: Koffi,
  struct: CStruct,
  prefix: string,
  base: number,
  fields: Map<string, Field>,
): void {
  const type = nativeType(koffi, struct) as NativeType;
  const add = (name: string, member: CType, offset: number): void => {
    fields.set(prefix + name, { offset, size: koffi.sizeof(nativeType(koffi, member)) });
    if (isStruct(member)) addFields(koffi, member, `${prefix}${name}.`, offset, fields);
  };
  for (const [name, member] of Object.entries(struct.members)) {
    add(name, member, base + koffi.offsetof(type, name));
  }
  if (struct.union === undefined) return;
  const start = base + koffi.offsetof(type, UNION);
  for (const [name, member] of Object.entries(struct.union)) add(name, member, start);
}

function nativeType(koffi: Koffi, type: CType): string | NativeType {
  if (typeof type === 'string') return type;
  if (!isStruct(type)) return koffi.array(type.of, type.length);
  const all = (members: CStruct['members']): Record<string, string | NativeType> =>
    Object.fromEntries(Object.entries(members).map(([name, m]) => [name, nativeType(koffi, m)]));
  const members = all(type.members);
  if (type.union !== undefined) members[UNION] = koffi.union(all(type.union));
  return koffi.struct(members);
}

const isStruct = (type: CType): type is CStruct => typeof type === 'object' && 'members' in type;
