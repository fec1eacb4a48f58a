import { EventEmitter, type Listen } from './events.ts';
import type { TreeItem } from './values.ts';

interface Provider<T> {
  readonly onDidChangeTreeData?: Listen<T | readonly T[] | undefined>;
  getTreeItem(element: T): TreeItem | PromiseLike<TreeItem>;
  getChildren(element?: T): readonly T[] | undefined | PromiseLike<readonly T[] | undefined>;
  getParent?(element: T): T | undefined | PromiseLike<T | undefined>;
  resolveTreeItem?(item: TreeItem, element: T, token: unknown): PromiseLike<TreeItem>;
}

/** A tree view as the extension host keeps it: nodes are known by the objects that the provider gave, rows by their ids. */
export class FakeTreeView<T> {
  readonly id: string;
  readonly provider: Provider<T>;
  readonly canSelectMany: boolean;
  selection: readonly T[] = [];
  message: string | undefined;
  title: string | undefined;
  description: string | undefined;
  badge: unknown;
  /** What was asked to be drawn again: undefined is the whole tree. */
  readonly refreshed: (T | undefined)[] = [];
  /** What `reveal` was called for, with the ids from the root down. */
  readonly revealed: { readonly path: readonly string[]; readonly options: unknown }[] = [];
  readonly problems: string[] = [];
  #visible = false;
  readonly #known = new Set<T>();
  /** Rows by id, until the whole tree is drawn again. */
  readonly #held = new Map<string, T>();
  readonly #visibility = new EventEmitter<{ readonly visible: boolean }>();
  readonly #expanded = new EventEmitter<{ readonly element: T }>();
  readonly #collapsed = new EventEmitter<{ readonly element: T }>();
  readonly #selected = new EventEmitter<{ readonly selection: readonly T[] }>();
  readonly onDidChangeVisibility = this.#visibility.event;
  readonly onDidExpandElement = this.#expanded.event;
  readonly onDidCollapseElement = this.#collapsed.event;
  readonly onDidChangeSelection = this.#selected.event;

  constructor(
    id: string,
    options: { readonly treeDataProvider: Provider<T>; readonly canSelectMany?: boolean },
  ) {
    this.id = id;
    this.provider = options.treeDataProvider;
    this.canSelectMany = options.canSelectMany ?? false;
    this.provider.onDidChangeTreeData?.((changed) => {
      const all = Array.isArray(changed) ? (changed as readonly T[]) : [changed as T | undefined];
      for (const node of all) {
        this.refreshed.push(node);
        if (node === undefined) this.#held.clear();
        // The extension host finds what to draw by identity; anything else is drawn nowhere.
        if (node !== undefined && !this.#known.has(node)) {
          this.problems.push(`${id}: a node that the view does not hold is to be drawn again`);
        }
      }
    });
  }

  /** A person rests the pointer on a row. */
  async resolve(node: T, item: TreeItem): Promise<TreeItem> {
    const token = { isCancellationRequested: false, onCancellationRequested: () => undefined };
    return (await this.provider.resolveTreeItem?.(item, node, token)) ?? item;
  }

  get visible(): boolean {
    return this.#visible;
  }

  set visible(visible: boolean) {
    if (visible === this.#visible) return;
    this.#visible = visible;
    this.#visibility.fire({ visible });
  }

  /** Rows below a node, as the view asks for them. */
  async rows(parent?: T): Promise<{ readonly node: T; readonly item: TreeItem }[]> {
    const nodes = (await this.provider.getChildren(parent)) ?? [];
    const rows = await Promise.all(
      nodes.map(async (node) => ({ node, item: await this.provider.getTreeItem(node) })),
    );
    for (const { node, item } of rows) {
      this.#known.add(node);
      this.#held.set(item.id ?? '', node);
    }
    const ids = rows.map(({ item }) => item.id);
    const twice = ids.filter((id, i) => id === undefined || ids.indexOf(id) !== i);
    if (twice.length > 0)
      this.problems.push(`${this.id}: ids that are not one row’s: ${twice.join(', ')}`);
    return rows;
  }

  /** The person opens a node. */
  async expand(node: T): Promise<{ readonly node: T; readonly item: TreeItem }[]> {
    this.#expanded.fire({ element: node });
    return this.rows(node);
  }

  /** The person closes a node. */
  collapse(node: T): void {
    this.#collapsed.fire({ element: node });
  }

  select(...nodes: readonly T[]): void {
    this.selection = nodes;
    this.#selected.fire({ selection: nodes });
  }

  /** As the extension host does it: up by getParent, then down by ids, asking for rows that it does not hold; a node that is not found throws. */
  async reveal(node: T, options?: unknown): Promise<void> {
    const chain: T[] = [];
    for (let at: T | undefined = node; at !== undefined; at = await this.provider.getParent?.(at)) {
      chain.unshift(at);
      if (chain.length > 20) throw new Error(`${this.id}: a node is its own ancestor`);
    }
    const path: string[] = [];
    let parent: T | undefined;
    for (const each of chain) {
      const id = (await this.provider.getTreeItem(each)).id ?? '';
      if (!this.#held.has(id)) await this.rows(parent);
      parent = this.#held.get(id);
      if (parent === undefined) throw new Error(`Cannot resolve tree item for element ${id}`);
      path.push(id);
    }
    this.revealed.push({ path, options });
    this.visible = true;
  }

  dispose(): void {
    this.#visible = false;
  }
}
