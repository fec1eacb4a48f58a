import type { CompareSide } from '../api/disk-compare.ts';
import { messageOf } from '../common/frame/channel-client.ts';
import { hexByte } from '../common/hex/hex-format.ts';
import { fill } from '../common/words/format.ts';
import type { CompareLoader } from './compare-loader.ts';
import { SIDES } from './state/compare-words.ts';
import { TIMEOUTS, type CompareContext } from './state/requests.ts';
import { rangeBefore } from './state/store.ts';

/** Maximum number of bytes that can be copied: one request returns no more. */
const MOST_COPIED = 65_536;

/** The bytes of both disks at one place: whether they differ, in words, and as a copy. */
export class ComparedBytes {
  readonly #context: CompareContext;
  readonly #loader: CompareLoader;

  constructor(context: CompareContext, loader: CompareLoader) {
    this.#context = context;
    this.#loader = loader;
  }

  /** Whether the bytes at an offset are known and differ. */
  readonly differ = (offset: number): boolean => {
    const [a, b] = SIDES.map((side) => this.#byte(side, offset));
    return a !== undefined && b !== undefined && a !== b;
  };

  /** Describes the selected bytes, and the difference in which they lie. */
  tell(): string {
    const { model, words } = this.#context;
    const { strings, format } = words;
    const { offset, length } = model.marked;
    const place = words.offset(offset);
    const [left = '', right = ''] = SIDES.map((side) => this.#text(side, offset));
    const bytes =
      length > 1
        ? fill(strings.selectedAt, format.bytes(length), place)
        : fill(strings.bytesAt, place, left, right);
    const difference = this.#differenceAt(offset);
    return difference === '' ? bytes : `${bytes} — ${difference}`;
  }

  /** Copies the selected bytes of one disk as hexadecimal digits, and announces it. */
  async copy(side: CompareSide): Promise<void> {
    const { model, words } = this.#context;
    const { offset, length } = model.marked;
    const { strings, format } = words;
    if (length > MOST_COPIED) {
      return this.#context.say(fill(strings.copyTooMuch, format.bytes(MOST_COPIED)));
    }
    try {
      const bytes = await this.#loader.read(side, offset, length);
      const text = [...bytes].map(hexByte).join(' ');
      await this.#context.channel.request('copy', { text }, { timeoutMs: TIMEOUTS.short });
      const short = text.length > 80 ? `${text.slice(0, 80)}…` : text;
      this.#context.say(fill(strings.copied, short));
    } catch (error) {
      this.#context.say(messageOf(error));
    }
  }

  /** Returns a byte; zero behind the end of the disk, undefined while it is loading. */
  #byte(side: CompareSide, offset: number): number | undefined {
    const bytes = this.#loader.bytes(side, offset, 1);
    return bytes.length === 0 ? 0 : bytes[0];
  }

  #text(side: CompareSide, offset: number): string {
    const { strings } = this.#context.words;
    const bytes = this.#loader.bytes(side, offset, 1);
    if (bytes.length === 0) return strings.behindEnd;
    if (this.#loader.isLost(side, offset)) return strings.lostByte;
    return bytes[0] === undefined ? strings.unknownByte : hexByte(bytes[0]);
  }

  #differenceAt(offset: number): string {
    const { model, words } = this.#context;
    const { strings, format } = words;
    const index = rangeBefore(model.ranges, offset);
    const range = model.ranges[index];
    if (range === undefined || offset >= range.start + range.length) return '';
    const text = model.next === null ? strings.differenceOf : strings.differenceOfMore;
    const [at, count] = [format.count(index + 1), format.count(model.ranges.length)];
    return fill(text, at, count, format.bytes(range.length));
  }
}
