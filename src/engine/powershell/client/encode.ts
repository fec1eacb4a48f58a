import { encodeEmbedded } from '../../cim/cim-xml.ts';
import type { Argument } from '../../cim/client.ts';
import { VIRTUALIZATION, type CimReference } from '../../cim/model.ts';

/**
 * Data for the scripts (`scripts/values.ts`). Each text has a mark before it, so that no PowerShell
 * reads one as a time.
 */
export const marked = (text: string): string => `=${text}`;

/** A reference with pairs of names and values, since names come from the host. */
export interface SentReference {
  readonly c: string;
  readonly n: string;
  readonly k: readonly string[];
  readonly q: readonly (string | SentReference)[];
}

export function sentReference({
  className,
  namespace = VIRTUALIZATION,
  keys,
  referenceKeys = {},
}: CimReference): SentReference {
  return {
    c: marked(className),
    n: marked(namespace),
    k: Object.entries(keys).flatMap(([name, value]) => [marked(name), marked(value)]),
    q: Object.entries(referenceKeys).flatMap(([name, value]) => [
      marked(name),
      sentReference(value),
    ]),
  };
}

/** Returns pairs of names and values; omits undefined arguments. */
export function sentArguments(args: Readonly<Record<string, Argument>>): readonly unknown[] {
  return Object.entries(args).flatMap(([name, value]) =>
    value === undefined ? [] : [marked(name), sentArgument(value)],
  );
}

function sentArgument(value: Argument): unknown {
  if (Array.isArray(value)) {
    return { a: (value as readonly Argument[]).map((each) => sentArgument(each)) };
  }
  if (typeof value !== 'object') {
    return typeof value === 'boolean' ? value : marked(String(value ?? ''));
  }
  if ('embedded' in value) return marked(encodeEmbedded(value.embedded));
  if ('datetime' in value) return { t: marked(value.datetime) };
  return { r: sentReference(value as CimReference) };
}
