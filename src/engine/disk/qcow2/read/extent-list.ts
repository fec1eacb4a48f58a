import type { EngineError } from '../../../base/errors.ts';
import type { LayerExtent, LostExtent } from '../../image/image.ts';

/** Extents in order, with adjacent equal ones merged. */
export class ExtentList {
  #list: (LayerExtent | LostExtent)[] = [];

  get length(): number {
    return this.#list.length;
  }

  /** Adds an extent; `offset` is -1 for data that the file does not hold byte by byte. */
  add(start: number, end: number, kind: LayerExtent['kind'], offset: number): void {
    const last = this.#list.at(-1);
    if (last !== undefined && last.kind === kind && last.end === start) {
      const follows = last.offset < 0 ? offset < 0 : last.offset + start - last.start === offset;
      if (follows) {
        this.#list[this.#list.length - 1] = { ...last, end };
        return;
      }
    }
    this.#list.push({ start, end, kind, offset });
  }

  /** Returns the error of the unreadable part that ends at `end`, if it breaks the same rule. */
  lostBefore(end: number, rule: string): EngineError | undefined {
    const last = this.#list.at(-1);
    if (last?.kind !== 'lost' || last.end !== end) return undefined;
    return last.error.data['rule'] === rule ? last.error : undefined;
  }

  /** Adds an unreadable part; parts with one and the same error are merged. */
  addLost(start: number, end: number, error: EngineError): void {
    const last = this.#list.at(-1);
    if (last?.kind === 'lost' && last.end === start && last.error === error) {
      this.#list[this.#list.length - 1] = { ...last, end };
    } else {
      this.#list.push({ start, end, kind: 'lost', error });
    }
  }

  /** Returns the extents and begins a new list. */
  take(): (LayerExtent | LostExtent)[] {
    const list = this.#list;
    this.#list = [];
    return list;
  }
}
