/** “Back up your first VM”, on the lab host. */
export const WALKTHROUGH = {
  id: 'firstBackup',
  title: 'Back Up Your First VM',
  description: 'From nothing to a proven restore, on the lab host of this machine.',
  steps: [
    {
      id: 'lab',
      title: 'Start the lab host',
      description:
        'The lab host is an emulated Hyper-V host with a sample VM on it. It is real code over real disk images; nothing leaves this machine.\n[Start Lab Host](command:refpoint.startLab)',
      alt: 'The Hosts view with the lab host and its VM',
      completionEvents: ['onContext:refpoint.labRunning'],
    },
    {
      id: 'backup',
      title: 'Back it up in full',
      description:
        'Choose a folder as the store. The plan says what will be done and why before anything is done.\n[Back Up…](command:refpoint.backup)',
      alt: 'The plan of a full backup',
      completionEvents: ['onContext:refpoint.backedUp'],
    },
    {
      id: 'change',
      title: 'Change the disk and back up again',
      description:
        'Let the guest write, then back up once more: only what changed is read.\n[Write Changes in Lab Guest](command:refpoint.writeInGuest)',
      alt: 'An incremental backup in the Stores view',
      completionEvents: ['onContext:refpoint.backedUpChanges'],
    },
    {
      id: 'map',
      title: 'See what changed',
      description:
        'The change map shows every byte range of the disk: what was written, what is allocated, what is empty.\n[Open Change Map](command:refpoint.openChangeMap)',
      alt: 'The change map of an incremental backup',
      completionEvents: ['onContext:refpoint.mapSeen'],
    },
    {
      id: 'restore',
      title: 'Restore it',
      description:
        'Every disk is written as one file, read back, and compared with the recorded hashes.\n[Restore…](command:refpoint.restore)',
      alt: 'The report of a finished restore',
      completionEvents: ['onContext:refpoint.restored'],
    },
  ],
} as const;

/** Each step has a picture in each of them, made by the end-to-end run: media/walkthrough/<step>-<ending>.png. */
export const WALKTHROUGH_THEMES = {
  dark: 'dark',
  light: 'light',
  hc: 'hc',
  hcLight: 'hc-light',
} as const;
