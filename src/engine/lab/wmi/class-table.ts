import {
  type CimInstance,
  type CimReference,
  type CimValue,
  isCimReference,
} from '../../cim/model.ts';
import { CimFault } from './cim-fault.ts';
import type { CimClassDeclaration, CimRepository, Near } from './repository.ts';

/**
 * Lookups over the classes and instances of a repository. Names are compared without case, as WMI
 * does.
 */
export class ClassTable {
  readonly repository: CimRepository;
  readonly #byName: ReadonlyMap<string, CimClassDeclaration>;

  readonly #families = new Map<string, readonly CimClassDeclaration[]>();

  constructor(repository: CimRepository) {
    this.repository = repository;
    this.#byName = new Map(
      Array.from(repository.classes.values(), (each) => [each.name.toLowerCase(), each] as const),
    );
  }

  find(name: string): CimClassDeclaration | undefined {
    return this.#byName.get(name.toLowerCase());
  }

  /** Throws the fault of an unknown class. */
  require(name: string): CimClassDeclaration {
    const found = this.find(name);
    if (found === undefined) throw new CimFault('noClass', `There is no class ${name} here`);
    return found;
  }

  /** Whether the class is `ancestor` or derives from it. */
  isA(name: string, ancestor: string): boolean {
    const wanted = ancestor.toLowerCase();
    for (let at = this.find(name); at !== undefined;) {
      if (at.name.toLowerCase() === wanted) return true;
      at = at.superclass === undefined ? undefined : this.find(at.superclass);
    }
    return false;
  }

  /** Returns the class and all classes derived from it. */
  family(name: string): readonly CimClassDeclaration[] {
    const { name: own } = this.require(name);
    let family = this.#families.get(own);
    if (family === undefined) {
      const all = Array.from(this.repository.classes.values());
      family = all.filter((each) => this.isA(each.name, own));
      this.#families.set(own, family);
    }
    return family;
  }

  /** Yields the instances of the class and of its subclasses (polymorphic enumeration). */
  *instances(name: string, near?: Near): Generator<CimInstance> {
    for (const each of this.family(name)) yield* this.repository.instances(each.name, near);
  }

  /**
   * Returns the instance with exactly these keys; undefined if a key is missing or wrong, or the
   * instance does not exist.
   */
  get(reference: CimReference): CimInstance | undefined {
    const wanted = withoutNamespace(reference.keys);
    const near = new Map(Object.entries(wanted));
    for (const instance of this.instances(reference.className, near)) {
      if (sameKeys(this.referenceOf(instance).keys, reference.keys)) return instance;
    }
    return undefined;
  }

  /** Returns the reference of an instance: class and key values. */
  referenceOf(instance: CimInstance): CimReference {
    const declaration = this.require(instance.className);
    const keys = declaration.properties
      .filter((p) => p.key === true)
      .map((p) => [p.name, this.#keyText(instance.properties.get(p.name))] as const);
    return { className: declaration.name, keys: Object.fromEntries(keys) };
  }

  #keyText(value: CimValue | undefined): string {
    if (typeof value === 'string') return value;
    if (isCimReference(value)) return referenceText(value);
    return typeof value === 'object' || value === undefined ? '' : String(value);
  }
}

/** Returns text that identifies a reference: class and keys, in lower case, keys in order. */
export function referenceText(reference: CimReference): string {
  const keys = Object.entries(reference.keys)
    .map(([name, value]) => `${name}=${value}`.toLowerCase())
    .sort();
  return `${reference.className.toLowerCase()}.${keys.join(',')}`;
}

/** Whether exactly the given keys exist and their values are equal without case. */
export function sameKeys(
  wanted: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string>>,
): boolean {
  const found = withoutNamespace(given);
  const names = Object.entries(wanted);
  return (
    names.length === Object.keys(found).length &&
    names.every(([name, value]) => found[name.toLowerCase()] === value.toLowerCase())
  );
}

/** Returns names and values in lower case, without the selector that names a namespace. */
function withoutNamespace(keys: Readonly<Record<string, string>>): Record<string, string> {
  const out: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(keys)) {
    if (name.toLowerCase() !== '__cimnamespace') out[name.toLowerCase()] = value.toLowerCase();
  }
  return out;
}
