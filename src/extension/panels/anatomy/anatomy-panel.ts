import path from 'node:path';
import * as vscode from 'vscode';
import type { AnatomyInfo } from '../../../engine/api/anatomy.ts';
import { requests } from '../../../engine/api/methods.ts';
import { DISK_ANATOMY_STRINGS } from '../../../views/api/disk-anatomy-strings.ts';
import type {
  DiskAnatomyInit,
  DiskAnatomyRequests,
  DiskAnatomyState,
  OpenedAnatomy,
} from '../../../views/api/disk-anatomy.ts';
import type { Engine } from '../../engine/engine.ts';
import { ownFailure } from '../../errors/own-failure.ts';
import { inertText } from '../../words/inert-text.ts';
import type { ImageProblems } from './fixes/image-problems.ts';
import { openParent } from './open-parent.ts';
import { IMAGE_FIXES } from './fixes/fix-image.ts';
import { sendReload, serveView, translated, type ViewHandlers } from '../frame/view-channel.ts';
import { viewPage, viewsFolder } from '../frame/view-page.ts';
import { watchFile } from '../frame/watch-file.ts';

const { t } = vscode.l10n;

interface DiskAnatomyView {
  readonly requests: DiskAnatomyRequests;
  readonly init: DiskAnatomyInit;
  readonly state: DiskAnatomyState;
}

/** Parts of the extension that an anatomy needs. */
export interface AnatomyServices {
  readonly context: Pick<vscode.ExtensionContext, 'extensionUri'>;
  readonly engine: Engine;
}

interface PanelServices extends AnatomyServices {
  readonly problems: ImageProblems;
}

/** One editor of a disk image. The file stays open in the engine while the editor is. */
export class AnatomyPanel {
  readonly #services: PanelServices;
  readonly #panel: vscode.WebviewPanel;
  readonly #file: vscode.Uri;
  #info: AnatomyInfo | undefined;
  #disposed = false;

  constructor(services: PanelServices, panel: vscode.WebviewPanel, file: vscode.Uri) {
    this.#services = services;
    this.#panel = panel;
    this.#file = file;
  }

  serve(): void {
    const { extensionUri } = this.#services.context;
    const { webview } = this.#panel;
    const views = viewsFolder(extensionUri);
    webview.options = { enableScripts: true, localResourceRoots: [views] };
    const reload = (): void => sendReload(webview);
    const parts = [
      serveView<DiskAnatomyView>(webview, this.#handlers(), () => ({
        name: path.posix.basename(this.#file.path),
        strings: translated(DISK_ANATOMY_STRINGS),
        language: vscode.env.language,
      })),
      this.#services.engine.onRestarted(reload),
      vscode.workspace.onDidGrantWorkspaceTrust(reload),
      ...(this.#file.scheme === 'file' ? [watchFile(this.#file, reload)] : []),
    ];
    this.#panel.onDidDispose(() => {
      this.#disposed = true;
      for (const part of parts) part.dispose();
      void this.#close();
    });
    webview.html = viewPage(webview, extensionUri, 'disk-anatomy');
  }

  #handlers(): ViewHandlers<DiskAnatomyRequests> {
    const { engine } = this.#services;
    return {
      open: (_params, token) => this.#open(token),
      blocks: (params, token) => engine.request(requests.anatomyBlocks, params, token),
      block: (params, token) => engine.request(requests.anatomyBlock, params, token),
      bytes: (params, token) => engine.request(requests.anatomyBytes, params, token),
      survey: async (params, token) => {
        const survey = await engine.request(requests.anatomySurvey, params, token);
        if (this.#file.scheme === 'file' && !this.#disposed) {
          this.#services.problems.show(this.#file, survey);
        }
        return survey;
      },
      sectors: (params, token) => engine.request(requests.anatomySectors, params, token),
      search: (params, token, report) =>
        engine.requestWithProgress(requests.anatomySearch, params, report, token),
      fix: async ({ fix }) => ({
        done:
          Object.hasOwn(IMAGE_FIXES, fix) && (await IMAGE_FIXES[fix](this.#services, this.#file)),
      }),
      openParent: async ({ key }) => {
        const parent = this.#info?.parents.find((each) => each.key === key);
        return {
          opened: parent !== undefined && (await openParent(parent, this.#file, process.platform)),
        };
      },
      reopenAsText: async () => {
        const { viewColumn } = this.#panel;
        await vscode.commands.executeCommand('vscode.openWith', this.#file, 'default', viewColumn);
        this.#panel.dispose();
        return {};
      },
      copy: async ({ text }) => {
        await vscode.env.clipboard.writeText(text);
        return {};
      },
    };
  }

  /** The previous one answers until its successor is open. */
  async #open(token: vscode.CancellationToken): Promise<OpenedAnatomy> {
    const { scheme, fsPath } = this.#file;
    if (scheme !== 'file') {
      throw ownFailure('view.notFile', t('Its address is of “{0}”.', inertText(scheme)));
    }
    const trusted = vscode.workspace.isTrusted;
    const params = { path: fsPath, followParents: trusted };
    const info = await this.#services.engine.request(requests.openAnatomy, params, token);
    await this.#close();
    this.#info = info;
    if (this.#disposed) await this.#close();
    return { info, trusted };
  }

  async #close(): Promise<void> {
    const anatomyId = this.#info?.anatomyId;
    this.#info = undefined;
    if (anatomyId === undefined) return;
    // One that is gone already is closed.
    await this.#services.engine
      .request(requests.closeAnatomy, { anatomyId })
      .catch(() => undefined);
  }
}
