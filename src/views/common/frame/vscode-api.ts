/** VS Code's API for webviews; it can be acquired only once. */
export interface VsCodeApi {
  readonly postMessage: (message: unknown) => void;
  readonly getState: () => unknown;
  readonly setState: (state: unknown) => void;
}

declare global {
  // Declared as VS Code injects it.
  function acquireVsCodeApi(): VsCodeApi;
}

export const vscodeApi: VsCodeApi = acquireVsCodeApi();
