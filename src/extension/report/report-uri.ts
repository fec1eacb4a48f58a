import * as vscode from 'vscode';

export const REPORT_SCHEME = 'refpoint-report';

/** The address of a point's report names store, VM and point; its path is what the tab shows. */
export function reportUri(store: string, vm: string, point: string, vmName: string): vscode.Uri {
  const name = vmName.replaceAll(/[\\/?#]/g, '-');
  const query = new URLSearchParams({ store, vm, point }).toString();
  return vscode.Uri.from({ scheme: REPORT_SCHEME, path: `/${name} ${point}.md`, query });
}

export function parseReportUri(
  uri: vscode.Uri,
): { readonly store: string; readonly vm: string; readonly point: string } | undefined {
  const query = new URLSearchParams(uri.query);
  const [store, vm, point] = [query.get('store'), query.get('vm'), query.get('point')];
  return store === null || vm === null || point === null ? undefined : { store, vm, point };
}
