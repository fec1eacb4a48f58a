/** The module `vscode` in tests: the part of the API that the extension uses, with the editor's rules and a scripted person. */
import fs from 'node:fs/promises';
import { CancellationTokenSource, Disposable, EventEmitter } from './vscode/events.ts';
import {
  FakeInputBox,
  FakeQuickPick,
  hideShown,
  showInputBox,
  showQuickPick,
} from './vscode/quick-input.ts';
import { FakeFileWatcher, type RelativePattern } from './vscode/file-watcher.ts';
import { FakeTreeView } from './vscode/tree-view.ts';
import { Uri } from './vscode/uri.ts';
import { FakeWebviewPanel } from './vscode/webview.ts';
import { workbench } from './vscode/workbench.ts';

export {
  CancellationError,
  CancellationTokenSource,
  Disposable,
  EventEmitter,
} from './vscode/events.ts';
export { RelativePattern } from './vscode/file-watcher.ts';
export { Uri } from './vscode/uri.ts';
export * from './vscode/language.ts';
import {
  actionProviders,
  shownProblems,
  type ActionProvider,
  type Diagnostic,
} from './vscode/language.ts';
export * from './vscode/values.ts';

export const version = '1.105.0';

export const env = {
  get language() {
    return workbench.language;
  },
  get shell() {
    return workbench.shell;
  },
  remoteName: undefined,
  appName: 'Test',
  uiKind: 1,
  clipboard: {
    readText: async () => workbench.clipboard,
    writeText: async (text: string) => {
      workbench.clipboard = text;
    },
  },
  openExternal: async (uri: Uri) => {
    workbench.opened.push(uri.toString());
    return true;
  },
};

interface Message {
  readonly message: string;
  readonly args?: readonly unknown[] | Readonly<Record<string, unknown>>;
}

export const l10n = {
  t(message: string | Message, ...args: readonly unknown[]): string {
    const english = typeof message === 'string' ? message : message.message;
    const text = workbench.bundle?.get(english) ?? english;
    const given = typeof message === 'string' ? args : (message.args ?? []);
    const [first] = given as readonly unknown[];
    const values = (typeof first === 'object' && first !== null ? first : given) as Readonly<
      Record<string, string | number | undefined>
    >;
    return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
      values[name] === undefined ? whole : String(values[name]),
    );
  },
  bundle: undefined,
  uri: undefined,
};

/** Commands of the editor itself that the extension runs. */
const BUILT_IN =
  /^(setContext|vscode\.|revealFileInOS$|revealInExplorer$|workbench\.|refpoint\.\w+\.focus$|markdown\.)/;

export const commands = {
  registerCommand(id: string, handler: (...args: unknown[]) => unknown): Disposable {
    if (workbench.commands.has(id)) throw new Error(`command '${id}' already exists`);
    workbench.commands.set(id, handler);
    return new Disposable(() => workbench.commands.delete(id));
  },
  async executeCommand(id: string, ...args: unknown[]): Promise<unknown> {
    workbench.ran.push({ id, args });
    if (id === 'setContext') {
      workbench.contexts.set(args[0] as string, args[1]);
      return undefined;
    }
    const handler = workbench.commands.get(id);
    if (handler !== undefined) return handler(...args);
    if (BUILT_IN.test(id)) return undefined;
    throw new Error(`command '${id}' not found`);
  },
  getCommands: async () => [...workbench.commands.keys()],
};

type MessageKind = 'info' | 'warning' | 'error';

function showMessage(kind: MessageKind) {
  return async (text: string, ...rest: readonly unknown[]): Promise<unknown> => {
    const [first] = rest;
    const hasOptions = typeof first === 'object' && first !== null && !('title' in first);
    const options = (hasOptions ? first : {}) as {
      readonly modal?: boolean;
      readonly detail?: string;
    };
    const items = (hasOptions ? rest.slice(1) : rest) as readonly (string | { title: string })[];
    const title = (item: string | { title: string }): string =>
      typeof item === 'string' ? item : item.title;
    const buttons = items.map(title);
    const { modal = false, detail = '' } = options;
    workbench.script.record({ kind, text, detail, modal, buttons });
    // A message may be left alone; what blocks the window may not.
    const pressed = modal ? pressModal(text, buttons) : workbench.script.nextPress(buttons);
    return items.find((item) => title(item) === pressed);
  };
}

