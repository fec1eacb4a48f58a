import {
  VIRTUALIZATION,
  type CimInstance,
  type CimReference,
  type CimValue,
} from '../../../cim/model.ts';
import { child, childText, type XmlElement } from '../../../cim/xml/xml-element.ts';
import { DIALECT, NS } from '../../../net/wsman/names.ts';
import { parseReference, parseSelectors } from '../../../net/wsman/reference.ts';
import { associatedInstances, associationInstances } from '../../wmi/associations.ts';
import { CimFault } from '../../wmi/cim-fault.ts';
import type { ClassTable } from '../../wmi/class-table.ts';
import { evaluateWql } from '../../wmi/wql-evaluate.ts';
import { parseWql } from '../../wmi/wql-parser.ts';
import type { WireRequest } from '../read/request.ts';

/** Selected instances of an Enumerate. */
export interface Selection {
  readonly instances: Iterable<CimInstance>;
  /** Names of a projection; null for whole instances. */
  readonly names: readonly string[] | null;
}

/** Filters of Enumerate (MS-WSMV 3.1.4.1.13): WQL, selectors, associations. */
export class Filters {
  readonly #classes: ClassTable;

  constructor(classes: ClassTable) {
    this.#classes = classes;
  }

  /** Throws at once for a filter that cannot be processed. */
  select(request: WireRequest, filter: XmlElement | undefined): Selection {
    const className = request.resource?.className ?? '';
    if (filter === undefined) {
      if (className === '*') throw new CimFault('cannotProcessFilter', 'All classes need a filter');
      this.#classes.require(className);
      return { instances: this.#classes.instances(className), names: null };
    }
    const dialect = filter.attributes.get('Dialect') ?? '';
    if (dialect === DIALECT.selector) {
      return { instances: this.#bySelectors(className, filter), names: null };
    }
    if (className !== '*') {
      throw new CimFault(
        'wqlOnClass',
        'A filter of this dialect needs the resource URI that ends in /*',
      );
    }
    if (dialect === DIALECT.wql) {
      const query = parseWql(filter.text);
      const names = query.kind === 'select' ? query.names : null;
      return { instances: evaluateWql(this.#classes, query), names };
    }
    if (dialect === DIALECT.association) {
      return { instances: this.#byAssociation(filter), names: null };
    }
    throw new CimFault('filterDialect', `The filter dialect ${dialect} is not supported`);
  }

  /** Equality tests: of properties that are there, once each, and neither arrays nor references. */
  #bySelectors(className: string, filter: XmlElement): Iterable<CimInstance> {
    const set = child(filter, 'SelectorSet', NS.wsman);
    const { properties } = this.#classes.require(className);
    const wanted = Object.entries(set === undefined ? {} : parseSelectors(set)).map(
      ([name, value]) => {
        const found = properties.find((each) => each.name.toLowerCase() === name.toLowerCase());
        if (found === undefined || found.array === true || UNSELECTABLE.has(found.type)) {
          throw new CimFault('cannotProcessFilter', `${className}.${name} cannot be selected by`);
        }
        return [found.name, value.toLowerCase()] as const;
      },
    );
    if (set !== undefined && wanted.length !== set.children.length) {
      throw new CimFault('duplicateSelectors', 'A selector is given twice');
    }
    const near = new Map(wanted.map(([name, value]) => [name.toLowerCase(), value]));
    const instances = this.#classes.instances(className, near);
    return (function* (): Generator<CimInstance> {
      for (const each of instances) {
        const fits = wanted.every(([name, value]) => textOf(each.properties.get(name)) === value);
        if (fits) yield each;
      }
    })();
  }

  #byAssociation(filter: XmlElement): Iterable<CimInstance> {
    const [query] = filter.children;
    const associated = query?.local === 'AssociatedInstances';
    if (
      query === undefined ||
      query.uri !== NS.cimBinding ||
      (!associated && query.local !== 'AssociationInstances')
    ) {
      throw new CimFault(
        'cannotProcessFilter',
        'The association filter holds neither AssociatedInstances nor AssociationInstances',
      );
    }
    const source = this.#source(query);
    const part = (key: string, local: string): Record<string, string> => {
      const text = childText(query, local);
      return text === undefined || text === '' ? {} : { [key]: text };
    };
    const conditions = {
      ...part('associationClass', 'AssociationClassName'),
      ...part('resultClass', 'ResultClassName'),
      ...part('role', 'Role'),
      ...part('resultRole', 'ResultRole'),
    };
    for (const name of [conditions['associationClass'], conditions['resultClass']]) {
      if (name !== undefined && this.#classes.find(name) === undefined) {
        throw new CimFault('cannotProcessFilter', `There is no class ${name} here`);
      }
    }
    return associated
      ? associatedInstances(this.#classes, source, conditions)
      : associationInstances(this.#classes, source, conditions);
  }

  /** Returns the object whose associations are asked for: it must exist in this namespace. */
  #source(query: XmlElement): CimReference {
    const holder = child(query, 'Object', NS.cimBinding);
    const source = holder && parseReference(holder);
    if (source === undefined) {
      throw new CimFault('cannotProcessFilter', 'The association filter names no object');
    }
    const { namespace } = this.#classes.repository;
    if ((source.namespace ?? VIRTUALIZATION).toLowerCase() !== namespace.toLowerCase()) {
      throw new CimFault('cannotProcessFilter', `The object is not in ${namespace}`);
    }
    if (this.#classes.find(source.className) === undefined) {
      throw new CimFault('cannotProcessFilter', `There is no class ${source.className} here`);
    }
    if (this.#classes.get(source) === undefined) {
      throw new CimFault('notFound', `No ${source.className} has exactly these keys`);
    }
    return source;
  }
}

/** Returns a scalar as text in lower case; undefined for null. */
function textOf(value: CimValue | undefined): string | undefined {
  if (value === undefined || value === null || typeof value === 'object') return undefined;
  return String(value).toLowerCase();
}

const UNSELECTABLE: ReadonlySet<string> = new Set(['datetime', 'interval', 'reference', 'object']);
