/** The panel of a change map; a window that is reloaded wakes the extension by it. */
export const CHANGE_MAP_VIEW = 'refpoint.changeMap';

/** The panel of two disk images side by side. */
export const DISK_COMPARE_VIEW = 'refpoint.diskCompare';

/** The panel of a report or of findings. */
export const REPORT_PAGE_VIEW = 'refpoint.reportPage';

/** The custom editor of disk images. */
export const ANATOMY_EDITOR = 'refpoint.diskAnatomy';

/** Names that are offered the editor without being opened in it: `.vhd` is VHDL too. */
export const ANATOMY_OPTION = `${ANATOMY_EDITOR}.option`;

/** The custom editor of recordings of exchanges. */
export const TRACE_EDITOR = 'refpoint.trace';

/** Activation events other than commands, views and editors, which activate the extension without one. */
export const ACTIVATION_EVENTS = [
  `onWebviewPanel:${CHANGE_MAP_VIEW}`,
  `onWebviewPanel:${DISK_COMPARE_VIEW}`,
  `onWebviewPanel:${REPORT_PAGE_VIEW}`,
  // Jobs that the window followed before it was reloaded are followed again, whatever view is in sight.
  'onStartupFinished',
] as const;
