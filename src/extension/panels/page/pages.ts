import * as vscode from 'vscode';
import { presentError } from '../../errors/present-error.ts';
import { PagePanels } from './page-panels.ts';
import type { PageMaker } from '../../pages/page-makers.ts';
import { isRendered, PAGE_SCHEME, pageUri, parsePageUri, type Page } from '../../pages/page-uri.ts';
import type { PageText, PageTexts } from '../../pages/page-texts.ts';

/**
 * Reports and findings as rendered pages, everything else as read-only documents. Contents are made whenever a page is opened, or what
 * it shows has changed.
 */
export class Pages implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #texts: PageTexts;
  readonly #panels: PagePanels;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #registered: vscode.Disposable;
  readonly #shown = new Map<string, vscode.Uri>();

  readonly onDidChange = this.#changed.event;

  constructor(extension: vscode.Uri, texts: PageTexts, make: PageMaker) {
    this.#texts = texts;
    this.#panels = new PagePanels(extension, make, (page, name, source) =>
      source ? this.#showText(page, name) : this.show(page, name),
    );
    this.#registered = vscode.workspace.registerTextDocumentContentProvider(PAGE_SCHEME, this);
  }

  /** Opens a page; one that is open already is made anew. */
  async show(page: Page, name: string): Promise<void> {
    if (isRendered(page)) this.#panels.show(page, name);
    else await this.#showText(page, name);
  }

  /** Refreshes the pages that show what has changed. */
  refresh(about: (page: Page) => boolean): void {
    this.#panels.refresh(about);
    for (const uri of this.#shown.values()) {
      const page = parsePageUri(uri);
      if (page !== undefined && about(page)) this.#changed.fire(uri);
    }
  }

  async provideTextDocumentContent(
    uri: vscode.Uri,
    token: vscode.CancellationToken,
  ): Promise<string> {
    const page = parsePageUri(uri);
    if (page === undefined) return `${vscode.l10n.t('This address names nothing.')}\n`;
    this.#shown.set(uri.toString(), uri);
    try {
      const make = this.#texts[page.kind] as PageText<Page['kind']>;
      return await make(page, token);
    } catch (error) {
      return `${presentError(error).text}\n`;
    }
  }

  dispose(): void {
    this.#registered.dispose();
    this.#panels.dispose();
    this.#changed.dispose();
  }

  async #showText(page: Page, name: string): Promise<void> {
    const uri = pageUri(page, name);
    if (this.#shown.has(uri.toString())) this.#changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: true });
  }
}
