import path from 'node:path';
import * as vscode from 'vscode';
import type { MapInfo, MapReference } from '../../../engine/api/change-map.ts';
import type { HostTarget } from '../../../engine/api/host.ts';
import { requests } from '../../../engine/api/methods.ts';
import { CHANGE_MAP_STRINGS } from '../../../views/api/change-map-strings.ts';
import type {
  ChangeMapInit,
  ChangeMapRequests,
  ChangeMapState,
} from '../../../views/api/change-map.ts';
import { CHANGE_MAP_VIEW } from '../../contributions/view-types.ts';
import type { Engine } from '../../engine/engine.ts';
import { ownFailure } from '../../errors/own-failure.ts';
import type { Connections } from '../../hosts/connection.ts';
import type { HostsModel } from '../../hosts/hosts-model.ts';
import { canonicalUrl } from '../../settings/host-address.ts';
import { inertText } from '../../words/inert-text.ts';
import { withPointNames } from '../../words/point-name.ts';
import { serveView, translated, type Report, type ViewHandlers } from '../frame/view-channel.ts';
import { folderOutsideStores } from '../../settings/save-folder.ts';
import type { Seen } from './seen.ts';
import { viewPage, viewsFolder } from '../frame/view-page.ts';

const { t } = vscode.l10n;

interface ChangeMapView {
  readonly requests: ChangeMapRequests;
  readonly init: ChangeMapInit;
  readonly state: ChangeMapState;
}

/** Parts of the extension that a change map needs. */
export interface MapServices {
  readonly context: Pick<vscode.ExtensionContext, 'extensionUri' | 'globalStorageUri'>;
  readonly engine: Engine;
  readonly connections: Pick<Connections, 'target'>;
  readonly hosts: Pick<HostsModel, 'hosts'>;
  readonly seen: Seen;
}

/** Opens a map in a panel of its own. */
export async function showChangeMap(services: MapServices, reference: MapReference): Promise<void> {
  const { extensionUri } = services.context;
  const panel = vscode.window.createWebviewPanel(
    CHANGE_MAP_VIEW,
    t('Change Map'),
    vscode.ViewColumn.Active,
    { enableScripts: true, localResourceRoots: [viewsFolder(extensionUri)] },
  );
  new ChangeMapPanel(services, panel, reference).serve();
}

/** Brings maps back after a reload of the window, by what their views kept. */
export function registerChangeMaps(services: MapServices): vscode.Disposable {
  return vscode.window.registerWebviewPanelSerializer(CHANGE_MAP_VIEW, {
    deserializeWebviewPanel: async (
      panel: vscode.WebviewPanel,
      state: ChangeMapState | undefined,
    ) => {
      if (state === undefined) {
        panel.dispose();
        return;
      }
      panel.webview.options = {
        enableScripts: true,
        localResourceRoots: [viewsFolder(services.context.extensionUri)],
      };
      new ChangeMapPanel(services, panel, state.reference).serve();
    },
  });
}

class ChangeMapPanel {
  readonly #services: MapServices;
  readonly #panel: vscode.WebviewPanel;
  readonly #reference: MapReference;
  #info: MapInfo | undefined;
  #disposed = false;

  constructor(services: MapServices, panel: vscode.WebviewPanel, reference: MapReference) {
    this.#services = services;
    this.#panel = panel;
    this.#reference = reference;
  }

  serve(): void {
    const { extensionUri } = this.#services.context;
    const { webview } = this.#panel;
    const icon = (name: string): vscode.Uri => vscode.Uri.joinPath(extensionUri, 'media', name);
    this.#panel.iconPath = { light: icon('refpoint.svg'), dark: icon('refpoint-dark.svg') };
    const channel = serveView<ChangeMapView>(webview, this.#handlers(), (state) => ({
      reference: state?.reference ?? this.#reference,
      strings: translated(CHANGE_MAP_STRINGS),
      language: vscode.env.language,
    }));
    this.#panel.onDidDispose(() => {
      this.#disposed = true;
      channel.dispose();
      void this.#close();
    });
    webview.html = viewPage(webview, extensionUri, 'change-map');
  }

  #handlers(): ViewHandlers<ChangeMapRequests> {
    const { engine } = this.#services;
    return {
      open: ({ reference }, token, report) => this.#open(reference, token, report),
      tiles: (params, token) => engine.request(requests.mapTiles, params, token),
      page: (params, token) => engine.request(requests.mapPage, params, token),
      place: (params, token) => engine.request(requests.mapPlace, params, token),
      seek: (params, token) => engine.request(requests.mapSeek, params, token),
      csv: async ({ mapId, frame }, token, report) => {
        const file = await this.#askFile('csv', 'CSV');
        if (file === undefined) return { saved: false };
        // The engine writes it, to files of this machine only.
        if (file.scheme !== 'file') {
          throw ownFailure('view.notFile', t('Its address is of “{0}”.', inertText(file.scheme)));
        }
        const params = { mapId, frame, path: file.fsPath };
        await engine.requestWithProgress(requests.mapCsv, params, report, token);
        return { saved: true };
      },
      png: async ({ png, name }) => {
        const file = await this.#askFile('png', 'PNG', name);
        if (file === undefined) return { saved: false };
        await vscode.workspace.fs.writeFile(file, Buffer.from(png, 'base64'));
        return { saved: true };
      },
      copy: async ({ text }) => {
        await vscode.env.clipboard.writeText(text);
        return {};
      },
    };
  }

  async #open(
    reference: MapReference,
    token: vscode.CancellationToken,
    report: Report,
  ): Promise<MapInfo> {
    await this.#close();
    const target = reference.kind === 'query' ? await this.#target(reference.host) : null;
    const keepIn = path.join(this.#services.context.globalStorageUri.fsPath, 'ranges');
    const info = await this.#services.engine.requestWithProgress(
      requests.openMap,
      { reference, target, keepIn },
      report,
      token,
    );
    this.#info = info;
    if (this.#disposed) await this.#close();
    else {
      this.#panel.title = withPointNames(info.title);
      this.#services.seen.mapShown();
    }
    return info;
  }

  async #target(url: string): Promise<HostTarget> {
    const { hosts, connections } = this.#services;
    const found = hosts.hosts.find(({ host }) => canonicalUrl(host.url) === canonicalUrl(url));
    if (found === undefined) {
      throw ownFailure('http.url', t('The host {0} is no longer in the list.', url));
    }
    const target = await connections.target(found.host, true);
    if (target === undefined) {
      throw ownFailure('http.auth.missing', t('Not connected to {0}.', url));
    }
    return target;
  }

  async #askFile(
    extension: string,
    kind: string,
    suggested?: string,
  ): Promise<vscode.Uri | undefined> {
    const plain = (suggested ?? `${this.#info?.title ?? 'changes'}.${extension}`).replaceAll(
      /[\\/:*?"<>|]/g,
      '-',
    );
    const folder = folderOutsideStores(vscode.workspace.workspaceFolders ?? []);
    return vscode.window.showSaveDialog({
      filters: { [kind]: [extension] },
      defaultUri: vscode.Uri.joinPath(folder, plain),
    });
  }

  async #close(): Promise<void> {
    const mapId = this.#info?.mapId;
    this.#info = undefined;
    // One that is gone already is closed.
    if (mapId !== undefined) {
      await this.#services.engine.request(requests.closeMap, { mapId }).catch(() => undefined);
    }
  }
}
