import type { TraceNode } from '../../../engine/api/trace.ts';
import { element } from '../../common/dom.ts';
import { RowList } from '../../common/rows/row-list.ts';
import { arrowEffect, treeItem } from '../../common/rows/tree-item.ts';
import { plainText } from '../../common/words/plain-text.ts';
import { closedAtFirst, nodeRows, parentOf, type NodeRow } from '../state/tree-rows.ts';

const ROW_HEIGHT = 22;
const LONGEST = 2000;

/** The decoded envelope as a tree. Right and left open and close, Ctrl+C copies a value. */
export class BodyTree {
  readonly root: HTMLElement;
  readonly #list: RowList;
  readonly #copy: (text: string) => void;
  #tree: TraceNode | null = null;
  #closed = new Set<string>();
  #rows: readonly NodeRow[] = [];

  constructor(name: string, label: string, copy: (text: string) => void) {
    this.#copy = copy;
    this.#list = new RowList({
      role: 'tree',
      name,
      label,
      rowHeight: ROW_HEIGHT,
      row: (index) => this.#row(index),
      onOpen: (index) => this.#toggle(index),
      onKey: (event, index) => this.#key(event, index),
    });
    this.root = this.#list.root;
    this.root.addEventListener('click', ({ target }) => {
      if ((target as Element).closest('[data-own]') !== null) this.#toggle(this.#list.active);
    });
  }

  show(tree: TraceNode | null): void {
    if (tree !== this.#tree) {
      this.#tree = tree;
      this.#closed = new Set(tree === null ? [] : closedAtFirst(tree));
      this.#list.goTo(0);
    }
    this.draw();
  }

  draw(): void {
    this.#rows = this.#tree === null ? [] : nodeRows(this.#tree, this.#closed);
    this.#list.resize(this.#rows.length);
    this.#list.draw();
  }

  #row(index: number): HTMLElement {
    const row = this.#rows[index];
    if (row === undefined) return element('div');
    const { node, level, position, siblings } = row;
    const facts = node.attributes.map(([name, value]) => `${name}=${value}`).join(' ');
    return treeItem({ level, position, siblings, open: openOf(row) }, [
      element('span', { class: 'name' }, plainText(node.name, LONGEST)),
      element('span', { class: 'value' }, plainText(node.value, LONGEST)),
      element('span', { class: 'attributes' }, plainText(facts, LONGEST)),
    ]);
  }

  #toggle(index: number): void {
    const row = this.#rows[index];
    if (row === undefined || row.node.children.length === 0) return;
    if (row.open) this.#closed.add(row.key);
    else this.#closed.delete(row.key);
    this.draw();
  }

  #key({ key, ctrlKey, metaKey, altKey }: KeyboardEvent, index: number): boolean {
    const row = this.#rows[index];
    if (row === undefined) return false;
    if (ctrlKey || metaKey) {
      if (key !== 'c' || window.getSelection()?.isCollapsed === false) return false;
      this.#copy(row.node.value === '' ? row.node.name : row.node.value);
      return true;
    }
    const effect = altKey ? undefined : arrowEffect(key, openOf(row));
    if (effect === undefined) return false;
    if (effect === 'toggle') this.#toggle(index);
    if (effect === 'child') this.#list.goTo(index + 1);
    const above = this.#rows.findIndex((each) => each.key === parentOf(row.key));
    if (effect === 'parent' && above >= 0) this.#list.goTo(above);
    return true;
  }
}

/** Whether a row with children is open; undefined for a row without children. */
const openOf = ({ node, open }: NodeRow): boolean | undefined =>
  node.children.length === 0 ? undefined : open;
