/**
 * NegTokenInit of the initiator (RFC 4178 4.2.1), and NegTokenInit2, which servers of SMB send first
 * (MS-SPNG 2.2.1). Layout: `60 L | OID of SPNEGO | a0 L 30 L [a0 mechTypes] [a1 reqFlags] [a2 mechToken]
 * [a3 mechListMIC or negHints] [a4 mechListMIC of NegTokenInit2]`.
 */
import { Buffer } from 'node:buffer';
import { authError } from '../contract/auth-errors.ts';
import { contextTag, DerReader, TAG } from '../der/der-reader.ts';
import { derContext, derElement, derOid } from '../der/der-writer.ts';
import { OID } from '../contract/mechanism-oids.ts';

const NAME = 'SPNEGO NegTokenInit';
/** Windows offers up to 4 mechanisms. */
const MAX_MECHANISMS = 32;

export interface InitToken {
  /** Offered mechanisms in dotted form, the preferred first. */
  readonly mechanisms: readonly string[];
  /** DER of the list, which the signatures cover. */
  readonly list: Buffer;
  /** First token of the preferred mechanism. */
  readonly token: Buffer | undefined;
  readonly listMic: Buffer | undefined;
  /** `hintName` of NegTokenInit2: a text that tells nothing. */
  readonly hint: Buffer | undefined;
}

/** Encodes a list of mechanisms as the signatures cover it. */
export function encodeMechanisms(oids: readonly string[]): Buffer {
  return derElement(TAG.sequence, ...oids.map(derOid));
}

export function encodeInit(list: Buffer, token: Buffer | undefined): Buffer {
  const fields = [derContext(0, list)];
  if (token !== undefined) fields.push(derContext(2, derElement(TAG.octetString, token)));
  const init = derContext(0, derElement(TAG.sequence, ...fields));
  return derElement(TAG.application, derOid(OID.spnego), init);
}

/** Reads a token. Throws `http.auth.token`. */
export function parseInit(token: Buffer): InitToken {
  const whole = new DerReader(token, NAME);
  const outer = whole.inside(TAG.application);
  whole.end();
  const oid = outer.oid();
  if (oid !== OID.spnego) throw invalid(`expected the mechanism ${OID.spnego}, found ${oid}`);
  const choice = outer.inside(contextTag(0));
  outer.end();
  const fields = choice.inside(TAG.sequence);
  choice.end();
  const types = fields.inside(contextTag(0));
  const list = types.element(TAG.sequence);
  types.end();
  const mechanisms = parseMechanisms(list.content);
  if (fields.nextTag === contextTag(1)) fields.element();
  const mechToken = fields.optional(2, TAG.octetString);
  const { listMic, hint } = parseThird(fields);
  fields.end();
  return { mechanisms, list: list.bytes, token: mechToken, listMic, hint };
}

function parseMechanisms(content: Buffer): readonly string[] {
  const reader = new DerReader(content, NAME);
  const oids: string[] = [];
  while (!reader.done) {
    if (oids.length === MAX_MECHANISMS) {
      throw invalid(`it offers more than ${MAX_MECHANISMS} mechanisms`);
    }
    oids.push(reader.oid());
  }
  if (oids.length === 0) throw invalid('it offers no mechanism');
  if (new Set(oids).size < oids.length) throw invalid('it offers a mechanism twice');
  return oids;
}

/** Reads `[3]`, which is a signature for initiators and a hint for servers, and `[4]`. */
function parseThird(fields: DerReader): Pick<InitToken, 'listMic' | 'hint'> {
  let listMic: Buffer | undefined;
  let hint: Buffer | undefined;
  if (fields.nextTag === contextTag(3)) {
    const third = fields.inside(contextTag(3));
    if (third.nextTag === TAG.octetString) listMic = third.element().content;
    else {
      const hints = third.inside(TAG.sequence);
      hint = hints.optional(0, TAG.generalString);
      if (hints.nextTag === contextTag(1)) hints.element();
      hints.end();
    }
    third.end();
  }
  return { listMic: fields.optional(4, TAG.octetString) ?? listMic, hint };
}

function invalid(found: string): Error {
  return authError('http.auth.token', `Invalid ${NAME}: ${found}`, {
    data: { structure: NAME, found },
  });
}
