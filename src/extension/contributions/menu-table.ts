import type { CommandId } from './command-table.ts';
import type { ViewId } from './view-table.ts';

export interface MenuItem {
  readonly command: CommandId;
  readonly when: string;
  /** `inline@1` shows as an icon on the row. */
  readonly group: string;
}

const inView = (view: ViewId, rest = ''): string =>
  `view == ${view}${rest === '' ? '' : ` && ${rest}`}`;
/** contextValue is a list of words between spaces: ` vm connected `. */
const item = (...words: readonly string[]): string =>
  words.map((word) => `viewItem =~ / ${word} /`).join(' && ');

/** Commands that take all rows that are selected; the others are not offered for several. */
export const FOR_SEVERAL: readonly CommandId[] = [
  'refpoint.backup',
  'refpoint.verify',
  'refpoint.cancelJob',
  'refpoint.copyId',
  'refpoint.copyJson',
  'refpoint.copyCommand',
];

/** Commands that take one row or two. */
export const FOR_TWO: readonly CommandId[] = ['refpoint.compareImages'];

/** Files of the Explorer that are offered as disk images. */
const IMAGE_FILE = 'resourceScheme == file && resourceExtname =~ /^\\.(a?vhdx?|vhds|qcow2)$/i';

/** Files whose changes Windows can track. */
const TRACKED_FILE = 'resourceScheme == file && resourceExtname =~ /^\\.(a?vhdx)$/i';

export const EXPLORER_MENU: readonly MenuItem[] = [
  {
    command: 'refpoint.compareImages',
    when: `listDoubleSelection && ${IMAGE_FILE}`,
    group: '3_compare@90',
  },
  {
    command: 'refpoint.queryDiskChanges',
    when: `refpoint.onWindows && !listMultiSelection && ${TRACKED_FILE}`,
    group: 'navigation@90',
  },
];

export const TITLE_MENU: readonly MenuItem[] = [
  { command: 'refpoint.addHost', when: inView('refpoint.hosts'), group: 'navigation@1' },
  {
    command: 'refpoint.findVm',
    when: inView('refpoint.hosts', 'refpoint.hasHosts'),
    group: 'navigation@2',
  },
  {
    command: 'refpoint.refresh',
    when: inView('refpoint.hosts', 'refpoint.hasHosts'),
    group: 'navigation@3',
  },
  {
    command: 'refpoint.startLab',
    when: inView('refpoint.hosts', '!refpoint.labRunning'),
    group: '2_lab@1',
  },
  {
    command: 'refpoint.addLabVm',
    when: inView('refpoint.hosts', 'refpoint.hasLab'),
    group: '2_lab@2',
  },
  {
    command: 'refpoint.stopLab',
    when: inView('refpoint.hosts', 'refpoint.hasLab'),
    group: '2_lab@3',
  },
  { command: 'refpoint.prepareHost', when: inView('refpoint.hosts'), group: '9_help@1' },
  { command: 'refpoint.showEnvironment', when: inView('refpoint.hosts'), group: '9_help@2' },
  { command: 'refpoint.showLog', when: inView('refpoint.hosts'), group: '9_help@3' },
  { command: 'refpoint.addStore', when: inView('refpoint.stores'), group: 'navigation@1' },
  {
    command: 'refpoint.refresh',
    when: inView('refpoint.stores', 'refpoint.hasStores'),
    group: 'navigation@2',
  },
  { command: 'refpoint.openDisk', when: inView('refpoint.stores'), group: '2_open@1' },
  { command: 'refpoint.openRanges', when: inView('refpoint.stores'), group: '2_open@2' },
  {
    command: 'refpoint.cancelQueued',
    when: inView('refpoint.jobs', 'refpoint.hasQueuedJobs'),
    group: 'navigation@1',
  },
  { command: 'refpoint.showLog', when: inView('refpoint.jobs'), group: 'navigation@2' },
];

