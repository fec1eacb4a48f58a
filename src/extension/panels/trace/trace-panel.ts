import path from 'node:path';
import * as vscode from 'vscode';
import { requests } from '../../../engine/api/methods.ts';
import type { TraceInfo } from '../../../engine/api/trace.ts';
import { TRACE_STRINGS } from '../../../views/api/trace-strings.ts';
import type { TraceViewInit, TraceViewRequests, TraceViewState } from '../../../views/api/trace.ts';
import { TRACE_EDITOR } from '../../contributions/view-types.ts';
import type { Engine } from '../../engine/engine.ts';
import { ownFailure } from '../../errors/own-failure.ts';
import { inertText } from '../../words/inert-text.ts';
import { sendReload, serveView, translated, type ViewHandlers } from '../frame/view-channel.ts';
import { viewPage, viewsFolder } from '../frame/view-page.ts';

const { t } = vscode.l10n;

interface TracePanelView {
  readonly requests: TraceViewRequests;
  readonly init: TraceViewInit;
  readonly state: TraceViewState;
}

/** Parts of the extension that a recording's view needs. */
export interface TraceServices {
  readonly context: Pick<vscode.ExtensionContext, 'extensionUri'>;
  readonly engine: Engine;
}

/** The editor of recordings: read-only. */
export function registerTraceEditor(services: TraceServices): vscode.Disposable {
  const provider: vscode.CustomReadonlyEditorProvider = {
    openCustomDocument: (uri) => ({ uri, dispose: () => undefined }),
    resolveCustomEditor: ({ uri }, panel) => new TracePanel(services, panel, uri).serve(),
  };
  const options = { supportsMultipleEditorsPerDocument: true };
  return vscode.window.registerCustomEditorProvider(TRACE_EDITOR, provider, options);
}

/** Asks for a recording. Returns undefined if nothing was chosen. */
export async function askForTrace(title: string): Promise<vscode.Uri | undefined> {
  const filters = { [t('Recordings')]: ['rptrace'], [t('All files')]: ['*'] };
  const [chosen] = (await vscode.window.showOpenDialog({ title, filters })) ?? [];
  return chosen;
}

/** One editor of a recording. The file stays open in the engine while the editor is. */
class TracePanel {
  readonly #services: TraceServices;
  readonly #panel: vscode.WebviewPanel;
  readonly #file: vscode.Uri;
  /** IDs of this editor's own recording and of the one beside it, while the engine has them open. */
  #own: string | undefined;
  #other: string | undefined;
  #disposed = false;

  constructor(services: TraceServices, panel: vscode.WebviewPanel, file: vscode.Uri) {
    this.#services = services;
    this.#panel = panel;
    this.#file = file;
  }

  serve(): void {
    const { extensionUri } = this.#services.context;
    const { webview } = this.#panel;
    webview.options = { enableScripts: true, localResourceRoots: [viewsFolder(extensionUri)] };
    const parts = [
      serveView<TracePanelView>(webview, this.#handlers(), () => ({
        name: path.posix.basename(this.#file.path),
        strings: translated(TRACE_STRINGS),
        language: vscode.env.language,
      })),
      this.#services.engine.onRestarted(() => sendReload(webview)),
    ];
    this.#panel.onDidDispose(() => {
      this.#disposed = true;
      for (const part of parts) part.dispose();
      void this.#closeAll();
    });
    webview.html = viewPage(webview, extensionUri, 'trace');
  }

  #handlers(): ViewHandlers<TraceViewRequests> {
    const { engine } = this.#services;
    return {
      open: async (_params, token) => {
        const info = await this.#open(this.#file, token);
        await this.#closeAll();
        this.#own = info.traceId;
        if (this.#disposed) await this.#closeAll();
        return info;
      },
      page: (params, token) => engine.request(requests.tracePage, params, token),
      exchange: (params, token) => engine.request(requests.traceExchange, params, token),
      compare: (params, token) => engine.request(requests.compareTraces, params, token),
      chooseOther: async (_params, token) => {
        const file = await askForTrace(t('Compare With Which Recording'));
        if (file === undefined) return null;
        const info = await this.#open(file, token);
        await this.#close(this.#other);
        this.#other = info.traceId;
        return info;
      },
      copy: async ({ text }) => {
        await vscode.env.clipboard.writeText(text);
        return {};
      },
    };
  }

  #open({ scheme, fsPath }: vscode.Uri, token: vscode.CancellationToken): Promise<TraceInfo> {
    if (scheme !== 'file') {
      throw ownFailure('view.notFile', t('Its address is of “{0}”.', inertText(scheme)));
    }
    return this.#services.engine.request(requests.openTrace, { path: fsPath }, token);
  }

  async #closeAll(): Promise<void> {
    const open = [this.#own, this.#other];
    [this.#own, this.#other] = [undefined, undefined];
    for (const each of open) await this.#close(each);
  }

  async #close(traceId: string | undefined): Promise<void> {
    if (traceId === undefined) return;
    // One that is gone already is closed.
    await this.#services.engine.request(requests.closeTrace, { traceId }).catch(() => undefined);
  }
}
