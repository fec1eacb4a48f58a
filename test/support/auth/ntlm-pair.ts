import { Secret } from '../../../src/engine/net/auth/contract/secret.ts';
import type { InitiatorInput } from '../../../src/engine/net/auth/contract/security-context.ts';
import { accountsOf, type NtlmAccount } from '../../../src/engine/net/auth/ntlm/accounts.ts';
import type { NtlmAcceptorInput } from '../../../src/engine/net/auth/ntlm/ntlm-acceptor.ts';
import { ntlmAcceptor } from '../../../src/engine/net/auth/ntlm/ntlm-acceptor.ts';
import {
  ntlmInitiator,
  type NtlmOptions,
} from '../../../src/engine/net/auth/ntlm/ntlm-initiator.ts';

export const NAMES = {
  nbComputer: 'KITE',
  nbDomain: 'HARBOUR',
  dnsComputer: 'kite.harbour.test',
  dnsDomain: 'harbour.test',
} as const;

export const PASSWORD = 'löse 7 Knoten';

export const ACCOUNTS: readonly NtlmAccount[] = [
  { name: 'HARBOUR\\mara', password: new Secret(PASSWORD) },
  { name: 'keeper', password: new Secret('another word') },
];

/** Returns the input of a client that knows the right password. */
export function clientInput(
  change: Partial<InitiatorInput> = {},
  user = 'HARBOUR\\mara',
): InitiatorInput {
  const credential = {
    user,
    password: new Secret(user.includes('keeper') ? 'another word' : PASSWORD),
  };
  return {
    credential,
    service: 'HTTP',
    host: 'kite.harbour.test',
    channelBinding: undefined,
    ...change,
  };
}

export function serverInput(change: Partial<NtlmAcceptorInput> = {}): NtlmAcceptorInput {
  return {
    names: NAMES,
    accounts: accountsOf(NAMES, ACCOUNTS),
    channelBinding: undefined,
    ...change,
  };
}

export interface Pair {
  readonly client: ReturnType<typeof ntlmInitiator>;
  readonly server: ReturnType<typeof ntlmAcceptor>;
}

/** Changes a message on its way. */
export type OnTheWay = (message: Buffer, number: number) => Buffer;

/** Logs a client in to a service. `onTheWay` may change each of the three messages. */
export async function logIn(
  input: InitiatorInput = clientInput(),
  service: NtlmAcceptorInput = serverInput(),
  onTheWay: OnTheWay = (message) => message,
  options: NtlmOptions = {},
): Promise<Pair> {
  const client = ntlmInitiator(input, options);
  const server = ntlmAcceptor(service);
  const first = await client.step(undefined);
  const second = await server.step(onTheWay(first.token as Buffer, 1));
  const third = await client.step(onTheWay(second.token as Buffer, 2));
  await server.step(onTheWay(third.token as Buffer, 3));
  return { client, server };
}
