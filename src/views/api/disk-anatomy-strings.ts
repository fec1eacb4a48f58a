/** What the disk anatomy says, in English; handed over translated, as with the change map's. */
export const DISK_ANATOMY_STRINGS = {
  loading: 'Reading the file…',
  failed: 'The file cannot be shown.',
  timedOut: 'Nothing was heard for {0} seconds.',
  retry: 'Try Again',
  reload: 'Reload',
  reopenAsText: 'Reopen as Text',
} as const;

export type DiskAnatomyStrings = { readonly [Key in keyof typeof DISK_ANATOMY_STRINGS]: string };
