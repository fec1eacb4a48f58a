import { type CimInstance, type CimReference, isCimReference } from '../../cim/model.ts';
import { referenceText, type ClassTable } from './class-table.ts';

export interface AssociationFilter {
  readonly associationClass?: string;
  readonly resultClass?: string;
  /** Role of the given object. */
  readonly role?: string;
  /** Role of the results. */
  readonly resultRole?: string;
}

/** One end of an association instance. */
interface End {
  readonly role: string;
  readonly reference: CimReference;
}

/** Returns the instances that an association connects to `source` (ASSOCIATORS OF). */
export function associatedInstances(
  classes: ClassTable,
  source: CimReference,
  filter: AssociationFilter,
): CimInstance[] {
  const found = new Map<string, CimInstance>();
  for (const { association, ends } of linksOf(classes, source, filter)) {
    if (!classes.isA(association.className, filter.associationClass ?? association.className))
      continue;
    for (const end of ends) {
      if (isSource(end, source) || !sameRole(end.role, filter.resultRole)) continue;
      const { resultClass } = filter;
      if (resultClass !== undefined && !classes.isA(end.reference.className, resultClass)) continue;
      const instance = classes.get(end.reference);
      if (instance !== undefined) found.set(referenceText(end.reference), instance);
    }
  }
  return [...found.values()];
}

/**
 * Returns the association instances themselves (REFERENCES OF); `resultClass` names the
 * association.
 */
export function associationInstances(
  classes: ClassTable,
  source: CimReference,
  filter: AssociationFilter,
): CimInstance[] {
  const { resultClass } = filter;
  const links = linksOf(classes, source, {
    ...filter,
    ...(resultClass === undefined ? {} : { associationClass: resultClass }),
  });
  return links.map((link) => link.association);
}

interface Link {
  readonly association: CimInstance;
  readonly ends: readonly End[];
}

/** Returns the association instances in which `source` has the requested role. */
function linksOf(classes: ClassTable, source: CimReference, filter: AssociationFilter): Link[] {
  const wanted =
    filter.associationClass === undefined
      ? Array.from(classes.repository.classes.values()).filter((each) => each.association === true)
      : classes.family(filter.associationClass);
  const near = new Map(
    Object.entries(source.keys).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const links: Link[] = [];
  for (const declaration of wanted) {
    for (const association of classes.repository.instances(declaration.name, near)) {
      const ends = [...association.properties].flatMap(([role, value]) =>
        isCimReference(value) ? [{ role, reference: value }] : [],
      );
      if (ends.some((end) => isSource(end, source) && sameRole(end.role, filter.role))) {
        links.push({ association, ends });
      }
    }
  }
  return links;
}

const isSource = (end: End, source: CimReference): boolean =>
  referenceText(end.reference) === referenceText(source);

const sameRole = (role: string, wanted: string | undefined): boolean =>
  wanted === undefined || role.toLowerCase() === wanted.toLowerCase();
