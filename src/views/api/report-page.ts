import type { ReportPageStrings } from './report-page-strings.ts';

/**
 * A rendered page of the extension: a report or a list of findings. The page is data, never HTML: the view makes an element of each
 * part and sets its text. A link is a number; what it does is known to the extension only, so that nothing in a page, whoever named
 * the things in it, chooses a command or its arguments.
 *
 * | request | answer                                                                          |
 * | ------- | ------------------------------------------------------------------------------- |
 * | open    | the page, made anew                                                             |
 * | follow  | carries out the link of the page that `open` answered last                      |
 *
 * The command `reload` says that what the page shows has changed.
 */
export interface PageDocument {
  readonly title: string;
  readonly links: readonly PageLink[];
  readonly sections: readonly PageSection[];
}

export interface PageSection {
  /** '' for the first section, which follows the title. */
  readonly heading: string;
  readonly depth: 2 | 3;
  readonly links: readonly PageLink[];
  readonly facts: readonly PageFact[];
  readonly notes: readonly PageNote[];
  /** Shown if there are no notes. */
  readonly none: string;
}

export interface PageFact {
  readonly name: string;
  readonly value: readonly PagePart[];
}

export interface PageNote {
  readonly severity: 'error' | 'warning' | 'info' | null;
  /** The severity in the person's language. */
  readonly label: string;
  readonly parts: readonly PagePart[];
}

/** `code`: a name, a path or an ID. */
export type PagePart = { readonly kind: 'text' | 'code'; readonly text: string } | PageLink;

export interface PageLink {
  readonly kind: 'link';
  readonly text: string;
  /** Index into the extension's list of what the page's links do. */
  readonly link: number;
}

export interface ReportPageInit {
  readonly strings: ReportPageStrings;
}

/** Kept over a reload of the window. `page` names what is shown; the extension checks it. */
export interface ReportPageState {
  readonly version: 1;
  readonly page: Readonly<Record<string, string>>;
  readonly name: string;
}

// A type, not an interface: only those fit a table of requests without an open index.
export type ReportPageRequests = {
  readonly open: {
    readonly params: Readonly<Record<string, never>>;
    readonly result: { readonly document: PageDocument; readonly state: ReportPageState };
  };
  readonly follow: {
    readonly params: { readonly link: number };
    readonly result: Readonly<Record<string, never>>;
  };
};
