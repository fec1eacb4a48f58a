import { xmlError } from './xml-errors.ts';

/** An element by namespace and local name; prefixes have no meaning. */
export interface XmlElement {
  readonly uri: string;
  readonly local: string;
  /** Keyed by local name for attributes without a namespace, by `{uri}local` for the others. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The element's own character data, with its white space. */
  readonly text: string;
}

/** Returns the first child of that name, in any namespace if `uri` is undefined. */
export function child(parent: XmlElement, local: string, uri?: string): XmlElement | undefined {
  return parent.children.find((e) => e.local === local && (uri === undefined || e.uri === uri));
}

export function childrenOf(parent: XmlElement, local: string): readonly XmlElement[] {
  return parent.children.filter((e) => e.local === local);
}

/** Returns the first child of that name. Throws `xml.missing`. */
export function requireChild(parent: XmlElement, local: string, uri?: string): XmlElement {
  const found = child(parent, local, uri);
  if (found === undefined) {
    throw xmlError('xml.missing', `<${parent.local}> has no child <${local}>`, {
      data: { parent: parent.local, expected: local },
    });
  }
  return found;
}

/** Returns the child's text without surrounding white space, or undefined. */
export function childText(parent: XmlElement, local: string): string | undefined {
  return child(parent, local)?.text.trim();
}

/** Iterates over every descendant in document order. */
export function* descendants(parent: XmlElement): Generator<XmlElement> {
  for (const each of parent.children) {
    yield each;
    yield* descendants(each);
  }
}
