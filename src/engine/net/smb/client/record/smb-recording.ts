import type { Buffer } from 'node:buffer';
import type { ExchangeRecorder } from '../../../../base/exchange.ts';
import { commandName } from '../../codec/command-name.ts';
import { TRANSFORM_BYTES } from '../../codec/protocol/transform.ts';
import type { SmbHeader } from '../../codec/protocol/header.ts';
import type { CommandWords, RequestWords } from './command-words.ts';
import { factLines, hex, type Fact } from './fact-lines.ts';
import { KnownNames } from './known-names.ts';
import { SmbExchange } from './smb-exchange.ts';
import { WORDS } from './words-table.ts';

/** Number of connections that each recorder has seen. */
const connections = new WeakMap<ExchangeRecorder, number>();

/**
 * Records the exchanges of one connection: requests and answers in words, without data, tokens and
 * keys (trace/TRACE.md). A message that cannot be put into words is recorded with its header; recording
 * never fails the work.
 */
export class SmbRecording {
  readonly #recorder: ExchangeRecorder;
  readonly #host: string;
  readonly #connection: number;
  readonly #names = new KnownNames();

  /** @param host host and port */
  constructor(recorder: ExchangeRecorder, host: string) {
    this.#recorder = recorder;
    this.#host = host;
    this.#connection = (connections.get(recorder) ?? 0) + 1;
    connections.set(recorder, this.#connection);
  }

  /**
   * Begins the exchange of a request that is about to be sent.
   * @param message with its header, before it is signed or encrypted
   * @param since time at which the request began to wait for credits, by `performance.now()`
   * @param describe words of the request; undefined: those of its command
   */
  begin(
    header: SmbHeader,
    message: Buffer,
    protection: string,
    since: number,
    describe = WORDS.get(header.command),
  ): SmbExchange {
    const words = wordsOf(describe, message, this.#names);
    const share = this.#names.tree(header.treeId);
    const sent = performance.now();
    const encrypted = protection === 'encrypted';
    const sequence = this.#recorder.begin();
    const name = commandName(header.command);
    const { about = '' } = words;
    const facts: Fact[] = [
      ...(share === '' || share === about ? [] : [['share', share] as const]),
      ...words.facts,
      ['message', `${header.messageId}, session ${hex(header.sessionId)}`],
      ['credits', `costs ${header.creditCharge}, requests ${header.credits}`],
      ['protection', protection],
    ];
    const started = Date.now() - (sent - since);
    return new SmbExchange(words, ({ outcome, answer, receivedBytes, done }) => {
      if (sequence === 0) return;
      const at = rounded(sent - since);
      this.#recorder.record({
        sequence,
        retryOf: null,
        protocol: 'smb',
        host: this.#host,
        connection: this.#connection,
        about: about === '' ? name : `${name} ${about}`,
        action: name,
        resource: share,
        changes: words.changes ?? false,
        started: Math.round(started),
        timings: {
          queued: at,
          sent: at,
          firstByte: receivedBytes === 0 ? null : rounded(done - since),
          done: rounded(done - since),
        },
        sentBytes: message.length + (encrypted ? TRANSFORM_BYTES : 0),
        receivedBytes,
        status: 0,
        outcome,
        request: factLines(name, facts),
        answer: answer.length === 0 ? '' : factLines(name, answer),
      });
    });
  }
}

function wordsOf(
  describe: CommandWords | undefined,
  message: Buffer,
  names: KnownNames,
): RequestWords {
  try {
    return describe?.(message, names) ?? { facts: [] };
  } catch {
    return { facts: [['problem', 'the request cannot be put into words']] };
  }
}

/** To a hundredth of a millisecond. */
const rounded = (milliseconds: number): number => Math.round(milliseconds * 100) / 100;
