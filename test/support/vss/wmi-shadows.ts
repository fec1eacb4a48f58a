import type { Argument } from '../../../src/engine/cim/client.ts';
import { never } from '../../../src/engine/base/abort.ts';
import { NS, resourceUri } from '../../../src/engine/net/wsman/names.ts';
import type { HttpWsmanClient } from '../../../src/engine/net/wsman/wsman-client.ts';

const NAMESPACE = 'root/cimv2';
export const SHADOW_COPY = 'Win32_ShadowCopy';

/** Return value of Win32_ShadowCopy.Create, and the ID in the spelling of the host. */
export interface Created {
  readonly returnValue: number;
  readonly id: unknown;
}

/** Makes a shadow copy as any program can that speaks WMI. */
export async function createByWmi(
  client: HttpWsmanClient,
  args: Readonly<Record<string, Argument>>,
): Promise<Created> {
  const target = { namespace: NAMESPACE, className: SHADOW_COPY, keys: {} };
  const call = { target, method: 'Create', args, repeatable: false };
  const { returnValue, out } = await client.invoke(call, never);
  return { returnValue, id: out.get('ShadowID') };
}

/** Deletes an instance of a class of root/cimv2 (WS-Transfer Delete). */
export function deleteByWmi(
  client: HttpWsmanClient,
  className: string,
  keys: Readonly<Record<string, string>>,
): Promise<void> {
  const request = {
    action: `${NS.transfer}/Delete`,
    resourceUri: resourceUri(className, NAMESPACE),
    selectors: { keys },
    body: '',
    repetition: 'change',
    parse: () => undefined,
  } as const;
  return client.send(request, never);
}
