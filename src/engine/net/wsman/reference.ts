import type { CimReference } from '../../cim/model.ts';
import { inNamespace } from '../../cim/object-path.ts';
import { child, childrenOf, type XmlElement } from '../../cim/xml/xml-element.ts';
import { element, escapeXml, textElement } from '../../cim/xml/xml-writer.ts';
import { ANONYMOUS, NS, parseResourceUri, resourceUri, type ResourceName } from './names.ts';

/** The keys of a reference. */
export type Selectors = Pick<CimReference, 'keys' | 'referenceKeys'>;

/**
 * Formats the `<w:SelectorSet>` of a reference; '' if it has no selectors. A key that is a reference
 * is an EndpointReference inside its selector (DSP0226 5.4.2.2).
 */
export function selectorSet({ keys, referenceKeys = {} }: Selectors): string {
  const list = [
    ...Object.entries(keys).map(([Name, value]) => [Name, escapeXml(value)] as const),
    ...Object.entries(referenceKeys).map(
      ([Name, value]) =>
        [Name, element('a:EndpointReference', {}, referenceContent(value))] as const,
    ),
  ].map(([Name, content]) => element('w:Selector', { Name }, content));
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
      textElement('w:ResourceURI', uriOf(reference)) + selectorSet(reference),
    )
  );
}

/** Key that names the namespace: required with class URIs of DMTF, allowed with those of WMI. */
const NAMESPACE_KEY = '__cimnamespace';
const DMTF_CLASS = /^http:\/\/schemas\.dmtf\.org\/wbem\/wscim\/1\/cim-schema\/2\/(\w+)$/i;

/**
 * Reads a reference (DSP0226 5.4) from the element that holds Address and ReferenceParameters;
 * undefined if it has no reference, or a reference to something other than a class of WMI or DMTF.
 */
export function parseReference(holder: XmlElement): CimReference | undefined {
  const parameters = child(holder, 'ReferenceParameters');
  const uri = parameters && child(parameters, 'ResourceURI')?.text.trim();
  if (parameters === undefined || uri === undefined) return undefined;
  const set = child(parameters, 'SelectorSet');
  const all = set === undefined ? {} : parseSelectors(set);
  const named = Object.entries(all).find(([key]) => key.toLowerCase() === NAMESPACE_KEY)?.[1];
  const name = parseResourceUri(uri) ?? dmtfName(uri, named);
  if (name === undefined) return undefined;
  const keys = Object.fromEntries(
    Object.entries(all).filter(([key]) => key.toLowerCase() !== NAMESPACE_KEY),
  );
  const references = set === undefined ? [] : referenceSelectors(set);
  const reference = inNamespace(name.namespace, name.className, keys);
  return references.length === 0
    ? reference
    : { ...reference, referenceKeys: Object.fromEntries(references) };
}

/** Reads the URI of a class of DMTF, whose namespace is a key. Hosts use it for CIM classes only. */
function dmtfName(uri: string, namespace: string | undefined): ResourceName | undefined {
  const className = DMTF_CLASS.exec(uri)?.[1];
  if (className === undefined || namespace === undefined) return undefined;
  return { namespace: namespace.replaceAll('\\', '/'), className };
}

/** Reads the name and text of each selector. Omits selectors that are references. */
export function parseSelectors(set: XmlElement): Record<string, string> {
  return Object.fromEntries(
    childrenOf(set, 'Selector')
      .filter((each) => each.children.length === 0)
      .map((each) => [each.attributes.get('Name') ?? '', each.text] as const),
  );
}

function referenceSelectors(set: XmlElement): (readonly [string, CimReference])[] {
  return childrenOf(set, 'Selector').flatMap((each) => {
    const value = parseAnyReference(each);
    return value === undefined ? [] : [[each.attributes.get('Name') ?? '', value] as const];
  });
}

/**
 * Reads a reference from an element that holds it bare, or inside an EndpointReference. Windows
 * sends properties bare, and rejects arguments that are not; selectors hold an EndpointReference.
 */
export function parseAnyReference(holder: XmlElement): CimReference | undefined {
  return parseReference(child(holder, 'EndpointReference', NS.addressing) ?? holder);
}
