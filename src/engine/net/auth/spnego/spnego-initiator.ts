/**
 * Client's end of SPNEGO (RFC 4178, MS-SPNG 3.2). The first token carries the list of mechanisms and
 * the first token of the preferred one. Signatures of the list, in both directions, reveal a list that
 * was changed on the way.
 */
import type { Buffer } from 'node:buffer';
import { authError } from '../contract/auth-errors.ts';
import { mechanismLabel } from '../contract/mechanism-oids.ts';
import type { Mechanism, MechanismContext } from '../contract/mechanism.ts';
import type { SecurityContext, SecurityStep } from '../contract/security-context.ts';
import { encodeInit, encodeMechanisms, parseInit } from './init-token.ts';
import { NegotiatedContext } from './negotiated-context.ts';
import { encodeResponse, parseResponse, type ResponseToken } from './response-token.ts';

/**
 * Creates a client's context.
 * @param mechanisms the preferred first; not empty.
 */
export function spnegoInitiator(mechanisms: readonly Mechanism[]): SecurityContext {
  return new SpnegoInitiator(mechanisms);
}

class SpnegoInitiator extends NegotiatedContext<MechanismContext> {
  readonly #mechanisms: readonly Mechanism[];
  readonly #list: Buffer;
  #started = false;
  /** Identifier of the mechanism that the host selected. */
  #selected: string | undefined;
  #mechanismDone = false;
  #micNeeded = false;
  #micSent = false;

  constructor(mechanisms: readonly Mechanism[]) {
    super();
    this.#mechanisms = mechanisms;
    this.#list = encodeMechanisms(mechanisms.map(({ oid }) => oid));
  }

  get mechanism(): SecurityContext['mechanism'] {
    return this.#selected === undefined ? undefined : this.current?.mechanism;
  }

  protected async negotiate(token: Buffer | undefined): Promise<SecurityStep> {
    if (!this.#started) return await this.#start(token);
    if (token === undefined) {
      throw authError('http.auth.token', 'The host did not answer the SPNEGO token');
    }
    const response = parseResponse(token);
    if (response.state === 'reject') {
      // The mechanism's token, if there is one, tells the reason: a wrong clock, for example.
      if (response.token !== undefined && !this.#mechanismDone) {
        await this.current?.step(response.token);
      }
      throw authError('http.auth.failed', 'The host rejected the login (SPNEGO reject)');
    }
    if (response.state === 'requestMic') this.#micNeeded = true;
    const switched = await this.#select(response);
    if (switched !== undefined) return switched;
    return this.#mechanismDone ? this.#finish(response) : await this.#continue(response);
  }

  /** @param hint first token of a server of SMB: the list of its mechanisms, which is not signed. */
  async #start(hint: Buffer | undefined): Promise<SecurityStep> {
    if (hint !== undefined) this.#checkOffer(parseInit(hint).mechanisms);
    this.#started = true;
    this.current = this.#preferred.create();
    const { token, complete } = await this.current.step(undefined);
    this.#mechanismDone = complete;
    return { token: encodeInit(this.#list, token), complete: false };
  }

  get #preferred(): Mechanism {
    const [first] = this.#mechanisms;
    if (first === undefined) throw authError('http.auth.scheme', 'No mechanism may be used');
    return first;
  }

  #checkOffer(offered: readonly string[]): void {
    if (this.#mechanisms.some(({ oid }) => offered.includes(oid))) return;
    throw this.#otherMechanism(offered.map(mechanismLabel).join(', '));
  }

  /**
   * Notes which mechanism the host selected. If it is not the preferred one, its login begins anew;
   * returns that step.
   */
  async #select({ mechanism, token }: ResponseToken): Promise<SecurityStep | undefined> {
    const before = this.#selected;
    const oid = mechanism ?? before ?? this.#preferred.oid;
    this.#selected = oid;
    const found = this.#mechanisms.find((each) => each.oid === oid);
    if (found === undefined || (before !== undefined && before !== oid)) {
      throw this.#otherMechanism(mechanismLabel(oid));
    }
    if (before !== undefined || found === this.#preferred) return undefined;
    if (token !== undefined) {
      throw authError(
        'http.auth.downgrade',
        'The host answered the token of a mechanism that it did not select: the list of mechanisms was changed on the way',
      );
    }
    this.current?.close();
    this.current = found.create();
    this.#micNeeded = true;
    const first = await this.current.step(undefined);
    this.#mechanismDone = first.complete;
    return { token: encodeResponse({ token: first.token }), complete: false };
  }

  /** Gives the host's token to the mechanism, and adds the signature of the list to the last one. */
  async #continue(response: ResponseToken): Promise<SecurityStep> {
    const current = this.current as MechanismContext;
    const { token, complete } = await current.step(response.token);
    this.#mechanismDone = complete;
    if (!complete) return { token: encodeResponse({ token }), complete: false };
    if (response.state === 'completed' && token === undefined) return this.#finish(response);
    this.#micSent = this.#micNeeded || current.needsListMic;
    // A host that is done before this side has signed the list already; it need not answer any more.
    const proven = response.listMic !== undefined && token === undefined && this.#micSent;
    if (proven) current.verifyList(this.#list, response.listMic);
    const listMic = this.#micSent ? current.signList(this.#list) : undefined;
    this.complete = proven;
    return { token: encodeResponse({ token, listMic }), complete: proven };
  }

  /** Checks the host's last token. */
  #finish({ state, listMic, token }: ResponseToken): SecurityStep {
    const current = this.current as MechanismContext;
    if (token !== undefined && this.#micSent) {
      throw authError('http.auth.token', 'The host continues a login that is complete');
    }
    if (listMic !== undefined) current.verifyList(this.#list, listMic);
    else if (this.#micSent || this.#micNeeded) {
      throw authError(
        'http.auth.downgrade',
        'The host did not sign the list of mechanisms (SPNEGO mechListMIC): it was removed on the way, or the host does not know the password',
      );
    }
    if (state !== undefined && state !== 'completed' && this.#micSent) {
      throw authError('http.auth.token', `The last SPNEGO token has the state ${state}`);
    }
    if (listMic === undefined || this.#micSent) {
      this.complete = true;
      return { token: undefined, complete: true };
    }
    this.#micSent = true;
    this.complete = state === 'completed';
    const answer = encodeResponse({ listMic: current.signList(this.#list) });
    return { token: this.complete ? undefined : answer, complete: this.complete };
  }

  #otherMechanism(found: string): Error {
    const expected = this.#mechanisms.map(({ oid }) => mechanismLabel(oid)).join(' or ');
    return authError('http.auth.mechanism', `The host wants ${found}; expected ${expected}`, {
      data: { found, expected },
    });
  }
}
