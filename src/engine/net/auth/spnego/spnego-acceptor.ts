/**
 * Service's end of SPNEGO (RFC 4178, MS-SPNG 3.3). Accepts SPNEGO, and raw tokens of a mechanism, which
 * clients of Windows send under `Negotiate`; answers in the same form.
 */
import type { Buffer } from 'node:buffer';
import { authError } from '../contract/auth-errors.ts';
import { mechanismLabel } from '../contract/mechanism-oids.ts';
import type { AcceptorMechanism, MechanismContext } from '../contract/mechanism.ts';
import type { AcceptorContext, SecurityStep } from '../contract/security-context.ts';
import { parseInit, type InitToken } from './init-token.ts';
import { NegotiatedContext } from './negotiated-context.ts';
import { encodeResponse, parseResponse, type ResponseToken } from './response-token.ts';

/** Creates the context of one connection. */
export function spnegoAcceptor(mechanisms: readonly AcceptorMechanism[]): AcceptorContext {
  return new SpnegoAcceptor(mechanisms);
}

class SpnegoAcceptor
  extends NegotiatedContext<MechanismContext & AcceptorContext>
  implements AcceptorContext
{
  readonly #mechanisms: readonly AcceptorMechanism[];
  /** The client sends tokens of the mechanism itself. */
  #raw = false;
  /** DER of the client's list. */
  #list: Buffer | undefined;
  #mechanismDone = false;
  #micNeeded = false;
  #micVerified = false;

  constructor(mechanisms: readonly AcceptorMechanism[]) {
    super();
    this.#mechanisms = mechanisms;
  }

  get mechanism(): AcceptorContext['mechanism'] {
    return this.current?.mechanism;
  }

  get user(): string | undefined {
    return this.complete ? this.current?.user : undefined;
  }

  protected async negotiate(token: Buffer | undefined): Promise<SecurityStep> {
    if (token === undefined) throw authError('http.auth.token', 'The client sent no token');
    if (this.current === undefined) return await this.#start(token);
    if (this.#raw) return await this.#stepRaw(token);
    return await this.#continue(parseResponse(token), undefined);
  }

  async #start(token: Buffer): Promise<SecurityStep> {
    const raw = this.#mechanisms.find((each) => each.isOwnToken(token));
    if (raw !== undefined) {
      this.#raw = true;
      this.current = raw.create();
      return await this.#stepRaw(token);
    }
    const init = parseInit(token);
    this.#list = init.list;
    const selected = this.#select(init);
    this.current = selected.create();
    if (selected.oid === init.mechanisms[0]) {
      if (init.token !== undefined) return await this.#continue(init, selected.oid);
      return answer({ state: 'incomplete', mechanism: selected.oid });
    }
    // The client's first token belongs to a mechanism that is not used. Both sides must sign the list.
    this.#micNeeded = true;
    return answer({ state: 'requestMic', mechanism: selected.oid });
  }

  /** Returns the mechanism that the client prefers among those of this side. */
  #select({ mechanisms }: InitToken): AcceptorMechanism {
    for (const oid of mechanisms) {
      const found = this.#mechanisms.find((each) => each.oid === oid);
      if (found !== undefined) return found;
    }
    const found = mechanisms.map(mechanismLabel).join(', ');
    const expected = this.#mechanisms.map(({ oid }) => mechanismLabel(oid)).join(' or ');
    throw authError('http.auth.mechanism', `The client offers ${found}; expected ${expected}`, {
      data: { found, expected },
    });
  }

  async #stepRaw(token: Buffer): Promise<SecurityStep> {
    const step = await this.#context.step(token);
    this.complete = step.complete;
    return step;
  }

  get #context(): MechanismContext & AcceptorContext {
    return this.current as MechanismContext & AcceptorContext;
  }

  /** @param mechanism selected mechanism, which the first answer names. */
  async #continue(
    response: Pick<ResponseToken, 'token' | 'listMic'>,
    mechanism: string | undefined,
  ): Promise<SecurityStep> {
    let token: Buffer | undefined;
    if (!this.#mechanismDone) {
      const step = await this.#context.step(response.token);
      this.#mechanismDone = step.complete;
      token = step.token;
      if (!step.complete) return answer({ state: 'incomplete', mechanism, token });
    }
    if (response.listMic !== undefined) {
      this.#context.verifyList(this.#list as Buffer, response.listMic);
      this.#micVerified = true;
    }
    if ((this.#micNeeded || this.#context.needsListMic) && !this.#micVerified) {
      if (token !== undefined) return answer({ state: 'incomplete', mechanism, token });
      throw authError(
        'http.auth.downgrade',
        'The client did not sign the list of mechanisms (SPNEGO mechListMIC), or the signature was removed on the way',
      );
    }
    const listMic = this.#micVerified ? this.#context.signList(this.#list as Buffer) : undefined;
    this.complete = true;
    return { ...answer({ state: 'completed', mechanism, token, listMic }), complete: true };
  }
}

function answer(response: ResponseToken): SecurityStep {
  return { token: encodeResponse(response), complete: false };
}
