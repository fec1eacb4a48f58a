import { isReadingMethod, type ExchangeRecorder } from '../../base/exchange.ts';
import { shownData, type Clean } from './shown-data.ts';

/** Recorder of a client's calls, and what removes secrets from them. */
export interface Recording {
  readonly recorder: ExchangeRecorder;
  readonly clean: Clean;
}

/** A call while it runs. */
interface RecordedCall {
  /**
   * @param answer decoded answer of the shell, or its output if that is not an answer
   * @param outcome `ok`, `cancelled`, or the code of the error
   */
  end(answer: unknown, receivedBytes: number, outcome: string): void;
}

/** Records the calls of one shell: the function of the scripts as the action, data and answer as JSON. */
export class CallRecording {
  readonly #recording: Recording;
  readonly #host: string;
  readonly #connection: number;

  /** @param connection number of the shell in its pool, from 1 */
  constructor(recording: Recording, host: string, connection: number) {
    this.#recording = recording;
    this.#host = host;
    this.#connection = connection;
  }

  begin(name: string, data: unknown, about: string, sentBytes: number): RecordedCall {
    const { recorder, clean } = this.#recording;
    const sequence = recorder.begin();
    const [started, begun] = [Date.now(), performance.now()];
    return {
      end: (answer, receivedBytes, outcome) => {
        if (sequence === 0) return;
        const done = Math.round((performance.now() - begun) * 100) / 100;
        recorder.record({
          sequence,
          retryOf: null,
          protocol: 'powershell',
          host: this.#host,
          connection: this.#connection,
          about,
          action: name,
          resource: resourceOf(data),
          changes: mayChange(name, data),
          started,
          timings: { queued: 0, sent: 0, firstByte: receivedBytes === 0 ? null : done, done },
          sentBytes,
          receivedBytes,
          status: 0,
          outcome,
          request: shownData(data, clean),
          answer: answer === undefined ? '' : shownData(answer, clean),
        });
      },
    };
  }
}

type CallData = Readonly<Record<string, unknown>> | null;

const unmarked = (value: unknown): string =>
  typeof value === 'string' ? value.replace(/^=/, '') : '';

/** Returns the class that a call is about; '' if the data names none. */
function resourceOf(data: unknown): string {
  const { target, class: className } = (data ?? {}) as NonNullable<CallData>;
  return unmarked(className) || unmarked((target as CallData | undefined)?.['c']);
}

/** Only methods change something, and not those whose name says that they read. */
const mayChange = (name: string, data: unknown): boolean =>
  name === 'Invoke-RpMethod' && !isReadingMethod(unmarked((data as CallData)?.['method']));
