import { isEngineError } from '../../../../base/errors.ts';
import { COMMAND, FLAG } from '../../codec/protocol/constants.ts';
import type { SmbHeader } from '../../codec/protocol/header.ts';
import { loginCode, requestCode } from '../../status/status-codes.ts';
import { describeStatus, STATUS } from '../../status/nt-status.ts';
import { lengthOf, type Pieces } from '../wire/pieces.ts';
import type { RequestWords } from './command-words.ts';
import { hex, type Fact } from './fact-lines.ts';

/** Statuses that are part of an exchange without a failure. */
const USUAL: readonly number[] = [
  0,
  STATUS.moreProcessingRequired,
  STATUS.noMoreFiles,
  STATUS.bufferOverflow,
  STATUS.notifyEnumDir,
];

/** End of an exchange, as it is recorded. */
export interface ExchangeEnd {
  /** `ok`, `cancelled`, or the code of an error. */
  readonly outcome: string;
  readonly answer: readonly Fact[];
  readonly receivedBytes: number;
  /** By `performance.now()`. */
  readonly done: number;
}

/** Place of an answer in its frame. */
export interface AnswerFrame {
  readonly encrypted: boolean;
  /** Number of the message in a compound, from 1, and number of its messages. */
  readonly part: number;
  readonly parts: number;
}

/** One request of a recording, until it ends. Only its first end counts. */
export class SmbExchange {
  readonly #words: RequestWords;
  readonly #record: (end: ExchangeEnd) => void;
  #isEnded = false;
  #interims = 0;
  #asyncId: bigint | undefined;

  constructor(words: RequestWords, record: (end: ExchangeEnd) => void) {
    this.#words = words;
    this.#record = record;
  }

  /** Notes an answer that announces the final one. */
  interim(asyncId: bigint | undefined): void {
    this.#interims++;
    this.#asyncId = asyncId;
  }

  /** Ends the exchange with its final answer, which was verified. */
  answered(header: SmbHeader, pieces: Pieces, { encrypted, part, parts }: AnswerFrame): void {
    const isUsual = USUAL.includes(header.status);
    const facts: Fact[] = [
      ['status', header.status === 0 ? 'success' : describeStatus(header.status)],
      ...(isUsual ? this.#answerFacts(header, pieces) : []),
      ['credits', `grants ${header.credits}`],
      [
        'protection',
        encrypted ? 'encrypted' : (header.flags & FLAG.signed) !== 0 ? 'signed' : 'plain',
      ],
      ...(parts > 1 ? [['compound', `message ${part} of ${parts}`] as const] : []),
      ...this.#announced(),
    ];
    this.#end(isUsual ? 'ok' : codeOf(header), facts, lengthOf(pieces));
  }

  /** Ends the exchange without an answer. */
  failed(reason: unknown): void {
    this.#end(isEngineError(reason) ? reason.code : 'internal', this.#announced(), 0);
  }

  /** Ends the exchange because its caller does not wait any longer. */
  cancelled(): void {
    this.#end('cancelled', [...this.#announced(), ['cancelled', 'CANCEL was sent']], 0);
  }

  #answerFacts(header: SmbHeader, pieces: Pieces): readonly Fact[] {
    // Without success only the login has a body with fields of its own.
    const { treeId, status } = header;
    if (status !== 0 && status !== STATUS.moreProcessingRequired) return [];
    try {
      return this.#words.answered?.({ treeId, pieces }) ?? [];
    } catch {
      return [['problem', 'the answer is not valid']];
    }
  }

  #announced(): Fact[] {
    if (this.#interims === 0) return [];
    const id = this.#asyncId === undefined ? '' : `, ID ${hex(this.#asyncId)}`;
    return [['asynchronous', `announced ${this.#interims} times${id}`]];
  }

  #end(outcome: string, answer: readonly Fact[], receivedBytes: number): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#record({ outcome, answer, receivedBytes, done: performance.now() });
  }
}

const codeOf = ({ command, status }: SmbHeader): string =>
  (command === COMMAND.sessionSetup ? loginCode(status) : undefined) ?? requestCode(status);
