import type { CimInstance, CimValue } from '../../cim/model.ts';
import { parseObjectPath } from '../../cim/object-path.ts';
import { CimFault } from './cim-fault.ts';
import { referenceText, type ClassTable } from './class-table.ts';
import { isSystemProperty, systemProperty } from './system-properties.ts';
import type { CompareOp, LabCondition, Operand } from './wql-query.ts';

type Scalar = string | number | bigint | boolean;
type Test = (instance: CimInstance) => boolean;

/** Returns a function that tests instances against a condition. Text is compared without case. */
export function matcher(classes: ClassTable, condition: LabCondition): Test {
  switch (condition.op) {
    case 'and': {
      const left = matcher(classes, condition.left);
      const right = matcher(classes, condition.right);
      return (instance) => left(instance) && right(instance);
    }
    case 'or': {
      const left = matcher(classes, condition.left);
      const right = matcher(classes, condition.right);
      return (instance) => left(instance) || right(instance);
    }
    case 'not': {
      const inner = matcher(classes, condition.inner);
      return (instance) => !inner(instance);
    }
    case 'null': {
      const read = reader(classes, { property: condition.name });
      return (instance) => ((read(instance) ?? null) === null) !== condition.negated;
    }
    case 'isa':
      return isa(classes, condition.name, condition.className);
    case 'compare':
      return comparison(classes, condition.by, condition.left, condition.right);
  }
}

function isa(classes: ClassTable, name: string, className: string): Test {
  if (name.toLowerCase() === '__this') {
    return (instance) => classes.isA(instance.className, className);
  }
  const read = reader(classes, { property: name });
  return (instance) => {
    const value = read(instance);
    const object = typeof value === 'object' && value !== null && 'className' in value;
    return object && classes.isA(value.className, className);
  };
}

/** A property that is null or an array matches no comparison. */
function comparison(classes: ClassTable, by: CompareOp, left: Operand, right: Operand): Test {
  const samePath = by === '=' ? pathTest(classes, left, right) : undefined;
  if (samePath !== undefined) return samePath;
  const first = reader(classes, left);
  const second = reader(classes, right);
  const like = by === 'like' && 'value' in right ? likePattern(String(right.value)) : undefined;
  return (instance) => {
    const a = first(instance);
    const b = second(instance);
    if (!isScalar(a) || !isScalar(b)) return false;
    if (by === 'like') return (like ?? likePattern(String(b))).test(String(a));
    const order = orderOf(a, b);
    if (by === '=') return order === 0;
    if (by === '<>') return order !== 0;
    if (by === '<') return order < 0;
    if (by === '>') return order > 0;
    return by === '<=' ? order <= 0 : order >= 0;
  };
}

/** Compares `__PATH` with an object path, whatever the order of its keys. */
function pathTest(classes: ClassTable, left: Operand, right: Operand): Test | undefined {
  if (!('property' in left) || left.property.toLowerCase() !== '__path') return undefined;
  const text = 'value' in right ? parseObjectPath(String(right.value)) : undefined;
  if (text === undefined) return undefined;
  const host = /^[\\/]{2}([^\\/]+)/.exec(String('value' in right ? right.value : ''))?.[1];
  const { machineName } = classes.repository;
  if (host?.toLowerCase() !== machineName.toLowerCase()) return () => false;
  const wanted = referenceText(text);
  return (instance) => referenceText(classes.referenceOf(instance)) === wanted;
}

const isScalar = (value: CimValue | undefined): value is Scalar =>
  value !== undefined && value !== null && typeof value !== 'object';

function reader(
  classes: ClassTable,
  operand: Operand,
): (instance: CimInstance) => CimValue | undefined {
  if ('value' in operand) return () => operand.value;
  const { property } = operand;
  if (isSystemProperty(property)) return (instance) => systemProperty(classes, instance, property);
  const wanted = property.toLowerCase();
  return ({ properties }) => {
    const exact = properties.get(property);
    if (exact !== undefined) return exact;
    for (const [name, value] of properties) if (name.toLowerCase() === wanted) return value;
    return undefined;
  };
}

function orderOf(value: Scalar, wanted: Scalar): number {
  const numbers = [value, wanted].some((each) => ['number', 'bigint'].includes(typeof each));
  if (numbers) {
    const [a, b] = [Number(value), Number(wanted)];
    return a === b ? 0 : a < b ? -1 : 1;
  }
  const [a, b] = [comparable(String(value)), comparable(String(wanted))];
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Datetimes are compared by their time: instances hold ISO 8601, WQL the CIM form. */
function comparable(text: string): string {
  const cim = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\.(\d{6})([-+])(\d{3})$/.exec(text);
  if (cim === null) return text.toLowerCase();
  const [year, month, day, hour, minute, second, fraction, sign, offset] = cim.slice(1);
  const local = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  const utc = local - Number(`${sign}${offset}`) * 60_000;
  const digits = `${fraction}`.replace(/0+$/, '');
  const whole = new Date(utc).toISOString().slice(0, 19);
  return `${whole}${digits === '' ? '' : `.${digits}`}z`.toLowerCase();
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
