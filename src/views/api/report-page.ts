import type { ReportPageStrings } from './report-page-strings.ts';

/**
 * A rendered page of the extension: a report or a list of findings. The page is data, never HTML:
 * the view creates an element for each part and sets its text. A link is a number; only the
 * extension knows its action, so that text in a page, whatever its source, cannot choose a command
 * or its arguments.
 *
 * | request | answer                                                                          |
 * | ------- | ------------------------------------------------------------------------------- |
 * | open    | the page, rendered again                                                        |
 * | follow  | runs the link's action on the page of the last answer to `open`                 |
 *
 * The message `reload` means that the data of the page has changed.
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
  readonly commands?: readonly PageCommand[];
}

/** Commands to run elsewhere. They are shown whole, and can be copied. */
export interface PageCommand {
  /** Reason to run them, or what they do. */
  readonly title: string;
  /** A line for each command. */
  readonly text: string;
  /** Copies the text. */
  readonly copy: PageLink;
}

export interface PageFact {
  readonly name: string;
  readonly value: readonly PagePart[];
}

export interface PageNote {
  readonly severity: 'error' | 'warning' | 'info' | null;
  /** The severity in the user's language. */
  readonly label: string;
  readonly parts: readonly PagePart[];
}

/** `code`: a name, a path or an ID. */
export type PagePart = { readonly kind: 'text' | 'code'; readonly text: string } | PageLink;

export interface PageLink {
  readonly kind: 'link';
  readonly text: string;
  /** Index into the extension's list of link actions. */
  readonly link: number;
}

export interface ReportPageInit {
  readonly strings: ReportPageStrings;
}

/**
 * State kept over a reload of the window. `page` identifies the page; the extension validates it.
 */
export interface ReportPageState {
  readonly version: 1;
  readonly page: Readonly<Record<string, string>>;
  readonly name: string;
}

// A type and not an interface: an interface is not assignable to a table of requests without an
// index signature.
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
