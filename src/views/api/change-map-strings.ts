/**
 * What the change map says, in English. The extension hands the view this table translated, key by key; {0}, {1} … stand for
 * values that the view puts in.
 */
export const CHANGE_MAP_STRINGS = {
  title: 'Change Map',
  loading: 'Opening the change map…',
  loadingPhase: 'Opening the change map: {0}',
  failed: 'The change map cannot be shown.',
  timedOut: 'Nothing was heard for {0} seconds.',
  retry: 'Try Again',
  empty: 'Nothing has changed: this disk has no ranges to show.',
  tilesFailed: 'Parts of the map could not be loaded: {0}',
  busy: 'Loading…',

  showMap: 'Map',
  showTable: 'Table',
  shownAs: 'Show as',
  zoomIn: 'Zoom In',
  zoomOut: 'Zoom Out',
  fit: 'Whole Disk',
  copyRange: 'Copy Range',
  copyJson: 'Copy as JSON',
  exportPng: 'Save Picture…',
  exportCsv: 'Save CSV…',
  copied: 'Copied {0}',
  saved: 'Saved.',
  actions: 'Change map actions',

  mapLabel: 'Change map of {0}',
  mapHelp:
    'Arrow keys move the focus, Page Up and Page Down by a screen, Home and End to the ends of the disk; plus and minus zoom, 0 shows the whole disk; Shift with arrow keys selects, Enter selects the range under the focus, Escape clears; Control C copies the selection.',
  overviewLabel: 'The whole disk, {0}; the part in view is marked',
  legendLabel: 'Legend',
  warningsLabel: 'Warnings',
  partitionsLabel: 'Partitions',

  changed: 'Changed',
  written: 'Written',
  different: 'Different',
  data: 'Allocated',
  zero: 'Zeros',
  unknown: 'Allocation unknown',
  unallocated: 'Not allocated',
  unchangedUnknown: 'Unchanged; allocation unknown',
  ofDisk: '{0} ({1})',
  notKnown: 'not known',

  place: '{0} at {1}',
  placeEnd: 'up to {0}',
  partition: 'Partition {0}: {1}',
  partitionNamed: 'Partition {0}: {1}, {2}',
  noPartition: 'Outside partitions',
  point: 'Point {0}',
  selection: 'Selected: {0} at {1}',
  noSelection: 'Nothing selected',
  rowScale: '{0} per row',

  columnStart: 'Start',
  columnLength: 'Length',
  columnState: 'State',
  columnPoint: 'Point',
  columnPartition: 'Partition',
  tableLabel: 'Ranges of {0}',
  tableEmpty: 'No ranges.',
  tableRows: '{0} ranges',
  rowLoading: 'Loading…',

  frames: 'Points in time',
  frameWhole: 'Newest point over the whole chain',
  frameAt: '{0}, {1}: wrote {2}',
  full: 'full',
  incr: 'incremental',
  play: 'Play',
  pause: 'Pause',
  wholeChain: 'Whole Chain',
} as const;

export type ChangeMapStrings = { readonly [Key in keyof typeof CHANGE_MAP_STRINGS]: string };
