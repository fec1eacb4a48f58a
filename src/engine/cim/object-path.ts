import type { EndpointReference } from './model.ts';
import { parseResourceUri, resourceUri } from '../net/wsman/names.ts';
import { wsmanError } from '../net/wsman/wsman-errors.ts';

/**
 * WMI object paths, the form of a reference inside a string property:
 * `\\HOST\root\virtualization\v2:Class.Key="value",Key2="value2"`. In a value `\` is doubled and `"` is `\"`. The reference
 * must hold all keys of its class and `host` must be the host's own name: `\\.\` is sent by no known client, and whether
 * Hyper-V resolves it is UNCONFIRMED.
 */
export function encodeObjectPath(reference: EndpointReference, host: string): string {
  const name = parseResourceUri(reference.resourceUri);
  if (name === undefined) {
    throw wsmanError('wsman.value', `${reference.resourceUri} names no WMI class`, {
      data: { found: reference.resourceUri },
    });
  }
  const keys = Object.entries(reference.selectors)
    .map(([key, value]) => `${key}="${value.replace(/[\\"]/g, (c) => `\\${c}`)}"`)
    .join(',');
  const namespace = name.namespace.replaceAll('/', '\\');
  return `\\\\${host}\\${namespace}:${name.className}.${keys}`;
}

/** The host that an object path names; undefined if it names none. */
export function objectPathHost(text: string): string | undefined {
  return /^[\\/]{2}([^\\/]+)[\\/]/.exec(text.trim())?.[1];
}

/** Reads an object path; host and namespace may be missing, `/` and `\` both separate. Undefined for other text. */
export function parseObjectPath(text: string): EndpointReference | undefined {
  const match = /^(?:[\\/]{2}([^\\/]+)[\\/])?(?:([^:"'=]+):)?([A-Za-z_]\w*)\.(.+)$/s.exec(
    text.trim(),
  );
  if (match === null) return undefined;
  const selectors = parseKeys(match[4] ?? '');
  if (selectors === undefined) return undefined;
  const namespace = match[2]?.replaceAll('\\', '/');
  return {
    resourceUri:
      namespace === undefined
        ? resourceUri(match[3] ?? '')
        : resourceUri(match[3] ?? '', namespace),
    selectors,
  };
}

/** `Key="value",Key2='value'`, or undefined where it is not that. */
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

/** A string literal of WQL: backslashes and quotes escaped. */
export function wqlString(text: string): string {
  return `'${text.replace(/[\\']/g, (c) => `\\${c}`)}'`;
}
