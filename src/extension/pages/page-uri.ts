import * as vscode from 'vscode';

export const PAGE_SCHEME = 'refpoint';

/** What a read-only document shows. Plain: the editor keeps the address and asks for the contents again after a reload. */
export type Page =
  /** The report of a backup: store, VM and point. */
  | { readonly kind: 'report'; readonly store: string; readonly vm: string; readonly point: string }
  /** What stands in the way of backups: of a host by its key, and of one VM of it unless that is ''. */
  | { readonly kind: 'findings'; readonly host: string; readonly vm: string }
  | { readonly kind: 'environment' }
  /** The log of a job of this machine. */
  | { readonly kind: 'log'; readonly job: string };

const FIELDS: { readonly [Kind in Page['kind']]: readonly string[] } = {
  report: ['store', 'vm', 'point'],
  findings: ['host', 'vm'],
  environment: [],
  log: ['job'],
};

/** The address of a page. `name` is what its tab shows, ending included: names of VMs are only names there. */
export function pageUri(page: Page, name: string): vscode.Uri {
  const plain = name.replaceAll(/[\\/?#%*:|"<>\p{Cc}\p{Cf}]/gu, '-').slice(0, 120);
  const query = new URLSearchParams(Object.entries(page)).toString();
  return vscode.Uri.from({ scheme: PAGE_SCHEME, path: `/${plain}`, query });
}

/** undefined where the address is of no page. */
export function parsePageUri(uri: vscode.Uri): Page | undefined {
  const query = new URLSearchParams(uri.query);
  const kind = query.get('kind') ?? '';
  if (!Object.hasOwn(FIELDS, kind)) return undefined;
  const entries = FIELDS[kind as Page['kind']].map((field) => [field, query.get(field)] as const);
  if (entries.some(([, value]) => value === null)) return undefined;
  return { kind, ...Object.fromEntries(entries) } as unknown as Page;
}
