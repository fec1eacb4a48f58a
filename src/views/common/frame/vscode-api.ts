/** What VS Code gives a webview; it may be asked for once only. */
export interface VsCodeApi {
  readonly postMessage: (message: unknown) => void;
  readonly getState: () => unknown;
  readonly setState: (state: unknown) => void;
}

declare global {
  // VS Code declares it so.
  function acquireVsCodeApi(): VsCodeApi;
}

export const vscodeApi: VsCodeApi = acquireVsCodeApi();
