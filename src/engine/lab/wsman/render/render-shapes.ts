import { NS, resourceUri } from '../../../net/wsman/names.ts';
import { element } from '../../../cim/xml/xml-writer.ts';
import type { CimClassDeclaration, CimPropertyDeclaration } from '../../wmi/repository.ts';

/** Tags of one property, made once for each class: a large host has many rows. */
export interface Field {
  readonly declaration: CimPropertyDeclaration;
  readonly open: string;
  readonly close: string;
  /** The whole element of a property without a value. */
  readonly nil: string;
}

/** Tags of a class's instances, with the properties in the order of their names. */
export interface Shape {
  readonly open: string;
  readonly close: string;
  readonly fields: readonly Field[];
}

export function fieldOf(declaration: CimPropertyDeclaration, prefix: 'p:' | ''): Field {
  const name = prefix + declaration.name;
  return {
    declaration,
    open: `<${name}>`,
    close: `</${name}>`,
    nil: `<${name} xsi:nil="true"/>`,
  };
}

/** Ordinal order, as Windows sorts: upper case before lower case. */
export function sortedByName<T extends { readonly name: string }>(list: readonly T[]): T[] {
  return [...list].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Makes and keeps the shapes of one namespace's classes. */
export class Shapes {
  readonly #namespace: string;
  readonly #shapes = new WeakMap<CimClassDeclaration, Shape>();

  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  of(declaration: CimClassDeclaration): Shape {
    let shape = this.#shapes.get(declaration);
    if (shape === undefined) {
      shape = this.#make(declaration);
      this.#shapes.set(declaration, shape);
    }
    return shape;
  }

  #make({ name, properties }: CimClassDeclaration): Shape {
    const attributes = {
      'xmlns:xsi': NS.xsi,
      'xmlns:p': resourceUri(name, this.#namespace),
      'xmlns:cim': NS.cim,
      'xsi:type': `p:${name}_Type`,
    };
    return {
      open: element(`p:${name}`, attributes, ' ').replace(/ <.*$/, ''),
      close: `</p:${name}>`,
      fields: sortedByName(properties).map((each) => fieldOf(each, 'p:')),
    };
  }
}
