import * as vscode from 'vscode';

export const PAGE_SCHEME = 'refpoint';

/** Contents of a page as a plain value: the editor stores it and asks for the text again after a reload. */
export type Page =
  /** The report of a backup: store, VM and point. */
  | { readonly kind: 'report'; readonly store: string; readonly vm: string; readonly point: string }
  /** Findings of a host by its key, and of one VM of it unless that is ''. */
  | { readonly kind: 'findings'; readonly host: string; readonly vm: string }
  /** Access to the files of a host by its key: at `place`, a share or a server, or the host itself if that is ''. */
  | { readonly kind: 'files'; readonly host: string; readonly place: string }
  /** The shadow copies of a host by its key. */
  | { readonly kind: 'shadows'; readonly host: string }
  | { readonly kind: 'environment' }
  /** The log of a job of this machine. */
  | { readonly kind: 'log'; readonly job: string };

/** Pages that open rendered, with links; the others are text. */
export type RenderedPage = Extract<
  Page,
  { readonly kind: 'report' | 'findings' | 'files' | 'shadows' }
>;

const FIELDS: { readonly [Kind in Page['kind']]: readonly string[] } = {
  report: ['store', 'vm', 'point'],
  findings: ['host', 'vm'],
  files: ['host', 'place'],
  shadows: ['host'],
  environment: [],
  log: ['job'],
};

export const isRendered = (page: Page): page is RenderedPage =>
  ['report', 'findings', 'files', 'shadows'].includes(page.kind);

/** The address of a page. `name` is what its tab shows, ending included: names of VMs are only names there. */
export function pageUri(page: Page, name: string): vscode.Uri {
  const query = new URLSearchParams(Object.entries(page)).toString();
  return vscode.Uri.from({ scheme: PAGE_SCHEME, path: `/${plainName(name)}`, query });
}

/** A name for a tab. */
export const plainName = (name: string): string =>
  name.replaceAll(/[\\/?#%*:|"<>\p{Cc}\p{Cf}]/gu, '-').slice(0, 120);

/** undefined where the address is of no page. */
export function parsePageUri(uri: vscode.Uri): Page | undefined {
  return parsePage(Object.fromEntries(new URLSearchParams(uri.query)));
}

/** A page from plain data, as a view kept it; undefined if it is not one. */
export function parsePage(data: unknown): Page | undefined {
  const { kind, ...rest } = (data ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof kind !== 'string' || !Object.hasOwn(FIELDS, kind)) return undefined;
  const entries = FIELDS[kind as Page['kind']].map((field) => [field, rest[field]] as const);
  if (entries.some(([, value]) => typeof value !== 'string')) return undefined;
  return { kind, ...Object.fromEntries(entries) } as unknown as Page;
}
