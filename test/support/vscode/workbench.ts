import { FakeSettings } from './configuration.ts';
import { CancellationTokenSource, EventEmitter, listenerErrors } from './events.ts';
import type { FakeFileWatcher } from './file-watcher.ts';
import { Script, type Asked, type Step } from './script.ts';
import type { FakeTreeView } from './tree-view.ts';
import type { Uri } from './uri.ts';
import type { FakeWebviewPanel } from './webview.ts';

/** Progress that was shown, and whether it still is. */
export interface ShownProgress {
  readonly title: string;
  /** `notification`, `window`, or the id of a view. */
  readonly where: string;
  readonly cancellable: boolean;
  readonly reports: { readonly message?: string; readonly increment?: number }[];
  /** Presses Cancel. */
  readonly cancel: () => void;
  ended: boolean;
}

interface ContentProvider {
  readonly onDidChange?: (listener: (uri: Uri) => void) => unknown;
  provideTextDocumentContent(uri: Uri, token: unknown): unknown;
}

interface PanelSerializer {
  deserializeWebviewPanel(panel: FakeWebviewPanel, state: unknown): Promise<void>;
}

interface CustomEditorProvider {
  openCustomDocument(uri: Uri, context: object, token: unknown): unknown;
  resolveCustomEditor(document: unknown, panel: FakeWebviewPanel, token: unknown): unknown;
}

/** The editor around the extension in a test: what it was asked, told and shown, and what the person answers. */
export class Workbench {
  readonly script = new Script();
  readonly settings = new FakeSettings();
  readonly commands = new Map<string, (...args: unknown[]) => unknown>();
  /** Commands that were run, with their arguments. */
  readonly ran: { readonly id: string; readonly args: readonly unknown[] }[] = [];
  readonly contexts = new Map<string, unknown>();
  readonly progress: ShownProgress[] = [];
  readonly treeViews = new Map<string, FakeTreeView<unknown>>();
  readonly outputs = new Map<string, string[]>();
  readonly providers = new Map<string, ContentProvider>();
  readonly documents: { readonly uri: Uri; readonly languageId: string; readonly text: string }[] =
    [];
  readonly statusBar: {
    text: string;
    tooltip: unknown;
    command: unknown;
    visible: boolean;
    accessibilityInformation?: unknown;
  }[] = [];
  readonly statusMessages: string[] = [];
  readonly panels: FakeWebviewPanel[] = [];
  readonly serializers = new Map<string, PanelSerializer>();
  readonly customEditors = new Map<string, CustomEditorProvider>();
  readonly watchers: FakeFileWatcher[] = [];
  readonly opened: string[] = [];
  /** Of all outputs: 1 is trace, 3 info. */
  logLevel = 3;
  readonly logLevels = new EventEmitter<number>();
  clipboard = '';
  language = 'en';
  shell = '/bin/bash';
  /** Texts of `l10n` in another language, by their English; undefined: English. */
  bundle: ReadonlyMap<string, string> | undefined;
  workspaceFolders: { readonly uri: Uri; readonly name: string; readonly index: number }[] = [];
  isTrusted = true;
  /** The window has the focus; set by `focus`. */
  focused = true;
  readonly windowStates = new EventEmitter<{ readonly focused: boolean }>();
  readonly trusted = new EventEmitter<void>();

  /** As at the start of a window without anything. */
  reset(): void {
    this.script.reset();
    this.settings.reset();
    this.trusted.dispose();
    for (const list of [
      this.commands,
      this.contexts,
      this.treeViews,
      this.outputs,
      this.providers,
      this.customEditors,
      this.serializers,
    ])
      list.clear();
    for (const list of [
      this.ran,
      this.progress,
      this.documents,
      this.statusBar,
      this.statusMessages,
      this.panels,
      this.watchers,
      this.opened,
      listenerErrors,
    ])
      list.length = 0;
    this.logLevel = 3;
    this.logLevels.dispose();
    this.clipboard = '';
    this.language = 'en';
    this.shell = '/bin/bash';
    this.bundle = undefined;
    this.workspaceFolders = [];
    this.isTrusted = true;
    this.focused = true;
    this.windowStates.dispose();
  }

  /** The window gets the focus, or loses it. */
  focus(focused: boolean): void {
    this.focused = focused;
    this.windowStates.fire({ focused });
  }

  /** What the person will do next. */
  play(...steps: readonly Step[]): void {
    this.script.play(...steps);
  }

  /** Everything that was asked or said. */
  get asked(): readonly Asked[] {
    return this.script.asked;
  }

  /** Texts of the messages of a kind. */
  said(...kinds: readonly ('info' | 'warning' | 'error')[]): string[] {
    const wanted: readonly string[] = kinds.length === 0 ? ['info', 'warning', 'error'] : kinds;
    return this.asked.filter(({ kind }) => wanted.includes(kind)).map(({ text }) => text);
  }

  treeView<T>(id: string): FakeTreeView<T> {
    const found = this.treeViews.get(id);
    if (found === undefined) throw new Error(`there is no view ${id}`);
    return found as FakeTreeView<T>;
  }

  /** Throws where the person was asked what they had no answer for, did not get to answer, or a listener threw. */
  assertDone(): void {
    const views = [...this.treeViews.values()].flatMap(({ problems }) => problems);
    const left = this.script.left.map((step) => `not asked for: ${JSON.stringify(step)}`);
    const all = [...this.script.problems, ...left, ...views, ...listenerErrors.map(String)];
    if (all.length > 0) throw new Error(all.join('\n'));
  }

  /** `window.withProgress`. */
  async showProgress(
    options: {
      readonly location: unknown;
      readonly title?: string;
      readonly cancellable?: boolean;
    },
    task: (progress: unknown, token: unknown) => PromiseLike<unknown>,
  ): Promise<unknown> {
    const { location, title = '', cancellable = false } = options;
    const cancel = new CancellationTokenSource();
    const shown: ShownProgress = {
      title,
      where: placeOf(location),
      cancellable,
      reports: [],
      cancel: () => cancel.cancel(),
      ended: false,
    };
    this.progress.push(shown);
    try {
      return await task({ report: (value: object) => shown.reports.push(value) }, cancel.token);
    } finally {
      shown.ended = true;
      cancel.dispose();
    }
  }
}

function placeOf(location: unknown): string {
  if (location === 15) return 'notification';
  if (location === 10) return 'window';
  return (location as { readonly viewId?: string }).viewId ?? String(location);
}

/** One editor for a test process: the module `vscode` is one, too. */
export const workbench = new Workbench();
