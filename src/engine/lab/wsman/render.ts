import {
  type CimEmbedded,
  type CimInstance,
  type CimReference,
  type CimValue,
  isCimEmbedded,
  isCimReference,
} from '../../cim/model.ts';
import { escapeNumeric } from '../../cim/cim-xml.ts';
import { NS, resourceUri } from '../../net/wsman/names.ts';
import { referenceContent } from '../../net/wsman/reference.ts';
import { element, escapeXml, textElement } from '../../cim/xml/xml-writer.ts';
import type { ClassTable } from '../wmi/class-table.ts';
import type { CimParameterDeclaration, CimPropertyDeclaration } from '../wmi/repository.ts';

/**
 * Renders values as Windows does: alphabetical properties, xsi:nil, repeated arrays, wrapped
 * datetimes.
 */
export class Renderer {
  readonly #classes: ClassTable;

  constructor(classes: ClassTable) {
    this.#classes = classes;
  }

  /** Renders `<p:Class …>` with its properties in the order of their names. */
  instance(instance: CimInstance): string {
    const { name, properties } = this.#classes.require(instance.className);
    const content = sortedByName(properties)
      .map((p) => this.#property(p, instance.properties.get(p.name)))
      .join('');
    return element(
      `p:${name}`,
      {
        'xmlns:xsi': NS.xsi,
        'xmlns:p': this.#uri(name),
        'xmlns:cim': NS.cim,
        'xsi:type': `p:${name}_Type`,
      },
      content,
    );
  }

  /** Renders selected properties as a fragment, whose children have no namespace. */
  fragment(instance: CimInstance, names: readonly string[]): string {
    const wanted = new Set(names.map((name) => name.toLowerCase()));
    const { properties } = this.#classes.require(instance.className);
    const content = sortedByName(properties)
      .filter((p) => wanted.has(p.name.toLowerCase()))
      .map((p) => this.#property(p, instance.properties.get(p.name)))
      .join('')
      .replace(/<(\/?)p:/g, '<$1');
    return element('w:XmlFragment', { 'xmlns:xsi': NS.xsi, 'xmlns:cim': NS.cim }, content);
  }

  /** Renders `<a:EndpointReference>`, the form of items in an enumeration. */
  endpoint(reference: CimReference): string {
    return element('a:EndpointReference', {}, this.#referenceContent(reference));
  }

  /** Renders `<p:Method_OUTPUT>`: out parameters, then ReturnValue. */
  output(
    className: string,
    method: string,
    parameters: readonly CimParameterDeclaration[],
    out: Readonly<Record<string, CimValue>>,
    returnValue: number,
  ): string {
    const content = parameters
      .filter((p) => p.direction !== 'in' && out[p.name] !== undefined)
      .map((p) => this.#property(p, out[p.name]))
      .join('');
    return element(
      `p:${method}_OUTPUT`,
      { 'xmlns:p': this.#uri(className), 'xmlns:xsi': NS.xsi, 'xmlns:cim': NS.cim },
      content + textElement('p:ReturnValue', String(returnValue)),
    );
  }

  #property(declaration: CimPropertyDeclaration, value: CimValue | undefined): string {
    const name = `p:${declaration.name}`;
    if (declaration.array === true) {
      const values = Array.isArray(value) ? (value as readonly CimValue[]) : [];
      return values.map((each) => this.#value(name, declaration, each)).join('');
    }
    return this.#value(name, declaration, value ?? null);
  }

  #value(name: string, declaration: CimPropertyDeclaration, value: CimValue): string {
    if (value === null) return element(name, { 'xsi:nil': 'true' });
    if (typeof value === 'object') return this.#object(name, value);
    const text = String(value);
    if (declaration.type === 'datetime')
      return element(name, {}, textElement('cim:Datetime', text));
    if (declaration.type === 'interval')
      return element(name, {}, textElement('cim:Interval', text));
    return text === '' ? `<${name}></${name}>` : textElement(name, text);
  }

  #object(name: string, value: CimValue): string {
    if (isCimEmbedded(value)) return textElement(name, this.#cimXml(value));
    if (isCimReference(value)) {
      const declared = { 'xmlns:a': NS.addressing, 'xmlns:w': NS.wsman };
      return element(name, declared, this.#referenceContent(value));
    }
    return element(name, {}, this.instance(value as CimInstance));
  }

  #referenceContent({ className, keys }: CimReference): string {
    return referenceContent({ namespace: this.#classes.repository.namespace, className, keys });
  }

  /** Renders CIM-XML text; unset properties appear without a value, as on Windows. */
  #cimXml({ embedded }: CimEmbedded): string {
    const { name, properties } = this.#classes.require(embedded.className);
    const content = sortedByName(properties).map((p) =>
      cimXmlProperty(p, embedded.properties.get(p.name)),
    );
    return `<INSTANCE CLASSNAME="${name}">${content.join('')}</INSTANCE>`;
  }

  #uri(className: string): string {
    return resourceUri(className, this.#classes.repository.namespace);
  }
}

function cimXmlProperty(declaration: CimPropertyDeclaration, value: CimValue | undefined): string {
  const type = declaration.type === 'interval' ? 'datetime' : declaration.type;
  const head = `NAME="${escapeXml(declaration.name)}" PROPAGATED="true" TYPE="${type}"`;
  if (declaration.array === true) {
    const values = Array.isArray(value) ? (value as readonly CimValue[]).map(cimXmlValue) : [];
    const content = values.length === 0 ? '' : `<VALUE.ARRAY>${values.join('')}</VALUE.ARRAY>`;
    return `<PROPERTY.ARRAY ${head}>${content}</PROPERTY.ARRAY>`;
  }
  const content = value === undefined || value === null ? '' : cimXmlValue(value);
  return `<PROPERTY ${head}>${content}</PROPERTY>`;
}

function cimXmlValue(value: CimValue): string {
  if (typeof value === 'object') return '<VALUE></VALUE>';
  const text = typeof value === 'boolean' ? String(value).toUpperCase() : String(value);
  return `<VALUE>${escapeNumeric(text)}</VALUE>`;
}

function sortedByName<T extends { readonly name: string }>(list: readonly T[]): T[] {
  return [...list].sort((a, b) => (a.name < b.name ? -1 : 1));
}
