import { COMMANDS } from './commands.ts';

/** Returns the name of a command for messages. */
export const commandName = (code: number): string => COMMANDS[code]?.name ?? `command ${code}`;
