import type { CimInstance, CimReference, CimValue } from '../../cim/model.ts';
import { objectPathHost, parseObjectPath, parseKeys } from '../../cim/object-path.ts';
import { CimFault } from './cim-fault.ts';
import type { ClassTable } from './class-table.ts';
import { associatedInstances, associationInstances } from './associations.ts';
import type { Comparison, Condition, SelectQuery, WqlQuery } from '../../cim/wql.ts';

/** Returns the instances that a query selects. */
export async function evaluateWql(classes: ClassTable, query: WqlQuery): Promise<CimInstance[]> {
  requireClasses(classes, query);
  if (query.kind === 'references' && classes.repository.referencesOf === false) {
    throw new CimFault('cannotProcessFilter', 'REFERENCES OF is not answered here');
  }
  if (query.kind === 'select') {
    const { where } = query;
    checkNames(classes, query);
    const found = await classes.instances(query.className);
    return where === undefined ? found : found.filter((each) => matches(each, where));
  }
  const source = await sourceOf(classes, query.path);
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

/** An unknown class is an error of the query, not of the resource. */
function requireClasses(classes: ClassTable, query: WqlQuery): void {
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
function checkNames(classes: ClassTable, { className, names, where }: SelectQuery): void {
  const declared = new Set(
    classes.require(className).properties.map((each) => each.name.toLowerCase()),
  );
  for (const name of [...(names ?? []), ...(where === undefined ? [] : namesIn(where))]) {
    if (!declared.has(name.toLowerCase())) {
      throw new CimFault('cannotProcessFilter', `${className} has no property ${name}`);
    }
  }
}

function namesIn(condition: Condition): string[] {
  switch (condition.op) {
    case 'and':
    case 'or':
      return [...namesIn(condition.left), ...namesIn(condition.right)];
    case 'not':
      return namesIn(condition.inner);
    default:
      return [condition.name];
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
async function sourceOf(classes: ClassTable, path: string): Promise<CimReference> {
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
  if ((await classes.get(source)) === undefined) {
    throw new CimFault('notFound', `{${path}} is not there`);
  }
  return source;
}

function matches(instance: CimInstance, condition: Condition): boolean {
  switch (condition.op) {
    case 'and':
      return matches(instance, condition.left) && matches(instance, condition.right);
    case 'or':
      return matches(instance, condition.left) || matches(instance, condition.right);
    case 'not':
      return !matches(instance, condition.inner);
    case 'null': {
      const value = propertyOf(instance, condition.name);
      return (value === undefined || value === null) !== condition.negated;
    }
    default:
      return compare(propertyOf(instance, condition.name), condition.op, condition.value);
  }
}

function propertyOf(instance: CimInstance, name: string): CimValue | undefined {
  const wanted = name.toLowerCase();
  for (const [each, value] of instance.properties) if (each.toLowerCase() === wanted) return value;
  return undefined;
}

/** A property that is null or an array matches no comparison. Text is compared without case. */
function compare(
  value: CimValue | undefined,
  op: Comparison,
  wanted: string | number | boolean,
): boolean {
  if (value === undefined || value === null || typeof value === 'object') return false;
  if (op === 'like') return likePattern(String(wanted)).test(String(value));
  const order = orderOf(value, wanted);
  switch (op) {
    case '=':
      return order === 0;
    case '<>':
      return order !== 0;
    case '<':
      return order < 0;
    case '>':
      return order > 0;
    case '<=':
      return order <= 0;
    case '>=':
      return order >= 0;
  }
}

function orderOf(
  value: string | number | bigint | boolean,
  wanted: string | number | boolean,
): number {
  if (typeof value === 'number' || typeof value === 'bigint') {
    const other = Number(wanted);
    return Number(value) === other ? 0 : Number(value) < other ? -1 : 1;
  }
  const a = String(value).toLowerCase();
  const b = String(wanted).toLowerCase();
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Converts a LIKE pattern: `%` any text, `_` one character, `[a-z]` a set. */
function likePattern(text: string): RegExp {
  const source = text.replace(/%|_|\[[^\]]*\]|[.*+?^${}()|\\/\]]/g, (c) => {
    if (c === '%') return '.*';
    if (c === '_') return '.';
    return c.startsWith('[') ? c.replaceAll('\\', '\\\\') : `\\${c}`;
  });
  try {
    return new RegExp(`^${source}$`, 'is');
  } catch {
    throw new CimFault('cannotProcessFilter', `“${text}” is not a pattern`);
  }
}
