import type { CimInstance, CimReference } from '../../cim/model.ts';
import { objectPathHost, parseObjectPath, parseKeys } from '../../cim/object-path.ts';
import { associatedInstances, associationInstances } from './associations.ts';
import { CimFault } from './cim-fault.ts';
import type { ClassTable } from './class-table.ts';
import type { Near } from './repository.ts';
import { isSystemProperty } from './system-properties.ts';
import { matcher } from './wql-match.ts';
import {
  conjuncts,
  propertiesIn,
  type LabCondition,
  type LabQuery,
  type LabSelect,
} from './wql-query.ts';

/**
 * Returns the instances that a query selects, as they are asked for. Throws at once for a query
 * that cannot be processed.
 */
export function evaluateWql(classes: ClassTable, query: LabQuery): Iterable<CimInstance> {
  requireClasses(classes, query);
  if (query.kind === 'references' && classes.repository.referencesOf === false) {
    throw new CimFault('cannotProcessFilter', 'REFERENCES OF is not answered here');
  }
  if (query.kind === 'select') {
    checkNames(classes, query);
    return selected(classes, query);
  }
  const source = sourceOf(classes, query.path);
  const { assocclass, resultclass, role, resultrole } = query.where;
  const filter = {
    ...(assocclass === undefined ? {} : { associationClass: assocclass }),
    ...(resultclass === undefined ? {} : { resultClass: resultclass }),
    ...(role === undefined ? {} : { role }),
    ...(resultrole === undefined ? {} : { resultRole: resultrole }),
  };
  return query.kind === 'associators'
    ? associatedInstances(classes, source, filter)
    : associationInstances(classes, source, filter);
}

function selected(classes: ClassTable, { className, where }: LabSelect): Iterable<CimInstance> {
  if (where === undefined) return classes.instances(className);
  const matches = matcher(classes, where);
  const near = nearOf(where);
  return (function* (): Generator<CimInstance> {
    for (const each of classes.instances(className, near)) if (matches(each)) yield each;
  })();
}

/** Returns the texts that every selected instance has. */
function nearOf(where: LabCondition): Near {
  const near = new Map<string, string>();
  for (const each of conjuncts(where)) {
    if (each.op !== 'compare' || !('property' in each.left) || !('value' in each.right)) continue;
    const name = each.left.property.toLowerCase();
    const text = String(each.right.value);
    if (each.by === 'like') near.set(name, /^[^%_[]*/.exec(text)?.[0] ?? '');
    else if (each.by === '=' && name !== '__path') near.set(name, text);
    else if (each.by === '=') addKeys(near, text);
  }
  return near;
}

function addKeys(near: Map<string, string>, path: string): void {
  for (const [key, value] of Object.entries(parseObjectPath(path)?.keys ?? {})) {
    near.set(key.toLowerCase(), value);
  }
}

/** An unknown class is an error of the query, not of the resource. */
function requireClasses(classes: ClassTable, query: LabQuery): void {
  const named =
    query.kind === 'select'
      ? [query.className]
      : [query.where['assocclass'], query.where['resultclass'], objectOf(query.path).className];
  for (const name of named) {
    if (name !== undefined && classes.find(name) === undefined) {
      throw new CimFault('cannotProcessFilter', `There is no class ${name} here`);
    }
  }
}

/** A property that the class does not have is an error of the query and does not count as null. */
function checkNames(classes: ClassTable, { className, names, where }: LabSelect): void {
  const declared = new Set(
    classes.require(className).properties.map((each) => each.name.toLowerCase()),
  );
  for (const name of [...(names ?? []), ...(where === undefined ? [] : propertiesIn(where))]) {
    const known = declared.has(name.toLowerCase()) || isSystemProperty(name);
    if (!known && name.toLowerCase() !== '__this') {
      throw new CimFault('cannotProcessFilter', `${className} has no property ${name}`);
    }
  }
}

/** Parses the object between the braces: a whole object path, or `Class.Key='value'`. */
function objectOf(path: string): CimReference {
  const reference = parseObjectPath(path);
  if (reference !== undefined) return reference;
  const dot = path.indexOf('.');
  const keys = dot < 0 ? undefined : parseKeys(path.slice(dot + 1));
  if (keys === undefined) {
    throw new CimFault('cannotProcessFilter', `{${path}} is not an object path`);
  }
  return { className: path.slice(0, dot).trim(), keys };
}

/**
 * Returns the object from which an association query starts: it must exist, and its path must name
 * this host and all keys.
 */
function sourceOf(classes: ClassTable, path: string): CimReference {
  const { machineName, namespace } = classes.repository;
  const host = objectPathHost(path);
  if (host !== undefined && host.toLowerCase() !== machineName.toLowerCase()) {
    throw new CimFault(
      'cannotProcessFilter',
      `{${path}} names the host ${host}, not ${machineName}`,
    );
  }
  const named = parseObjectPath(path)?.namespace ?? namespace;
  if (named.toLowerCase() !== namespace.toLowerCase()) {
    throw new CimFault('cannotProcessFilter', `There is no namespace ${named} here`);
  }
  const source = objectOf(path);
  const wanted = classes.require(source.className).properties.filter((each) => each.key === true);
  const given = new Set(Object.keys(source.keys).map((name) => name.toLowerCase()));
  if (given.size !== wanted.length || !wanted.every(({ name }) => given.has(name.toLowerCase()))) {
    const names = wanted.map(({ name }) => name).join(', ');
    throw new CimFault(
      'cannotProcessFilter',
      `{${path}} must have the keys ${names} and no others`,
    );
  }
  if (classes.get(source) === undefined) {
    throw new CimFault('notFound', `{${path}} is not there`);
  }
  return source;
}
