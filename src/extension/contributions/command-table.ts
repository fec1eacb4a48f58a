/** Every command: declared here once; `npm run accept` writes package.json and package.nls.json from it. */
export interface CommandSpec {
  /** English, Title Case, `…` where more is asked. */
  readonly title: string;
  readonly icon?: string;
  /** When the palette offers it; absent: always. `false`: only in menus. */
  readonly palette?: string;
  /** When it can be used at all, where that differs. */
  readonly enablement?: string;
}

const HOSTS = 'refpoint.hasHosts';
const CONNECTED = 'refpoint.connected';
const STORES = 'refpoint.hasStores';
const LAB = 'refpoint.labRunning';
/** A lab host is in the list, whether or not this window has connected to it yet. */
const HAS_LAB = 'refpoint.hasLab';
/** Windows' virtual disk API works where the engine runs. */
const WINDOWS = 'refpoint.onWindows';
const SOMETHING = `${HOSTS} || ${STORES} || refpoint.hasJobs`;

export const COMMANDS = {
  'refpoint.addHost': { title: 'Add Host…', icon: 'add' },
  'refpoint.addThisComputer': {
    title: 'Add This Computer',
    icon: 'vm',
    palette: 'isWindows',
  },
  'refpoint.prepareHost': { title: 'How to Prepare a Host', icon: 'question' },
  'refpoint.editHost': { title: 'Edit Host…', icon: 'edit', palette: HOSTS },
  'refpoint.removeHost': { title: 'Remove Host…', palette: HOSTS },
  'refpoint.connect': { title: 'Connect', icon: 'plug', palette: 'refpoint.hasDisconnectedHosts' },
  'refpoint.disconnect': { title: 'Disconnect', icon: 'debug-disconnect', palette: CONNECTED },
  'refpoint.forgetPassword': { title: 'Forget Password', palette: HOSTS },
  'refpoint.showFindings': { title: 'Show Findings', icon: 'checklist', palette: HOSTS },
  'refpoint.testFileAccess': {
    title: 'Test File Access…',
    icon: 'file-symlink-file',
    palette: HOSTS,
  },
  'refpoint.findVm': { title: 'Find VM…', icon: 'search', palette: HOSTS },
  'refpoint.addStore': { title: 'Add Store…', icon: 'add' },
  'refpoint.removeStore': { title: 'Remove Store (Files Stay)', palette: STORES },
  'refpoint.startLab': { title: 'Start Lab Host', icon: 'beaker', palette: `!${LAB}` },
  'refpoint.addLabVm': { title: 'Add Lab VM…', palette: HAS_LAB },
  'refpoint.writeInGuest': {
    title: 'Write Changes in Lab Guest',
    icon: 'pencil',
    palette: HAS_LAB,
  },
  'refpoint.stopLab': { title: 'Stop Lab Host', icon: 'debug-stop', palette: HAS_LAB },
  'refpoint.createReferencePoint': {
    title: 'Create Reference Point',
    icon: 'bookmark',
    palette: HOSTS,
  },
  'refpoint.removeReferencePoint': { title: 'Remove Reference Point…', palette: HOSTS },
  'refpoint.createCheckpoint': {
    title: 'Create Backup Checkpoint',
    icon: 'device-camera',
    palette: HOSTS,
  },
  'refpoint.convertCheckpoint': {
    title: 'Convert Checkpoint to Reference Point…',
    palette: HOSTS,
  },
  'refpoint.removeCheckpoint': { title: 'Remove Checkpoint…', palette: HOSTS },
  'refpoint.repairLedger': { title: 'Repair Ledger…', icon: 'tools', palette: STORES },
  'refpoint.queryChanges': { title: 'Query Changes', icon: 'diff', palette: HOSTS },
  'refpoint.backup': { title: 'Back Up…', icon: 'save', palette: HOSTS },
  'refpoint.backUpByVss': { title: 'Back Up All VMs by VSS…', palette: HOSTS },
  'refpoint.showShadowCopies': { title: 'Show Shadow Copies', palette: HOSTS },
  'refpoint.leaveDiskOut': { title: 'Leave Disk Out of Backups', palette: HOSTS },
  'refpoint.takeDiskAgain': { title: 'Take Disk into Backups Again', palette: 'false' },
  'refpoint.export': { title: 'Export…', palette: HOSTS },
  'refpoint.restore': { title: 'Restore…', icon: 'discard', palette: STORES },
  'refpoint.undoRestore': { title: 'Undo Restore…', icon: 'discard', palette: STORES },
  'refpoint.acceptRestore': { title: 'Accept Restore…', icon: 'check', palette: STORES },
  'refpoint.browseFiles': { title: 'Browse Files…', icon: 'folder-opened', palette: STORES },
  'refpoint.verify': { title: 'Verify', icon: 'verified', palette: STORES },
  'refpoint.cleanUp': {
    title: 'Clean Up…',
    icon: 'clear-all',
    palette: HOSTS,
  },
  'refpoint.cancelJob': {
    title: 'Cancel Job',
    icon: 'stop-circle',
    palette: 'refpoint.hasRunningJobs',
  },
  'refpoint.cancelQueued': {
    title: 'Cancel All Queued Jobs',
    icon: 'clear-all',
    palette: 'refpoint.hasQueuedJobs',
  },
  'refpoint.runAgain': {
    title: 'Run Again',
    icon: 'debug-restart',
    palette: 'refpoint.hasEndedJobs',
  },
  'refpoint.forgetJob': {
    title: 'Remove Job from List',
    icon: 'close',
    palette: 'refpoint.hasEndedJobs',
  },
  'refpoint.openChangeMap': { title: 'Open Change Map', icon: 'map', palette: STORES },
  'refpoint.compareWith': { title: 'Open Change Map Between Two Points…', palette: STORES },
  'refpoint.queryDiskChanges': {
    title: 'Query Changes of This Disk…',
    icon: 'diff',
    palette: WINDOWS,
  },
  'refpoint.attachPoint': {
    title: 'Attach Point…',
    icon: 'link',
    palette: `${STORES} && ${WINDOWS}`,
  },
  'refpoint.openDisk': { title: 'Open Disk…', icon: 'file-binary' },
  'refpoint.compareImages': { title: 'Compare Disk Images…', icon: 'diff' },
  'refpoint.fixImage': { title: 'Fix Disk Image…', icon: 'wrench' },
  'refpoint.repairImage': { title: 'Repair Disk Image…', icon: 'tools' },
  'refpoint.rescueImage': { title: 'Rescue Disk Image…' },
  'refpoint.rebaseImage': { title: 'Change Parent of Disk Image…' },
  'refpoint.openRanges': { title: 'Open Ranges…' },
  'refpoint.showReport': { title: 'Show Report', icon: 'output', palette: STORES },
  'refpoint.showLog': { title: 'Show Log', icon: 'output' },
  'refpoint.openTrace': { title: 'Open Trace…', icon: 'list-unordered' },
  'refpoint.showEnvironment': { title: 'Show Environment' },
  'refpoint.refresh': {
    title: 'Refresh',
    icon: 'refresh',
    palette: SOMETHING,
  },
  'refpoint.copyId': { title: 'Copy Id', palette: SOMETHING },
  'refpoint.copyJson': { title: 'Copy as JSON', palette: SOMETHING },
  'refpoint.copyCommand': { title: 'Copy as Command', palette: SOMETHING },
} as const satisfies Readonly<Record<string, CommandSpec>>;

export type CommandId = keyof typeof COMMANDS;
