import type { CimReference } from '../../cim/model.ts';
import { inNamespace } from '../../cim/object-path.ts';
import { child, childrenOf, type XmlElement } from '../../cim/xml/xml-element.ts';
import { element, escapeXml, textElement } from '../../cim/xml/xml-writer.ts';
import { ANONYMOUS, parseResourceUri, resourceUri } from './names.ts';

/** Formats the `<w:SelectorSet>` of a reference; '' if it has no selectors. */
export function selectorSet(selectors: Readonly<Record<string, string>>): string {
  const list = Object.entries(selectors).map(([Name, value]) =>
    element('w:Selector', { Name }, escapeXml(value)),
  );
  return list.length === 0 ? '' : element('w:SelectorSet', {}, list.join(''));
}

/** Returns the resource URI of a reference's class. */
export const uriOf = ({ className, namespace }: CimReference): string =>
  resourceUri(className, namespace);

/**
 * Formats the content of a reference as a parameter or property, without an EndpointReference
 * element around it.
 */
export function referenceContent(reference: CimReference): string {
  return (
    textElement('a:Address', ANONYMOUS) +
    element(
      'a:ReferenceParameters',
      {},
      textElement('w:ResourceURI', uriOf(reference)) + selectorSet(reference.keys),
    )
  );
}

/**
 * Reads a reference (DSP0226 5.4) from the element that holds Address and ReferenceParameters;
 * undefined if it has no reference, or a reference to something other than a WMI class.
 */
export function parseReference(holder: XmlElement): CimReference | undefined {
  const parameters = child(holder, 'ReferenceParameters');
  const uri = parameters && child(parameters, 'ResourceURI')?.text.trim();
  const name = uri === undefined ? undefined : parseResourceUri(uri);
  if (parameters === undefined || name === undefined) return undefined;
  const set = child(parameters, 'SelectorSet');
  const keys = set === undefined ? {} : parseSelectors(set);
  return inNamespace(name.namespace, name.className, keys);
}

/**
 * Reads the name and text of each selector. Omits selectors that are references: no class here has
 * one.
 */
export function parseSelectors(set: XmlElement): Record<string, string> {
  return Object.fromEntries(
    childrenOf(set, 'Selector').map((s) => [s.attributes.get('Name') ?? '', s.text] as const),
  );
}
