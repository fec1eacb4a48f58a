import type { Invocation, InvokeResult } from '../../cim/client.ts';
import type { CimInstance, CimReference } from '../../cim/model.ts';
import { requireChild, type XmlElement } from '../../cim/xml/xml-element.ts';
import { element } from '../../cim/xml/xml-writer.ts';
import { encodeArguments } from './arguments.ts';
import type { WsmanRequest } from './envelope.ts';
import { parseInstance, parseProperties } from './instance.ts';
import { ACTION } from './names.ts';
import { uriOf } from './reference.ts';
import { wsmanError } from './faults/wsman-errors.ts';

/** Creates a Transfer Get of one instance. */
export function getRequest(reference: CimReference): WsmanRequest<CimInstance> {
  return {
    action: ACTION.get,
    resourceUri: uriOf(reference),
    selectors: reference,
    body: '',
    repetition: 'read',
    parse: (body) => parseInstance(onlyChild(body, 'an instance')),
  };
}

/**
 * Creates a method call (DSP0227 8): `<Method_INPUT>` in the class's namespace, arguments in the
 * given order.
 */
export function invokeRequest(call: Invocation): WsmanRequest<InvokeResult> {
  const { target, method, args, repeatable } = call;
  const resourceUri = uriOf(target);
  return {
    action: `${resourceUri}/${method}`,
    resourceUri,
    selectors: target,
    body: element(`p:${method}_INPUT`, { 'xmlns:p': resourceUri }, encodeArguments(args)),
    repetition: repeatable ? 'read' : 'change',
    parse: (body) => parseOutput(requireChild(body, `${method}_OUTPUT`)),
  };
}

function parseOutput(output: XmlElement): InvokeResult {
  const out = parseProperties(output.children);
  const value = out.get('ReturnValue');
  if (typeof value !== 'string' || !/^\d{1,10}$/.test(value)) {
    throw wsmanError('wsman.answer', `${output.local} has no numeric ReturnValue`, {
      data: { output: output.local },
    });
  }
  out.delete('ReturnValue');
  return { returnValue: Number(value), out };
}

function onlyChild(body: XmlElement, what: string): XmlElement {
  const [first] = body.children;
  if (first === undefined) {
    throw wsmanError('wsman.answer', `The answer is empty; expected ${what}`);
  }
  return first;
}
