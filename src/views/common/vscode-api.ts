/** What VS Code gives a webview; it may be asked for once only. */
export interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare global {
  // VS Code declares it so.
  function acquireVsCodeApi(): VsCodeApi;
}

export const vscodeApi: VsCodeApi = acquireVsCodeApi();
