/** Texts of a rendered page, in English; the extension translates them key by key. */
export const REPORT_PAGE_STRINGS = {
  loading: 'Loading…',
  failed: 'The page cannot be shown.',
  timedOut: 'No response for {0} seconds.',
  retry: 'Try Again',
  actions: 'Page actions',
  copied: 'Copied',
} as const;

export type ReportPageStrings = { readonly [Key in keyof typeof REPORT_PAGE_STRINGS]: string };
