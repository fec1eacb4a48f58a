import { SaxesParser } from 'saxes';
import type { XmlElement } from './xml-element.ts';
import { xmlError } from './xml-errors.ts';

export interface XmlLimits {
  readonly characters: number;
  readonly depth: number;
  readonly elements: number;
  readonly attributes: number;
}

/** More than any host sends: envelopes are at most 500 KiB by default. */
const DEFAULT_LIMITS: XmlLimits = {
  characters: 16 * 2 ** 20,
  depth: 64,
  elements: 500_000,
  attributes: 64,
};

interface OpenElement {
  readonly uri: string;
  readonly local: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
}

/**
 * Parses a document into a tree with namespaces resolved. Rejects DOCTYPE, so only the five named
 * entities and character references are expanded. Throws `xml.syntax`, `xml.doctype`, `xml.limit`.
 */
export function parseXml(text: string, limits: XmlLimits = DEFAULT_LIMITS): XmlElement {
  if (text.length > limits.characters) {
    throw limit('characters', text.length, limits.characters);
  }
  const parser = new SaxesParser({ xmlns: true, position: true });
  const stack: OpenElement[] = [];
  let root: XmlElement | undefined;
  let elements = 0;
  parser.on('doctype', () => {
    throw xmlError('xml.doctype', 'The document has a DOCTYPE, which is not allowed');
  });
  parser.on('error', (error) => {
    throw xmlError('xml.syntax', `The document is not well-formed XML: ${error.message}`, {
      data: { offset: parser.position },
    });
  });
  parser.on('opentag', (tag) => {
    if (++elements > limits.elements) throw limit('elements', elements, limits.elements);
    if (stack.length >= limits.depth) throw limit('depth', stack.length + 1, limits.depth);
    const names = Object.values(tag.attributes);
    if (names.length > limits.attributes) {
      throw limit('attributes', names.length, limits.attributes);
    }
    const attributes = new Map(
      names.map((a) => [a.uri === '' ? a.local : `{${a.uri}}${a.local}`, a.value] as const),
    );
    stack.push({ uri: tag.uri, local: tag.local, attributes, children: [], text: '' });
  });
  const addText = (more: string): void => {
    const top = stack.at(-1);
    if (top !== undefined) top.text += more;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    const done = stack.pop();
    const parent = stack.at(-1);
    if (parent === undefined) root = done;
    else if (done !== undefined) parent.children.push(done);
  });
  parser.write(text).close();
  if (root === undefined) throw xmlError('xml.syntax', 'The document has no element');
  return root;
}

function limit(what: string, found: number, expected: number): Error {
  return xmlError(
    'xml.limit',
    `The document has ${found} ${what}; at most ${expected} are allowed`,
    {
      data: { what, found, expected },
    },
  );
}
