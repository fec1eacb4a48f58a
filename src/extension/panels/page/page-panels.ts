import * as vscode from 'vscode';
import type {
  ReportPageInit,
  ReportPageRequests,
  ReportPageState,
} from '../../../views/api/report-page.ts';
import { REPORT_PAGE_STRINGS } from '../../../views/api/report-page-strings.ts';
import { COMMANDS } from '../../contributions/command-table.ts';
import { REPORT_PAGE_VIEW } from '../../contributions/view-types.ts';
import { inertText } from '../../words/inert-text.ts';
import type { PageMaker } from '../../pages/page-makers.ts';
import type { LinkTarget } from '../../pages/page-parts.ts';
import {
  isRendered,
  pageUri,
  parsePage,
  plainName,
  type Page,
  type RenderedPage,
} from '../../pages/page-uri.ts';
import { sendReload, serveView, translated, type ViewHandlers } from '../frame/view-channel.ts';
import { viewPage, viewsFolder } from '../frame/view-page.ts';

interface ReportPageView {
  readonly requests: ReportPageRequests;
  readonly init: ReportPageInit;
  readonly state: ReportPageState;
}

/** Opens another page. @param source as text instead of rendered. */
export type ShowPage = (page: Page, name: string, source: boolean) => Promise<void>;

/** Rendered pages, one panel each. */
export class PagePanels implements vscode.Disposable {
  readonly #extension: vscode.Uri;
  readonly #make: PageMaker;
  readonly #showPage: ShowPage;
  readonly #open = new Map<string, PagePanel>();
  readonly #serializer: vscode.Disposable;

  constructor(extension: vscode.Uri, make: PageMaker, showPage: ShowPage) {
    this.#extension = extension;
    this.#make = make;
    this.#showPage = showPage;
    this.#serializer = vscode.window.registerWebviewPanelSerializer(REPORT_PAGE_VIEW, {
      deserializeWebviewPanel: async (panel, state: ReportPageState | undefined) => {
        const page = parsePage(state?.page);
        if (page === undefined || !isRendered(page)) panel.dispose();
        else this.#serve(panel, page, typeof state?.name === 'string' ? state.name : page.kind);
      },
    });
  }

  /** Opens a page; one that is open already comes to the front and is made anew. */
  show(page: RenderedPage, name: string): void {
    const open = this.#open.get(keyOf(page));
    if (open !== undefined) {
      open.reveal();
      return;
    }
    const panel = vscode.window.createWebviewPanel(
      REPORT_PAGE_VIEW,
      inertText(plainName(name)),
      vscode.ViewColumn.Active,
      this.#options(),
    );
    this.#serve(panel, page, name);
  }

  /** Makes the open pages anew that are about something that has changed. */
  refresh(about: (page: Page) => boolean): void {
    for (const open of this.#open.values()) if (about(open.page)) open.reload();
  }

  dispose(): void {
    this.#serializer.dispose();
  }

  #serve(panel: vscode.WebviewPanel, page: RenderedPage, name: string): void {
    const key = keyOf(page);
    const served = new PagePanel(panel, page, name, this.#make, this.#showPage);
    this.#open.set(key, served);
    panel.onDidDispose(() => {
      if (this.#open.get(key) === served) this.#open.delete(key);
    });
    panel.webview.options = this.#options();
    served.serve(this.#extension);
  }

  /** No command can be run by an address: links cross as numbers. */
  #options(): vscode.WebviewOptions {
    return {
      enableScripts: true,
      enableCommandUris: false,
      localResourceRoots: [viewsFolder(this.#extension)],
    };
  }
}

const keyOf = (page: Page): string => pageUri(page, '').toString();

class PagePanel {
  readonly page: RenderedPage;
  readonly #panel: vscode.WebviewPanel;
  readonly #name: string;
  readonly #make: PageMaker;
  readonly #showPage: ShowPage;
  /** Targets of the links of the page that the view shows. */
  #targets: readonly LinkTarget[] = [];

  constructor(
    panel: vscode.WebviewPanel,
    page: RenderedPage,
    name: string,
    make: PageMaker,
    showPage: ShowPage,
  ) {
    this.page = page;
    this.#panel = panel;
    this.#name = name;
    this.#make = make;
    this.#showPage = showPage;
  }

  serve(extension: vscode.Uri): void {
    const { webview } = this.#panel;
    const icon = (name: string): vscode.Uri => vscode.Uri.joinPath(extension, 'media', name);
    this.#panel.iconPath = { light: icon('refpoint.svg'), dark: icon('refpoint-dark.svg') };
    const channel = serveView<ReportPageView>(webview, this.#handlers(), () => ({
      strings: translated(REPORT_PAGE_STRINGS),
    }));
    this.#panel.onDidDispose(() => channel.dispose());
    webview.html = viewPage(webview, extension, 'report-page');
  }

  reveal(): void {
    this.#panel.reveal();
    this.reload();
  }

  reload(): void {
    sendReload(this.#panel.webview);
  }

  #handlers(): ViewHandlers<ReportPageRequests> {
    return {
      open: async (_params, token) => {
        const { document, targets } = await this.#make(this.page, token);
        this.#targets = targets;
        return { document, state: { version: 1, page: { ...this.page }, name: this.#name } };
      },
      follow: async ({ link }) => {
        const target = Number.isInteger(link) ? this.#targets[link] : undefined;
        if (target === undefined) throw new Error(vscode.l10n.t('The page has no such link.'));
        await this.#follow(target);
        return {};
      },
    };
  }

  /** Runs what a link stands for: opens a page, copies a text, or runs a command of ours. */
  async #follow(target: LinkTarget): Promise<void> {
    if ('page' in target) {
      await this.#showPage(target.page, target.name, target.source === true);
      return;
    }
    if ('copy' in target) {
      await vscode.env.clipboard.writeText(target.copy);
      return;
    }
    const { command, node, args = [] } = target;
    if (Object.hasOwn(COMMANDS, command)) {
      await vscode.commands.executeCommand(command, node, ...args);
    }
  }
}
