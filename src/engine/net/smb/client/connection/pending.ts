import { deferred } from '../../../../base/deferred.ts';
import type { SmbHeader } from '../../codec/protocol/header.ts';
import type { SmbExchange } from '../record/smb-exchange.ts';
import type { Pieces } from '../wire/pieces.ts';

/** Protection of a request, which its response must have too. */
export type Protection = 'plain' | 'signed' | 'encrypted';

/** The final response to a request. */
export interface Answer {
  readonly header: SmbHeader;
  /** The message from its header on. The first piece has at least the header. */
  readonly pieces: Pieces;
}

/** Interim responses that one request may have. */
const MAX_INTERIMS = 64;

/** A request that was sent and has no final response yet. */
export class Pending {
  readonly command: number;
  readonly charge: number;
  readonly protection: Protection;
  readonly sessionId: bigint;
  readonly treeId: number;
  readonly sentAt: number;
  /** undefined: it is not recorded. */
  readonly exchange: SmbExchange | undefined;
  /** Milliseconds that an announced answer may take; undefined: as every request. */
  readonly patience: number | undefined;
  asyncId: bigint | undefined;
  #interims = 0;
  readonly #done = deferred<Answer>();

  constructor(
    facts: Omit<Pending, 'asyncId' | 'answer' | 'deadline' | 'interim' | 'resolve' | 'reject'>,
  ) {
    this.command = facts.command;
    this.charge = facts.charge;
    this.protection = facts.protection;
    this.sessionId = facts.sessionId;
    this.treeId = facts.treeId;
    this.sentAt = facts.sentAt;
    this.exchange = facts.exchange;
    this.patience = facts.patience;
    // A caller that was cancelled does not wait for it any more.
    this.#done.promise.catch(() => undefined);
  }

  get answer(): Promise<Answer> {
    return this.#done.promise;
  }

  /** Returns the milliseconds that the answer may take. */
  deadline(usual: number): number {
    return this.asyncId === undefined ? usual : (this.patience ?? usual);
  }

  /** Notes an interim response; false if there are too many. */
  interim(asyncId: bigint | undefined): boolean {
    this.asyncId = asyncId;
    this.#interims++;
    return this.#interims <= MAX_INTERIMS;
  }

  resolve(answer: Answer): void {
    this.#done.resolve(answer);
  }

  reject(reason: unknown): void {
    this.#done.reject(reason);
  }
}
