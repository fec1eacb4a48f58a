import { encodeEmbedded } from '../../cim/cim-xml.ts';
import type { Argument } from '../../cim/client.ts';
import type { CimReference } from '../../cim/model.ts';
import { isDuration } from '../../cim/datetime.ts';
import { formatScalar } from '../../cim/scalar.ts';
import { element, textElement } from '../../cim/xml/xml-writer.ts';
import { referenceContent } from './reference.ts';

/**
 * Encodes method arguments as elements of the class's namespace (prefix p), in the given order;
 * omits undefined ones.
 */
export function encodeArguments(args: Readonly<Record<string, Argument>>): string {
  return Object.entries(args)
    .map(([name, value]) => encodeArgument(`p:${name}`, value))
    .join('');
}

function encodeArgument(name: string, value: Argument): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) {
    return (value as readonly Argument[]).map((each) => encodeArgument(name, each)).join('');
  }
  if (typeof value !== 'object') return textElement(name, formatScalar(value, 'lower'));
  if ('embedded' in value) return textElement(name, encodeEmbedded(value.embedded));
  if ('datetime' in value) {
    const { datetime } = value;
    const kind = isDuration(datetime) ? 'cim:Interval' : 'cim:Datetime';
    return element(name, {}, textElement(kind, datetime));
  }
  return element(name, {}, referenceContent(value as CimReference));
}
