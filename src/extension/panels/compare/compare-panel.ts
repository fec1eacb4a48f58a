import path from 'node:path';
import * as vscode from 'vscode';
import type { AnatomyInfo } from '../../../engine/api/anatomy.ts';
import { requests } from '../../../engine/api/methods.ts';
import { DISK_COMPARE_STRINGS } from '../../../views/api/disk-compare-strings.ts';
import type {
  ComparedImages,
  DiskCompareInit,
  DiskCompareRequests,
  DiskCompareState,
  OpenedImages,
} from '../../../views/api/disk-compare.ts';
import { ANATOMY_EDITOR, DISK_COMPARE_VIEW } from '../../contributions/view-types.ts';
import type { Engine } from '../../engine/engine.ts';
import { ownFailure } from '../../errors/own-failure.ts';
import { inertText } from '../../words/inert-text.ts';
import { sendReload, serveView, translated, type ViewHandlers } from '../frame/view-channel.ts';
import { viewPage, viewsFolder } from '../frame/view-page.ts';
import { watchFile } from '../frame/watch-file.ts';

const { t } = vscode.l10n;

interface DiskCompareView {
  readonly requests: DiskCompareRequests;
  readonly init: DiskCompareInit;
  readonly state: DiskCompareState;
}

/** Parts of the extension that a comparison needs. */
export interface CompareServices {
  readonly context: Pick<vscode.ExtensionContext, 'extensionUri'>;
  readonly engine: Engine;
}

/** Shows two disk images side by side in a panel of their own. */
export function showComparison(
  services: CompareServices,
  left: vscode.Uri,
  right: vscode.Uri,
): void {
  const panel = vscode.window.createWebviewPanel(
    DISK_COMPARE_VIEW,
    titleOf(left, right),
    vscode.ViewColumn.Active,
    optionsOf(services),
  );
  new ComparePanel(services, panel, left, right).serve();
}

/** Brings comparisons back after a reload of the window, by what their views kept. */
export function registerComparisons(services: CompareServices): vscode.Disposable {
  return vscode.window.registerWebviewPanelSerializer(DISK_COMPARE_VIEW, {
    deserializeWebviewPanel: async (
      panel: vscode.WebviewPanel,
      state: Partial<DiskCompareState> | undefined,
    ) => {
      const { left, right } = state?.images ?? {};
      if (typeof left !== 'string' || typeof right !== 'string') {
        panel.dispose();
        return;
      }
      panel.webview.options = optionsOf(services);
      const files = [vscode.Uri.parse(left), vscode.Uri.parse(right)] as const;
      new ComparePanel(services, panel, ...files).serve();
    },
  });
}

const optionsOf = ({ context }: CompareServices): vscode.WebviewOptions => ({
  enableScripts: true,
  localResourceRoots: [viewsFolder(context.extensionUri)],
});

const titleOf = (left: vscode.Uri, right: vscode.Uri): string =>
  `${path.posix.basename(left.path)} ↔ ${path.posix.basename(right.path)}`;

/** One comparison. Both files stay open in the engine while its panel is. */
class ComparePanel {
  readonly #services: CompareServices;
  readonly #panel: vscode.WebviewPanel;
  readonly #files: Readonly<Record<'left' | 'right', vscode.Uri>>;
  #open: readonly string[] = [];
  #disposed = false;

  constructor(
    services: CompareServices,
    panel: vscode.WebviewPanel,
    left: vscode.Uri,
    right: vscode.Uri,
  ) {
    this.#services = services;
    this.#panel = panel;
    this.#files = { left, right };
  }

  serve(): void {
    const { extensionUri } = this.#services.context;
    const { webview } = this.#panel;
    const icon = (name: string): vscode.Uri => vscode.Uri.joinPath(extensionUri, 'media', name);
    this.#panel.iconPath = { light: icon('refpoint.svg'), dark: icon('refpoint-dark.svg') };
    const reload = (): void => sendReload(webview);
    const { left, right } = this.#files;
    const both = (text: (file: vscode.Uri) => string): ComparedImages => ({
      left: text(left),
      right: text(right),
    });
    const parts = [
      serveView<DiskCompareView>(webview, this.#handlers(), () => ({
        images: both(String),
        paths: both(({ fsPath }) => fsPath),
        strings: translated(DISK_COMPARE_STRINGS),
        language: vscode.env.language,
      })),
      this.#services.engine.onRestarted(reload),
      vscode.workspace.onDidGrantWorkspaceTrust(reload),
      ...[left, right].filter(isFile).map((file) => watchFile(file, reload)),
    ];
    this.#panel.onDidDispose(() => {
      this.#disposed = true;
      for (const part of parts) part.dispose();
      void this.#close();
    });
    webview.html = viewPage(webview, extensionUri, 'disk-compare');
  }

  #handlers(): ViewHandlers<DiskCompareRequests> {
    const { engine } = this.#services;
    return {
      open: (_params, token) => this.#openBoth(token),
      survey: (params, token) => engine.request(requests.anatomySurvey, params, token),
      sectors: (params, token) => engine.request(requests.anatomySectors, params, token),
      differences: (params, token, report) =>
        engine.requestWithProgress(requests.anatomyDifferences, params, report, token),
      openImage: async ({ side }) => {
        const file = Object.hasOwn(this.#files, side) ? this.#files[side] : undefined;
        if (file !== undefined) {
          await vscode.commands.executeCommand('vscode.openWith', file, ANATOMY_EDITOR);
        }
        return {};
      },
      copy: async ({ text }) => {
        await vscode.env.clipboard.writeText(text);
        return {};
      },
    };
  }

  /** The previous ones answer until their successors are open. */
  async #openBoth(token: vscode.CancellationToken): Promise<OpenedImages> {
    const trusted = vscode.workspace.isTrusted;
    const opened: AnatomyInfo[] = [];
    try {
      const open = async (file: vscode.Uri): Promise<AnatomyInfo> => {
        const info = await this.#openOne(file, trusted, token);
        opened.push(info);
        return info;
      };
      const left = await open(this.#files.left);
      const right = await open(this.#files.right);
      await this.#close();
      this.#open = opened.map(({ anatomyId }) => anatomyId);
      if (this.#disposed) await this.#close();
      return { images: { left, right }, trusted };
    } catch (error) {
      await this.#closeEach(opened.map(({ anatomyId }) => anatomyId));
      throw error;
    }
  }

  #openOne(
    file: vscode.Uri,
    followParents: boolean,
    token: vscode.CancellationToken,
  ): Promise<AnatomyInfo> {
    if (!isFile(file)) {
      throw ownFailure('view.notFile', t('Its address is of “{0}”.', inertText(file.scheme)));
    }
    const params = { path: file.fsPath, followParents };
    return this.#services.engine.request(requests.openAnatomy, params, token);
  }

  #close(): Promise<void> {
    const open = this.#open;
    this.#open = [];
    return this.#closeEach(open);
  }

  async #closeEach(ids: readonly string[]): Promise<void> {
    for (const anatomyId of ids) {
      // One that is gone already is closed.
      await this.#services.engine
        .request(requests.closeAnatomy, { anatomyId })
        .catch(() => undefined);
    }
  }
}

const isFile = ({ scheme }: vscode.Uri): boolean => scheme === 'file';
