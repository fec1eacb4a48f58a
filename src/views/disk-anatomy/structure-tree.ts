import type { AnatomyInfo, AnatomyNode } from '../../engine/api/anatomy.ts';
import { element, setText } from '../common/dom.ts';
import { fill } from '../common/words/format.ts';
import { RowList } from '../common/rows/row-list.ts';
import { arrowEffect, treeItem } from '../common/rows/tree-item.ts';
import { hexOffset } from '../common/hex/hex-format.ts';
import { parentKey, treeRows, type TreeRow } from './state/tree-rows.ts';
import type { ViewContext } from './state/view-context.ts';

const ROW_HEIGHT = 22;
const MARKS = { ok: '✓', bad: '✗', old: '↺', none: '' } as const;

/** The decoded structures as a tree; a selected field is shown among the bytes. */
export class StructureTree {
  readonly panel = element('div', { class: 'panel' });
  readonly #context: ViewContext;
  readonly #list: RowList;
  /** It may scroll, so it must be focusable for keys to reach it. */
  readonly #detail = element('div', { class: 'detail', role: 'group', tabindex: 0 });
  readonly #empty = element('p', { class: 'empty' });
  readonly #copy: (text: string) => void;
  #rows: readonly TreeRow[] = [];
  #drawn: readonly unknown[] = [];
  /** Recently typed characters, for finding a row. */
  #typed = { text: '', at: 0 };

  constructor(context: ViewContext, copy: (text: string) => void) {
    this.#context = context;
    this.#copy = copy;
    const { words } = context;
    this.#list = new RowList({
      role: 'tree',
      name: 'node',
      label: words.named(words.strings.treeLabel),
      rowHeight: ROW_HEIGHT,
      row: (index) => this.#row(index),
      onActive: (index) => this.#activate(index),
      onOpen: (index) => this.#toggle(index),
      onKey: (event, index) => this.#key(event, index),
    });
    setText(this.#empty, words.strings.treeEmpty);
    this.#detail.setAttribute('aria-label', words.strings.treeDetail);
    this.panel.append(this.#list.root, this.#empty, this.#detail);
    // The click has already made the row active.
    this.#list.root.addEventListener('click', ({ target }) => {
      if ((target as Element).closest('[data-own]') !== null) this.#toggle(this.#list.active);
    });
  }

  draw(info: AnatomyInfo): void {
    const { expanded, node } = this.#context.model;
    const empty = info.tree.length === 0;
    this.#empty.hidden = !empty;
    this.#list.root.hidden = empty;
    this.#detail.hidden = empty;
    if (this.panel.hidden || empty) return;
    const drawn = [info, expanded, node, this.#list.root.clientHeight];
    if (drawn.every((each, i) => each === this.#drawn[i])) return;
    const moved = node !== this.#drawn[2] || info !== this.#drawn[0];
    this.#drawn = drawn;
    this.#rows = treeRows(info.tree, expanded);
    this.#list.resize(this.#rows.length);
    const at = this.#rows.findIndex(({ key }) => key === node);
    // A focused node that was hidden or removed passes its focus to its parent.
    if (moved || at !== this.#list.active) this.#list.goTo(Math.max(0, at));
    else this.#list.draw();
    this.#describe(this.#rows[this.#list.active]?.node);
  }

  /** Opens the parents of a node, and makes it active. */
  reveal(key: string): void {
    const above: string[] = [];
    for (let up = parentKey(key); up !== ''; up = parentKey(up)) above.push(up);
    this.#context.do({ type: 'expand', keys: above, open: true });
    this.#context.do({ type: 'node', key });
  }

  focus(): void {
    this.#list.root.focus();
  }

  #row(index: number): HTMLElement {
    const row = this.#rows[index];
    if (row === undefined) return element('div');
    const { node, level, position, siblings } = row;
    const { strings } = this.#context.words;
    const stateText = { ok: strings.nodeOk, bad: strings.nodeBad, old: strings.nodeOld, none: '' };
    const cells = [
      element('span', { class: 'label' }, node.label),
      element('span', { class: `state ${node.state}`, 'aria-hidden': 'true' }, MARKS[node.state]),
      element('span', { class: 'value' }, node.value),
      element('span', { class: 'hidden' }, stateText[node.state]),
      element('span', { class: 'place' }, node.offset === null ? '' : hexOffset(node.offset)),
    ];
    return treeItem({ level, position, siblings, open: openOf(row) }, cells, node.help);
  }

  #activate(index: number): void {
    const row = this.#rows[index];
    if (row === undefined) return;
    this.#context.do({ type: 'node', key: row.key });
    const { offset, length, label } = row.node;
    if (offset === null || length === null || length === 0) return;
    const { words } = this.#context;
    this.#context.jump(offset, length);
    this.#context.say(fill(words.strings.nodePlace, label, words.offset(offset)));
  }

  #toggle(index: number): void {
    const row = this.#rows[index];
    if (row === undefined || row.node.children.length === 0) return;
    this.#expand([row.key], !row.expanded);
  }

  /** The next key may arrive before the next frame, so the rows are updated at once. */
  #expand(keys: readonly string[], open: boolean): void {
    this.#context.do({ type: 'expand', keys, open });
    this.draw(this.#context.info);
  }

  #key(event: KeyboardEvent, index: number): boolean {
    const row = this.#rows[index];
    if (row === undefined) return false;
    const { key, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey || metaKey) {
      if (key !== 'c') return false;
      this.#copy(row.node.value === '' ? row.node.label : row.node.value);
      return true;
    }
    if (altKey) return false;
    const effect = arrowEffect(key, openOf(row));
    if (effect === 'toggle') this.#toggle(index);
    if (effect === 'child') this.#go(index + 1);
    if (effect === 'parent') {
      this.#go(this.#rows.findIndex((each) => each.key === parentKey(row.key)));
    }
    if (effect !== undefined) return true;
    if (key === '*') {
      const level = this.#rows.filter((each) => parentKey(each.key) === parentKey(row.key));
      this.#expand(
        level.map((each) => each.key),
        true,
      );
      return true;
    }
    return key.length === 1 && key !== ' ' && this.#find(key, index, event.timeStamp);
  }

  #go(index: number): void {
    if (index < 0) return;
    this.#list.goTo(index);
    this.#activate(index);
  }

  /** Finds the next row whose label begins with the typed text. */
  #find(key: string, index: number, now: number): boolean {
    const rest = 600;
    const before = now - this.#typed.at < rest ? this.#typed.text : '';
    this.#typed = { text: before + key.toLowerCase(), at: now };
    const first = before === '' ? index + 1 : index;
    const order = [...this.#rows.keys()].map((i) => (first + i) % this.#rows.length);
    const found = order.find((i) =>
      this.#rows[i]?.node.label.toLowerCase().startsWith(this.#typed.text),
    );
    if (found !== undefined) this.#go(found);
    return true;
  }

  #describe(node: AnatomyNode | undefined): void {
    const { words } = this.#context;
    const parts = [node?.value ?? ''];
    if (node?.offset !== undefined && node.offset !== null && node.length !== null) {
      const length = words.format.bytes(node.length);
      parts.push(fill(words.strings.nodePlace, length, words.offset(node.offset)));
    }
    parts.push(node?.help ?? '');
    const lines = parts.filter((text) => text !== '');
    this.#detail.replaceChildren(...lines.map((text) => element('span', {}, text)));
  }
}

/** Whether a row with children is expanded; undefined for a row without children. */
const openOf = ({ node, expanded }: TreeRow): boolean | undefined =>
  node.children.length === 0 ? undefined : expanded;
