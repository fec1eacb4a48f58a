import type { Command } from './contract/command.ts';

/** Commands that are loaded together. If every command were loaded, that would take half of the time of a short one. */
interface Area {
  /** First words of their names. */
  readonly words: readonly string[];
  readonly load: () => Promise<readonly Command[]>;
}

/** Areas in the order of the help. Smaller areas make more modules, since each set of areas that share sources gets one, and start no faster. */
const AREAS: readonly Area[] = [
  {
    words: ['disk'],
    load: async () => (await import('./commands/disk/disk-commands.ts')).DISK_COMMANDS,
  },
  {
    words: ['host', 'vm', 'smb', 'vss', 'group', 'rsvd'],
    load: async () => (await import('./commands/host-commands.ts')).COMMANDS_OF_HOSTS,
  },
  {
    words: ['changes', 'point', 'checkpoint', 'backup', 'export', 'clean', 'ledger', 'restore'],
    load: async () => (await import('./commands/backup/vm-commands.ts')).VM_COMMANDS,
  },
  {
    words: ['store', 'verify', 'files', 'attach'],
    load: async () => (await import('./commands/store/commands-of-stores.ts')).COMMANDS_OF_STORES,
  },
  { words: ['trace'], load: async () => (await import('./commands/trace.ts')).TRACE_COMMANDS },
  {
    words: ['jobs', 'job'],
    load: async () => {
      const [several, one] = await Promise.all([
        import('./commands/jobs.ts'),
        import('./commands/job.ts'),
      ]);
      return [...several.JOBS_COMMANDS, ...one.JOB_COMMANDS];
    },
  },
  { words: ['lab'], load: async () => (await import('./commands/lab/lab.ts')).LAB_COMMANDS },
  { words: ['demo'], load: async () => (await import('./commands/demo.ts')).DEMO_COMMANDS },
];

/** Loads every command, in the order of the help. */
export async function allCommands(): Promise<readonly Command[]> {
  return (await Promise.all(AREAS.map(({ load }) => load()))).flat();
}

/** Loads the commands whose names begin with a word. If no name begins with it, loads every command. */
export function commandsOf(word: string): Promise<readonly Command[]> {
  return AREAS.find(({ words }) => words.includes(word))?.load() ?? allCommands();
}
