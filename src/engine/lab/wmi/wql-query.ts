/**
 * WQL as the lab reads it: more than `cim/wql.ts` writes, since other clients compare system
 * properties and write constants on either side.
 */
export type LabQuery = LabSelect | LabAssociation;

/** `SELECT * | names FROM Class [WHERE condition]`. */
export interface LabSelect {
  readonly kind: 'select';
  /** null for `*`. */
  readonly names: readonly string[] | null;
  readonly className: string;
  readonly where: LabCondition | undefined;
}

/** `ASSOCIATORS OF {path} WHERE …` and `REFERENCES OF {path} WHERE …`. */
export interface LabAssociation {
  readonly kind: 'associators' | 'references';
  readonly path: string;
  /** Keywords after WHERE in lower case: assocclass, resultclass, role, resultrole. */
  readonly where: Readonly<Record<string, string>>;
}

/** A property (also `__SERVER` and the like) or a constant. */
export type Operand = { readonly property: string } | { readonly value: string | number | boolean };

export type CompareOp = '=' | '<>' | '<' | '>' | '<=' | '>=' | 'like';

export type LabCondition =
  | { readonly op: 'and' | 'or'; readonly left: LabCondition; readonly right: LabCondition }
  | { readonly op: 'not'; readonly inner: LabCondition }
  | { readonly op: 'null'; readonly name: string; readonly negated: boolean }
  /** `name ISA 'Class'`: `__THIS`, or a property that holds an object. */
  | { readonly op: 'isa'; readonly name: string; readonly className: string }
  | {
      readonly op: 'compare';
      readonly by: CompareOp;
      readonly left: Operand;
      readonly right: Operand;
    };

/** Yields the conditions that all selected instances satisfy: the parts of a top-level AND. */
export function* conjuncts(condition: LabCondition): Generator<LabCondition> {
  if (condition.op === 'and') {
    yield* conjuncts(condition.left);
    yield* conjuncts(condition.right);
  } else yield condition;
}

/** Yields the names of all properties in a condition. */
export function* propertiesIn(condition: LabCondition): Generator<string> {
  switch (condition.op) {
    case 'and':
    case 'or':
      yield* propertiesIn(condition.left);
      yield* propertiesIn(condition.right);
      break;
    case 'not':
      yield* propertiesIn(condition.inner);
      break;
    case 'compare':
      if ('property' in condition.left) yield condition.left.property;
      if ('property' in condition.right) yield condition.right.property;
      break;
    default:
      yield condition.name;
  }
}
