import { VIRTUALIZATION, type CimReference } from './model.ts';

/**
 * Returns the WMI object path of a reference, the form used inside a string property:
 * `\\HOST\root\virtualization\v2:Class.Key="value",Key2="value2"`. In a value `\` is doubled and
 * `"` is `\"`. The reference must hold all keys of its class, and `host` must be the host's own
 * name: no known client sends `\\.\`, and whether Hyper-V resolves it is UNCONFIRMED.
 */
export function encodeObjectPath(reference: CimReference, host: string): string {
  const namespace = (reference.namespace ?? VIRTUALIZATION).replaceAll('/', '\\');
  return `\\\\${host}\\${namespace}:${relativePath(reference, '"')}`;
}

/** Returns `Class.Key="value"`, with the given quote around values. */
export function relativePath({ className, keys }: CimReference, quote: '"' | "'"): string {
  const special = quote === '"' ? /[\\"]/g : /[\\']/g;
  const list = Object.entries(keys).map(
    ([key, value]) => `${key}=${quote}${value.replace(special, (c) => `\\${c}`)}${quote}`,
  );
  return `${className}.${list.join(',')}`;
}

/** Returns the host that an object path names; undefined if it names none. */
export function objectPathHost(text: string): string | undefined {
  return /^[\\/]{2}([^\\/]+)[\\/]/.exec(text.trim())?.[1];
}

/**
 * Parses an object path. Host and namespace may be missing; `/` and `\` are both separators.
 * Undefined for other text.
 */
export function parseObjectPath(text: string): CimReference | undefined {
  const match = /^(?:[\\/]{2}([^\\/]+)[\\/])?(?:([^:"'=]+):)?([A-Za-z_]\w*)\.(.+)$/s.exec(
    text.trim(),
  );
  if (match === null) return undefined;
  const keys = parseKeys(match[4] ?? '');
  if (keys === undefined) return undefined;
  return inNamespace(match[2]?.replaceAll('\\', '/'), match[3] ?? '', keys);
}

/** Creates a reference; omits the namespace of Hyper-V's classes. */
export function inNamespace(
  namespace: string | undefined,
  className: string,
  keys: Readonly<Record<string, string>>,
): CimReference {
  return namespace === undefined || namespace === VIRTUALIZATION
    ? { className, keys }
    : { namespace, className, keys };
}

/** Parses `Key="value",Key2='value'`; undefined for other text. */
export function parseKeys(text: string): Record<string, string> | undefined {
  const keys: Record<string, string> = {};
  const one = /\s*(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')\s*(,|$)/gsy;
  let at = 0;
  while (at < text.length) {
    one.lastIndex = at;
    const match = one.exec(text);
    if (match === null) return undefined;
    keys[match[1] ?? ''] = (match[2] ?? match[3] ?? '').replace(/\\(.)/gs, '$1');
    at = one.lastIndex;
  }
  return at === 0 ? undefined : keys;
}
