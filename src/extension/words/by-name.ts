import * as vscode from 'vscode';

/** Orders names as people do: `vm2` before `vm10`, whatever their case. Made when first needed: it takes milliseconds. */
let collator: Intl.Collator | undefined;

/** Returns the items in the natural order of their names; those of one name by `id`, so that they keep their places. */
export function byName<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  idOf: (item: T) => string,
): T[] {
  if (items.length < 2) return [...items];
  const { compare } = (collator ??= new Intl.Collator(vscode.env.language, {
    numeric: true,
    sensitivity: 'base',
  }));
  return items
    .map((item) => ({ item, name: nameOf(item), id: idOf(item) }))
    .sort((a, b) => compare(a.name, b.name) || (a.id < b.id ? -1 : 1))
    .map(({ item }) => item);
}
