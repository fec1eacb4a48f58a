import {
  type CimInstance,
  type CimReference,
  type CimValue,
  isCimEmbedded,
  isCimReference,
} from '../../../cim/model.ts';
import { NS, resourceUri } from '../../../net/wsman/names.ts';
import { referenceContent } from '../../../net/wsman/reference.ts';
import { element, escapeXml, textElement } from '../../../cim/xml/xml-writer.ts';
import type { ClassTable } from '../../wmi/class-table.ts';
import type { CimParameterDeclaration } from '../../wmi/repository.ts';
import { isSystemProperty, systemProperty } from '../../wmi/system-properties.ts';
import { renderCimXml } from './render-cim-xml.ts';
import { fieldOf, Shapes, sortedByName, type Field } from './render-shapes.ts';

const CIM = { Datetime: 'cim:Datetime', Interval: 'cim:Interval' } as const;
/** Inside a fragment nothing has a namespace (recorded from Server 2003 to 2012). */
const BARE = { Datetime: 'Datetime', Interval: 'Interval' } as const;

/**
 * Renders values as Windows does: alphabetical properties, xsi:nil, repeated arrays, wrapped
 * datetimes.
 */
export class Renderer {
  readonly #classes: ClassTable;
  readonly #shapes: Shapes;

  constructor(classes: ClassTable) {
    this.#classes = classes;
    this.#shapes = new Shapes(classes.repository.namespace);
  }

  /** Renders `<p:Class …>` with its properties in the order of their names. */
  instance({ className, properties }: CimInstance): string {
    const { open, close, fields } = this.#shapes.of(this.#classes.require(className));
    let content = open;
    for (const field of fields) {
      content += this.#field(field, properties.get(field.declaration.name), CIM);
    }
    return content + close;
  }

  /** Renders selected properties as a fragment, whose children have no namespace. */
  fragment(instance: CimInstance, names: readonly string[]): string {
    const wanted = new Set(names.map((name) => name.toLowerCase()));
    const { properties } = this.#classes.require(instance.className);
    const system = names.filter(isSystemProperty).map((name) => ({
      name: name.toUpperCase(),
      text: systemProperty(this.#classes, instance, name),
    }));
    const own = properties
      .filter((p) => wanted.has(p.name.toLowerCase()))
      .map((p) => ({
        name: p.name,
        text: this.#field(fieldOf(p, ''), instance.properties.get(p.name), BARE),
      }));
    const content = sortedByName([
      ...own,
      ...system.map(({ name, text }) => ({
        name,
        text: text === null ? '' : textElement(name, text),
      })),
    ]);
    return element(
      'w:XmlFragment',
      { 'xmlns:xsi': NS.xsi },
      content.map((each) => each.text).join(''),
    );
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
      .map((p) => this.#field(fieldOf(p, 'p:'), out[p.name], CIM))
      .join('');
    const uri = resourceUri(className, this.#classes.repository.namespace);
    return element(
      `p:${method}_OUTPUT`,
      { 'xmlns:p': uri, 'xmlns:xsi': NS.xsi, 'xmlns:cim': NS.cim },
      content + textElement('p:ReturnValue', String(returnValue)),
    );
  }

  #field(field: Field, value: CimValue | undefined, wrap: typeof CIM | typeof BARE): string {
    if (value === undefined || value === null) {
      return field.declaration.array === true ? '' : field.nil;
    }
    if (field.declaration.array !== true) return this.#value(field, value, wrap);
    const values = Array.isArray(value) ? (value as readonly CimValue[]) : [];
    return values.map((each) => this.#value(field, each, wrap)).join('');
  }

  #value(field: Field, value: CimValue, wrap: typeof CIM | typeof BARE): string {
    const { open, close } = field;
    if (value === null) return field.nil;
    if (typeof value === 'object') return this.#object(field, value);
    if (typeof value !== 'string') return open + String(value) + close;
    const { type } = field.declaration;
    if (type === 'datetime') return open + textElement(wrap.Datetime, value) + close;
    if (type === 'interval') return open + textElement(wrap.Interval, value) + close;
    return open + escapeXml(value) + close;
  }

  #object({ open, close }: Field, value: CimValue): string {
    if (isCimEmbedded(value)) {
      return open + escapeXml(renderCimXml(this.#classes, value)) + close;
    }
    if (isCimReference(value)) {
      const declared = ` xmlns:a="${NS.addressing}" xmlns:w="${NS.wsman}">`;
      return open.replace('>', declared) + this.#referenceContent(value) + close;
    }
    return open + this.instance(value as CimInstance) + close;
  }

  #referenceContent({ className, keys, namespace }: CimReference): string {
    return referenceContent({
      namespace: namespace ?? this.#classes.repository.namespace,
      className,
      keys,
    });
  }
}
