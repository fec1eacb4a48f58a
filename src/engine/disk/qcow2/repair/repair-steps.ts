import type { RepairStep } from '../../../api/disk-check.ts';

/** Texts of the steps, in their order, from the number of places. */
const TEXTS: Readonly<Record<string, (count: number) => string>> = {
  'qcow2.refcountTable.size': () => 'Write a new refcount table behind the end of the file',
  'qcow2.refcountTable.place': () => 'Write a new refcount table behind the end of the file',
  'qcow2.refcountTable.entry': () => 'Write all refcount blocks again behind the end of the file',
  'qcow2.refcount.low': (n) => `Correct the refcount of ${clusters(n)} with more references`,
  'qcow2.refcount.leaked': (n) => `Free what nothing refers to in ${clusters(n)}`,
  'qcow2.refcount.copied': (n) =>
    `Correct the flag of a refcount of one in ${n === 1 ? '1 table entry' : `${n} table entries`}`,
  'qcow2.feature.dirty': () => 'Remove the mark of an image that was not closed',
  'qcow2.feature.corrupt': () => 'Remove the mark of a corrupt image',
};

const clusters = (count: number): string => (count === 1 ? '1 cluster' : `${count} clusters`);

/** Counts what a repair does, by code. */
export class RepairSteps {
  readonly #found = new Map<string, { readonly offset: number; count: number }>();

  /** @param offset first place in the file */
  add(code: string, offset: number): void {
    const known = this.#found.get(code);
    if (known === undefined) this.#found.set(code, { offset, count: 1 });
    else known.count++;
  }

  get list(): readonly RepairStep[] {
    return Object.entries(TEXTS).flatMap(([code, text]): RepairStep[] => {
      const found = this.#found.get(code);
      return found === undefined ? [] : [{ code, offset: found.offset, what: text(found.count) }];
    });
  }
}