export const ITEM_MENU: readonly MenuItem[] = [
  { command: 'refpoint.connect', when: item('host', 'disconnected'), group: 'inline@1' },
  { command: 'refpoint.connect', when: item('host', 'disconnected'), group: '1_host@1' },
  { command: 'refpoint.disconnect', when: item('host', 'connected'), group: '1_host@1' },
  { command: 'refpoint.findVm', when: item('host', 'connected'), group: '1_host@2' },
  { command: 'refpoint.showFindings', when: item('host', 'connected'), group: '1_host@3' },
  { command: 'refpoint.testFileAccess', when: item('host'), group: '1_host@4' },
  { command: 'refpoint.backUpByVss', when: item('host', 'connected'), group: '1_vss@1' },
  { command: 'refpoint.showShadowCopies', when: item('host', 'connected'), group: '1_vss@2' },
  { command: 'refpoint.addLabVm', when: item('host', 'lab'), group: '2_lab@1' },
  { command: 'refpoint.stopLab', when: item('host', 'lab'), group: '2_lab@2' },
  { command: 'refpoint.editHost', when: item('host'), group: '3_edit@1' },
  { command: 'refpoint.forgetPassword', when: item('host'), group: '3_edit@2' },
  { command: 'refpoint.removeHost', when: item('host'), group: '3_edit@3' },

  { command: 'refpoint.backup', when: item('vm'), group: 'inline@1' },
  { command: 'refpoint.backup', when: item('vm'), group: '1_backup@1' },
  { command: 'refpoint.export', when: item('vm'), group: '1_backup@2' },
  { command: 'refpoint.cleanUp', when: item('vm'), group: '1_backup@3' },
  { command: 'refpoint.createReferencePoint', when: item('vm'), group: '2_points@1' },
  { command: 'refpoint.queryChanges', when: item('vm'), group: '2_points@2' },
  { command: 'refpoint.createCheckpoint', when: item('vm'), group: '2_points@4' },
  { command: 'refpoint.showFindings', when: item('vm'), group: '2_points@3' },
  { command: 'refpoint.writeInGuest', when: item('vm', 'lab'), group: '3_lab@1' },

  { command: 'refpoint.backup', when: item('group'), group: 'inline@1' },
  { command: 'refpoint.backup', when: item('group'), group: '1_backup@1' },
  { command: 'refpoint.cleanUp', when: item('group'), group: '1_backup@2' },

  { command: 'refpoint.leaveDiskOut', when: item('vmDisk', 'taken'), group: '1_disk@1' },
  { command: 'refpoint.takeDiskAgain', when: item('vmDisk', 'leftOut'), group: '1_disk@1' },

  { command: 'refpoint.export', when: item('checkpoint', 'backup'), group: '1_checkpoint@1' },
  {
    command: 'refpoint.convertCheckpoint',
    when: item('checkpoint', 'backup'),
    group: '1_checkpoint@2',
  },
  { command: 'refpoint.removeCheckpoint', when: item('checkpoint'), group: '2_checkpoint@1' },

  { command: 'refpoint.queryChanges', when: item('referencePoint'), group: 'inline@1' },
  { command: 'refpoint.queryChanges', when: item('referencePoint'), group: '1_point@1' },
  { command: 'refpoint.removeReferencePoint', when: item('referencePoint'), group: '2_point@1' },

  { command: 'refpoint.removeStore', when: item('store'), group: '3_edit@1' },
  { command: 'refpoint.repairLedger', when: item('storeVm', 'ledger'), group: 'inline@1' },
  { command: 'refpoint.repairLedger', when: item('storeVm'), group: '2_ledger@1' },
  { command: 'refpoint.verify', when: item('storeVm'), group: '1_store@2' },
  { command: 'refpoint.restore', when: item('storeVm'), group: '1_store@1' },
  { command: 'refpoint.undoRestore', when: item('storeVm', 'restored'), group: '1_store@3' },
  { command: 'refpoint.acceptRestore', when: item('storeVm', 'restored'), group: '1_store@4' },
  { command: 'refpoint.openChangeMap', when: item('point', 'complete'), group: 'inline@1' },
  { command: 'refpoint.restore', when: item('point', 'complete'), group: 'inline@2' },
  { command: 'refpoint.openChangeMap', when: item('point', 'complete'), group: '1_look@1' },
  { command: 'refpoint.browseFiles', when: item('point', 'complete'), group: '1_look@5' },
  { command: 'refpoint.compareWith', when: item('point', 'complete'), group: '1_look@2' },
  { command: 'refpoint.compareImages', when: item('point', 'complete'), group: '1_look@3' },
  { command: 'refpoint.showReport', when: item('point', 'complete'), group: '1_look@4' },
  { command: 'refpoint.restore', when: item('point', 'complete'), group: '2_do@1' },
  { command: 'refpoint.verify', when: item('point', 'complete'), group: '2_do@2' },
  { command: 'refpoint.undoRestore', when: item('point', 'restored'), group: '2_do@4' },
  { command: 'refpoint.acceptRestore', when: item('point', 'restored'), group: '2_do@5' },
  {
    command: 'refpoint.attachPoint',
    when: `refpoint.onWindows && ${item('point', 'complete')}`,
    group: '2_do@3',
  },
  { command: 'refpoint.cleanUp', when: item('point', 'partial'), group: '1_look@1' },
  { command: 'refpoint.openDisk', when: item('pointDisk'), group: 'inline@2' },
  { command: 'refpoint.openChangeMap', when: item('pointDisk'), group: 'inline@1' },
  { command: 'refpoint.browseFiles', when: item('pointDisk'), group: '1_look@4' },
  { command: 'refpoint.restore', when: item('pointDisk'), group: '2_do@1' },
  {
    command: 'refpoint.attachPoint',
    when: `refpoint.onWindows && ${item('pointDisk')}`,
    group: '2_do@2',
  },
  { command: 'refpoint.openChangeMap', when: item('pointDisk'), group: '1_look@1' },
  { command: 'refpoint.openDisk', when: item('pointDisk'), group: '1_look@2' },
  { command: 'refpoint.compareImages', when: item('pointDisk'), group: '1_look@3' },

  { command: 'refpoint.cancelJob', when: item('job', 'live', 'here'), group: 'inline@1' },
  { command: 'refpoint.cancelJob', when: item('job', 'live', 'here'), group: '1_job@1' },
  { command: 'refpoint.runAgain', when: item('job', 'again'), group: 'inline@1' },
  { command: 'refpoint.runAgain', when: item('job', 'again'), group: '1_job@1' },
  { command: 'refpoint.cleanUp', when: item('job', 'cleanable'), group: '1_job@2' },
  { command: 'refpoint.undoRestore', when: item('job', 'restored'), group: '1_job@6' },
  { command: 'refpoint.acceptRestore', when: item('job', 'restored'), group: '1_job@7' },
  { command: 'refpoint.showReport', when: item('job', 'report'), group: 'inline@2' },
  { command: 'refpoint.showReport', when: item('job', 'report'), group: '1_job@3' },
  { command: 'refpoint.showLog', when: item('job', 'log'), group: '1_job@4' },
  { command: 'refpoint.openTrace', when: item('job', 'trace'), group: '1_job@5' },
  { command: 'refpoint.forgetJob', when: item('job', 'ended'), group: '2_job@1' },

  { command: 'refpoint.copyId', when: item('id'), group: '8_copy@1' },
  { command: 'refpoint.copyJson', when: item('json'), group: '8_copy@2' },
  { command: 'refpoint.copyCommand', when: item('command'), group: '8_copy@3' },
];