function pressModal(text: string, buttons: readonly string[]): string | undefined {
  const step = workbench.script.next(
    `the question “${text}” (${buttons.join(', ')})`,
    'press',
    'giveUp',
  );
  if (step?.kind !== 'press') return undefined;
  if (!buttons.includes(step.button))
    workbench.script.problems.push(`“${text}” has no ${step.button}`);
  return step.button;
}

const showOpenDialog = async (
  options: { readonly title?: string } = {},
): Promise<Uri[] | undefined> => {
  hideShown();
  workbench.script.record({ kind: 'open', text: options.title ?? '' });
  const step = workbench.script.next(`the dialog ${options.title}`, 'choose', 'giveUp');
  return step?.kind === 'choose' ? step.paths.map((path) => Uri.file(path)) : undefined;
};

const showSaveDialog = async (
  options: { readonly title?: string } = {},
): Promise<Uri | undefined> => {
  hideShown();
  workbench.script.record({ kind: 'save', text: options.title ?? '' });
  const step = workbench.script.next(`the dialog ${options.title}`, 'choose', 'giveUp');
  return step?.kind === 'choose' ? Uri.file(step.paths[0] ?? '') : undefined;
};

function createOutputChannel(name: string): object {
  const lines: string[] = [];
  workbench.outputs.set(name, lines);
  const at =
    (level: string) =>
    (text: unknown, ...args: readonly unknown[]): void => {
      const words = [text, ...args].map((each) =>
        each instanceof Error ? each.stack : typeof each === 'string' ? each : JSON.stringify(each),
      );
      lines.push(`[${level}] ${words.join(' ')}`);
    };
  return {
    name,
    get logLevel() {
      return workbench.logLevel;
    },
    onDidChangeLogLevel: workbench.logLevels.event,
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warning'),
    error: at('error'),
    append: at('append'),
    appendLine: at('append'),
    replace: at('append'),
    clear: () => undefined,
    show: () => void workbench.ran.push({ id: `output.show:${name}`, args: [] }),
    hide: () => undefined,
    dispose: () => undefined,
  };
}

function createStatusBarItem(): object {
  const item = {
    text: '',
    tooltip: undefined as unknown,
    command: undefined as unknown,
    visible: false,
    show: () => {
      item.visible = true;
    },
    hide: () => {
      item.visible = false;
    },
    dispose: () => {
      item.visible = false;
    },
  };
  workbench.statusBar.push(item);
  return item;
}

/** An event of documents and tabs, of which there are none here. */
const silent = new EventEmitter<unknown>().event;

export const window = {
  visibleTextEditors: [],
  activeTextEditor: undefined,
  tabGroups: { all: [], onDidChangeTabs: silent },
  onDidChangeActiveTextEditor: silent,
  onDidChangeVisibleTextEditors: silent,
  get state() {
    return { focused: workbench.focused, active: true };
  },
  onDidChangeWindowState: workbench.windowStates.event,
  activeColorTheme: { kind: 2 },
  onDidChangeActiveColorTheme: new EventEmitter<unknown>().event,
  showInformationMessage: showMessage('info'),
  showWarningMessage: showMessage('warning'),
  showErrorMessage: showMessage('error'),
  showQuickPick: (items: never, options?: object) =>
    showQuickPick(workbench.script, items, options),
  showInputBox: (options?: object) => showInputBox(workbench.script, options),
  createQuickPick: () => new FakeQuickPick(workbench.script),
  createInputBox: () => new FakeInputBox(workbench.script),
  showOpenDialog,
  showSaveDialog,
  withProgress: (options: never, task: never) => workbench.showProgress(options, task),
  createTreeView<T>(
    id: string,
    options: ConstructorParameters<typeof FakeTreeView<T>>[1],
  ): FakeTreeView<T> {
    const view = new FakeTreeView<T>(id, options);
    workbench.treeViews.set(id, view as FakeTreeView<unknown>);
    return view;
  },
  createOutputChannel,
  createStatusBarItem,
  setStatusBarMessage: (text: string): Disposable => {
    workbench.statusMessages.push(text);
    return new Disposable();
  },
  showTextDocument: async (document: unknown) => ({ document }),
  registerWebviewPanelSerializer(viewType: string, serializer: never): Disposable {
    workbench.serializers.set(viewType, serializer);
    return new Disposable(() => workbench.serializers.delete(viewType));
  },
  createWebviewPanel(
    viewType: string,
    title: string,
    _column: unknown,
    options: object,
  ): FakeWebviewPanel {
    const panel = new FakeWebviewPanel(viewType);
    panel.title = title;
    panel.webview.options = options;
    workbench.panels.push(panel);
    return panel;
  },
  registerCustomEditorProvider(id: string, provider: never): Disposable {
    workbench.customEditors.set(id, provider);
    return new Disposable(() => workbench.customEditors.delete(id));
  },
  registerFileDecorationProvider: () => new Disposable(),
};

