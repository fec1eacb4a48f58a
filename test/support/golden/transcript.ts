import type { Log } from '../../../src/engine/base/log.ts';
import { StableIds } from './stable-ids.ts';

interface Exchange {
  readonly request: string;
  readonly answer: string;
}

/** A conversation with a host, as the client's trace tells it, with marks between the exchanges. */
export class Transcript {
  readonly #entries: (Exchange | { readonly mark: string })[] = [];
  readonly #waiting: string[] = [];
  #ended = false;

  /** Takes the envelopes out of a log. Requests that overlap are not told apart: a transcript is of one after the other. */
  readonly log: Log = ({ level, area, message, data }) => {
    if (this.#ended || level !== 'trace' || area !== 'wsman') return;
    const given = data?.['envelope'];
    const envelope = typeof given === 'string' ? given : '';
    if (message === 'request') this.#waiting.push(envelope);
    else
      this.#entries.push({
        request: this.#waiting.shift() ?? '',
        answer: `${message}\n${envelope}`,
      });
  };

  mark(text: string): void {
    if (!this.#ended) this.#entries.push({ mark: text });
  }

  /** What follows is a matter of time, as the looks at a merge. */
  end(): void {
    this.#ended = true;
  }

  /** Begins another conversation. */
  begin(): void {
    this.#entries.length = 0;
    this.#waiting.length = 0;
    this.#ended = false;
  }

  /** Each envelope as it crossed the wire, a line for each element. */
  whole(): string {
    return this.#text(({ request, answer }) => {
      const [status = '', ...rest] = answer.split('\n');
      return `>>> request\n${lines(request)}\n<<< ${status}\n${lines(rest.join('\n'))}\n`;
    });
  }

  /** A line for what each request asks, and one for what came of it. */
  brief(): string {
    return this.#text(({ request, answer }) => `> ${asked(request)}\n  ${answered(answer)}`);
  }

  #text(show: (exchange: Exchange) => string): string {
    const ids = new StableIds();
    const shown = this.#entries.map((entry) =>
      'mark' in entry ? `-- ${entry.mark}` : show(entry),
    );
    return ids.text(`${withoutLooks(shown).join('\n')}\n`);
  }
}

/** How often a job is looked at is a matter of time: of looks in a row the last one stays. */
function withoutLooks(shown: readonly string[]): readonly string[] {
  const isLook = (text: string | undefined): boolean =>
    text?.startsWith('> Get Msvm_ConcreteJob') === true;
  return shown.filter((text, n) => !(isLook(text) && isLook(shown[n + 1])));
}

const lines = (xml: string): string => xml.replaceAll(/>\s*</g, '>\n<').trim();

function asked(request: string): string {
  const action = /<[^>]*Action[^>]*>([^<]*)</.exec(request)?.[1] ?? 'Identify';
  const resource = /<[^>]*ResourceURI[^>]*>([^<]*)</.exec(request)?.[1] ?? '';
  const filter = /<[^>]*Filter[^>]*>([\s\S]*?)<\/[^>]*Filter>/.exec(request)?.[1];
  const [verb, subject] = [last(action), last(resource)];
  if (filter !== undefined) return `${verb} ${unescape(filter)}`;
  return `${verb} ${subject}${selectors(request)}${argumentsOf(request, verb)}`.trim();
}

/** The body of a method call, its elements in a row. */
function argumentsOf(request: string, verb: string): string {
  if (['Get', 'Enumerate', 'Pull', 'Release', 'Identify'].includes(verb)) return '';
  const body = /<[\w]*:?Body>([\s\S]*)<\/[\w]*:?Body>/.exec(request)?.[1] ?? '';
  return ` ${unescape(body)}`;
}

function selectors(request: string): string {
  const all = Array.from(
    request.matchAll(/<[\w]*:?Selector Name="(\w+)">([^<]*)</g),
    ([, name, value]) => `${name}=${value}`,
  );
  return all.length === 0 ? '' : ` {${[...new Set(all)].join(', ')}}`;
}

function answered(answer: string): string {
  const [status = '', ...rest] = answer.split('\n');
  const xml = rest.join('\n');
  const fault = /<[\w]*:?Text[^>]*>([^<]*)</.exec(xml)?.[1];
  if (/:Fault>/.test(xml)) return `${status}: fault ${fault ?? ''}`;
  const returned = /<[\w]*:?ReturnValue>(\d+)</.exec(xml)?.[1];
  const ids = Array.from(
    xml.matchAll(/<[\w]*:?(?:InstanceID|Name)>([^<]*)</g),
    ([, id = '']) => id,
  );
  const state = /<[\w]*:?JobState>(\d+)</.exec(xml)?.[1];
  return [
    status,
    ...(returned === undefined ? [] : [`returns ${returned}`]),
    ...(state === undefined ? [] : [`job state ${state}`]),
    ...(ids.length === 0 ? [] : [ids.join(', ')]),
  ].join(': ');
}

const last = (uri: string): string => uri.slice(uri.lastIndexOf('/') + 1);

const unescape = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&')
    .trim();
