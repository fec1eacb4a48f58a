/**
 * Ends of logins in a process of their own, since the environment of Kerberos belongs to a whole
 * process. Reads a line of JSON for each call and answers with one (`remote-end.ts`).
 */
import { createInterface } from 'node:readline';
import { isEngineError } from '../../../src/engine/base/errors.ts';
import { Secret } from '../../../src/engine/net/auth/contract/secret.ts';
import type { SecurityContext } from '../../../src/engine/net/auth/contract/security-context.ts';
import { gssAcceptor } from '../../../src/engine/net/auth/gss/gss-acceptor.ts';
import { kerberosInitiator } from '../../../src/engine/net/auth/gss/gss-initiator.ts';
import {
  kerberosAcceptorMechanisms,
  kerberosMechanism,
} from '../../../src/engine/net/auth/gss/kerberos-mechanism.ts';
import { ntlmMechanism } from '../../../src/engine/net/auth/ntlm/ntlm-mechanism.ts';
import { spnegoAcceptor } from '../../../src/engine/net/auth/spnego/spnego-acceptor.ts';
import { spnegoInitiator } from '../../../src/engine/net/auth/spnego/spnego-initiator.ts';
import type { Request, Setup } from './remote-end.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'base64');
const optional = (text: string | undefined): Buffer | undefined =>
  text === undefined ? undefined : bytes(text);

function begin(setup: Setup): SecurityContext & { readonly user?: string | undefined } {
  const channelBinding = optional(setup.channelBinding);
  const options = setup.timeout === undefined ? {} : { timeout: setup.timeout };
  if (setup.role === 'acceptor') {
    const service = { ...options, keytab: setup.keytab ?? '', channelBinding };
    if (setup.framing === 'spnego') return spnegoAcceptor(kerberosAcceptorMechanisms(service));
    return gssAcceptor(service);
  }
  const { user, password = '', service = 'HTTP', host = 'localhost' } = setup;
  const credential = user === undefined ? undefined : { user, password: new Secret(password) };
  const input = { credential, service, host, channelBinding };
  const kerberos = kerberosMechanism(input, options);
  if (setup.framing === 'spnego') return spnegoInitiator([kerberos]);
  if (setup.framing === 'any') return spnegoInitiator([ntlmMechanism(input), kerberos]);
  return kerberosInitiator(input, options);
}

const ends = new Map<number, ReturnType<typeof begin>>();

async function answer({
  id,
  setup,
  call,
  token,
  signature = '',
  data = '',
}: Request): Promise<object> {
  const end = ends.get(id) ?? begin(setup);
  ends.set(id, end);
  switch (call) {
    case 'step': {
      const step = await end.step(optional(token));
      return {
        token: step.token?.toString('base64'),
        complete: step.complete,
        mechanism: end.mechanism,
        user: end.user,
      };
    }
    case 'seal': {
      const sealed = end.seal(bytes(data));
      return {
        signature: sealed.signature.toString('base64'),
        data: sealed.data.toString('base64'),
      };
    }
    case 'unseal': {
      const sealed = { signature: bytes(signature), data: bytes(data) };
      return { data: end.unseal(sealed).toString('base64') };
    }
    case 'sessionKey':
      return { data: end.sessionKey().toString('base64') };
    case 'close':
      end.close();
      return {};
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const said = await answer(JSON.parse(line) as Request).catch((error: unknown) => ({
    error: isEngineError(error) ? error.toJSON() : { code: 'none', message: String(error) },
  }));
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
for (const end of ends.values()) end.close();