async function openTextDocument(
  what: Uri | { readonly content?: string; readonly language?: string },
): Promise<object> {
  const uri = what instanceof Uri ? what : Uri.from({ scheme: 'untitled', path: 'Untitled-1' });
  const text = what instanceof Uri ? await contentOf(what) : (what.content ?? '');
  const languageId = what instanceof Uri ? languageOf(uri) : (what.language ?? 'plaintext');
  workbench.documents.push({ uri, languageId, text });
  return { uri, languageId, getText: () => text, isUntitled: !(what instanceof Uri) };
}

async function contentOf(uri: Uri): Promise<string> {
  const provider = workbench.providers.get(uri.scheme);
  if (provider !== undefined) {
    const text = await provider.provideTextDocumentContent(
      uri,
      new CancellationTokenSource().token,
    );
    return typeof text === 'string' ? text : '';
  }
  if (uri.scheme !== 'file') throw new Error(`cannot open ${uri.toString()}`);
  return fs.readFile(uri.fsPath, 'utf8');
}

const languageOf = (uri: Uri): string =>
  uri.path.endsWith('.md') ? 'markdown' : uri.path.endsWith('.json') ? 'json' : 'plaintext';

export const workspace = {
  get workspaceFolders() {
    return workbench.workspaceFolders.length === 0 ? undefined : workbench.workspaceFolders;
  },
  get isTrusted() {
    return workbench.isTrusted;
  },
  onDidGrantWorkspaceTrust: workbench.trusted.event,
  getConfiguration: (section?: string) => workbench.settings.section(section),
  createFileSystemWatcher(pattern: RelativePattern): FakeFileWatcher {
    const watcher = new FakeFileWatcher(pattern);
    workbench.watchers.push(watcher);
    return watcher;
  },
  onDidChangeConfiguration: workbench.settings.changed.event,
  openTextDocument,
  textDocuments: [],
  notebookDocuments: [],
  onDidChangeWorkspaceFolders: silent,
  onDidOpenTextDocument: silent,
  onDidCloseTextDocument: silent,
  onDidChangeTextDocument: silent,
  onDidSaveTextDocument: silent,
  onWillSaveTextDocument: silent,
  onDidOpenNotebookDocument: silent,
  onDidCloseNotebookDocument: silent,
  onDidChangeNotebookDocument: silent,
  onDidSaveNotebookDocument: silent,
  onDidCreateFiles: silent,
  onDidRenameFiles: silent,
  onDidDeleteFiles: silent,
  onWillCreateFiles: silent,
  onWillRenameFiles: silent,
  onWillDeleteFiles: silent,
  registerTextDocumentContentProvider(scheme: string, provider: never): Disposable {
    workbench.providers.set(scheme, provider);
    return new Disposable(() => workbench.providers.delete(scheme));
  },
  fs: {
    createDirectory: async (uri: Uri) => void (await fs.mkdir(uri.fsPath, { recursive: true })),
    readFile: async (uri: Uri) => fs.readFile(uri.fsPath),
    writeFile: async (uri: Uri, bytes: Uint8Array) => fs.writeFile(uri.fsPath, bytes),
    delete: async (uri: Uri) => fs.rm(uri.fsPath, { recursive: true, force: true }),
  },
};

/** The language client asks for these; findings of images are recorded. */
export const languages = {
  match: () => 0,
  createDiagnosticCollection: () => ({
    set: (uri: Uri, problems: readonly Diagnostic[]) => shownProblems.set(String(uri), problems),
    dispose: () => shownProblems.clear(),
  }),
  registerCodeActionsProvider: (_selector: unknown, provider: ActionProvider) => {
    actionProviders.add(provider);
    return { dispose: () => actionProviders.delete(provider) };
  },
};
