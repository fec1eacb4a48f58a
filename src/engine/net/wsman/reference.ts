import { child, childrenOf, type XmlElement } from '../../cim/xml/xml-element.ts';
import { element, escapeXml, textElement } from '../../cim/xml/xml-writer.ts';
import type { EndpointReference } from '../../cim/model.ts';
import { ANONYMOUS } from './names.ts';

/** `<w:SelectorSet>` of a reference, or nothing where it has no selectors. */
export function selectorSet(selectors: Readonly<Record<string, string>>): string {
  const list = Object.entries(selectors).map(([Name, value]) =>
    element('w:Selector', { Name }, escapeXml(value)),
  );
  return list.length === 0 ? '' : element('w:SelectorSet', {}, list.join(''));
}

/** The inside of a reference as a parameter or property: never wrapped in an EndpointReference element. */
export function referenceContent(reference: EndpointReference): string {
  return (
    textElement('a:Address', ANONYMOUS) +
    element(
      'a:ReferenceParameters',
      {},
      textElement('w:ResourceURI', reference.resourceUri) + selectorSet(reference.selectors),
    )
  );
}

/** Reads a reference from the element that holds Address and ReferenceParameters; undefined where it has none. */
export function parseReference(holder: XmlElement): EndpointReference | undefined {
  const parameters = child(holder, 'ReferenceParameters');
  const resourceUri = parameters && child(parameters, 'ResourceURI')?.text.trim();
  if (parameters === undefined || resourceUri === undefined) return undefined;
  const set = child(parameters, 'SelectorSet');
  return { resourceUri, selectors: set === undefined ? {} : parseSelectors(set) };
}

/** Name and text of each selector. A selector that is itself a reference is left out: no class here has one. */
export function parseSelectors(set: XmlElement): Record<string, string> {
  return Object.fromEntries(
    childrenOf(set, 'Selector').map((s) => [s.attributes.get('Name') ?? '', s.text] as const),
  );
}

/** The value of a selector by name, whatever its case. */
export function selector(reference: EndpointReference, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return Object.entries(reference.selectors).find(([key]) => key.toLowerCase() === wanted)?.[1];
}
