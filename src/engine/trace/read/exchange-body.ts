import type { TraceBody, TraceNode, TraceRow } from '../../api/trace.ts';
import type { XmlElement } from '../../cim/xml/xml-element.ts';
import { parseXml } from '../../cim/xml/xml-reader.ts';
import { factTree } from './fact-tree.ts';
import { jsonTree } from './json-tree.ts';
import { indentXml } from './indent-xml.ts';

/** Limits of what a view receives: nodes of a tree, and nested documents in texts. */
const MAX_NODES = 20_000;
const MAX_NESTED = 4;
const LIMITS = { characters: 2 ** 20, depth: 64, elements: MAX_NODES, attributes: 64 } as const;

/**
 * Decodes an envelope for people: names without prefixes, values, and the CIM-XML that is a text of
 * an element as a part of the tree. Messages of SMB are recorded in words: their facts are the tree.
 * Those of PowerShell are JSON.
 */
export function exchangeBody(
  text: string,
  cut: number,
  protocol: TraceRow['protocol'] = 'wsman',
): TraceBody {
  if (text === '') return { text, cut, tree: null, problem: null };
  if (protocol === 'powershell') return jsonBody(text, cut);
  if (protocol === 'smb') return { text, cut, tree: factTree(text), problem: null };
  try {
    const budget = { nodes: MAX_NODES };
    const tree = nodeOf(parseXml(text, LIMITS), budget, 0);
    return { text: indentXml(text), cut, tree, problem: null };
  } catch (error) {
    return { text, cut, tree: null, problem: (error as Error).message };
  }
}

function jsonBody(text: string, cut: number): TraceBody {
  try {
    const value: unknown = JSON.parse(text);
    return {
      text: JSON.stringify(value, undefined, 2),
      cut,
      tree: jsonTree(value, MAX_NODES),
      problem: null,
    };
  } catch (error) {
    return { text, cut, tree: null, problem: (error as Error).message };
  }
}

function nodeOf(element: XmlElement, budget: { nodes: number }, nested: number): TraceNode {
  budget.nodes--;
  const { local, attributes, children } = element;
  const text = element.text.trim();
  const inner = children.length === 0 ? embedded(text, budget, nested) : undefined;
  return {
    name: local,
    value: children.length === 0 && inner === undefined ? text : '',
    attributes: [...attributes]
      .filter(([name]) => !name.startsWith(DECLARATION))
      .map(([name, value]) => [withoutUri(name), value] as const),
    children: inner ?? children.map((each) => nodeOf(each, budget, nested)),
  };
}

/** Attributes that declare prefixes, which the tree does not show. */
const DECLARATION = '{http://www.w3.org/2000/xmlns/}';

const withoutUri = (name: string): string => name.slice(name.indexOf('}') + 1);

/** Returns the document in a text, such as an embedded instance; undefined if the text is not one. */
function embedded(
  text: string,
  budget: { nodes: number },
  nested: number,
): readonly TraceNode[] | undefined {
  if (!text.startsWith('<') || nested >= MAX_NESTED || budget.nodes <= 0) return undefined;
  try {
    const found = parseXml(text, { ...LIMITS, elements: budget.nodes });
    return [nodeOf(found, budget, nested + 1)];
  } catch {
    return undefined;
  }
}
