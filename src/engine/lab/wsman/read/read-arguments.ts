import type { CimValue } from '../../../cim/model.ts';
import { child, type XmlElement } from '../../../cim/xml/xml-element.ts';
import { NS, resourceUri } from '../../../net/wsman/names.ts';
import { parseReference } from '../../../net/wsman/reference.ts';
import { CimFault } from '../../wmi/cim-fault.ts';
import type { ClassTable } from '../../wmi/class-table.ts';
import { readEmbedded, readScalar } from './read-embedded.ts';
import type { CimMethodDeclaration, CimParameterDeclaration } from '../../wmi/repository.ts';

/** The arguments of a call, or the return value with which it fails before it runs. */
export type ReadArguments =
  { readonly args: Readonly<Record<string, CimValue>> } | { readonly returnValue: number };

const NIL = `{${NS.xsi}}nil`;

/** Checks `<Method_INPUT>` against the declaration. Throws SchemaValidationError on a mismatch. */
export function readArguments(
  classes: ClassTable,
  className: string,
  method: CimMethodDeclaration,
  body: XmlElement,
): ReadArguments {
  const input = child(body, `${method.name}_INPUT`);
  const uri = resourceUri(className, classes.repository.namespace);
  if (input === undefined || input.uri.toLowerCase() !== uri.toLowerCase()) {
    throw new CimFault('schema', `The body has no ${method.name}_INPUT in the namespace ${uri}`);
  }
  const args: Record<string, CimValue> = {};
  for (const each of input.children) {
    const declared = method.parameters.find((p) => p.name === each.local && p.direction !== 'out');
    if (declared === undefined || each.uri !== input.uri) {
      throw new CimFault('schema', `${method.name} has no parameter ${each.local}`);
    }
    const value = readArgument(classes, declared, each);
    if (typeof value === 'object' && value !== null && 'returnValue' in value) return value;
    if (declared.array === true) {
      const list = (args[declared.name] as readonly CimValue[] | undefined) ?? [];
      args[declared.name] = [...list, value];
    } else if (declared.name in args) {
      throw new CimFault('schema', `${method.name}: ${declared.name} is given twice`);
    } else args[declared.name] = value;
  }
  return { args };
}

function readArgument(
  classes: ClassTable,
  declared: CimParameterDeclaration,
  argument: XmlElement,
): CimValue | { readonly returnValue: number } {
  const nil = argument.attributes.get(NIL);
  if (nil === 'true' || nil === '1') return null;
  if (declared.type === 'reference') return readReference(argument);
  const time = child(argument, 'Datetime', NS.cim) ?? child(argument, 'Interval', NS.cim);
  if ((declared.type === 'datetime' || declared.type === 'interval') && time !== undefined) {
    return time.text.trim();
  }
  if (argument.children.length > 0) {
    throw new CimFault('schema', `${argument.local} holds elements where text was expected`);
  }
  if (declared.embedded === true) {
    return argument.text.trim() === '' ? null : readEmbedded(classes, argument.text);
  }
  const value = readScalar(declared.type, argument.text);
  if (value === undefined) {
    throw new CimFault('schema', `${argument.local} is “${argument.text}”, no ${declared.type}`);
  }
  return value;
}

/**
 * Reads Address and ReferenceParameters directly inside the parameter; rejects an element around
 * them.
 */
function readReference(argument: XmlElement): CimValue {
  const reference = parseReference(argument);
  if (reference === undefined) {
    throw new CimFault('schema', `${argument.local} holds no reference`);
  }
  return reference;
}
