import { WRITERS } from './writers.ts';

/** Output and exit code of a script of diskshadow. */
export interface ScriptResult {
  readonly output: string;
  readonly code: number;
}

const HEADER = 'Microsoft DiskShadow version 1.0\r\nCopyright (C) 2013 Microsoft Corporation\r\n';

/**
 * Runs a script of diskshadow in the lab. Known so far: `list writers status`, `exit`, comments. Any
 * other command is an error, as an unknown one is, and ends the script.
 *
 * UNCONFIRMED: the words of the errors and the exit code; nothing may rely on them.
 */
export function runScript(script: string, machine: string): ScriptResult {
  const output = [HEADER, `On computer:  ${machine},  11/23/2026 9:00:00 AM\r\n`];
  // A last line without its CR LF loses its last character, as on Windows.
  const lines = script.split('\r\n');
  const rest = lines.pop() ?? '';
  if (rest !== '') lines.push(rest.slice(0, -1));
  for (const line of lines) {
    const command = line.trim().replaceAll(/\s+/g, ' ').toLowerCase();
    if (command === '' || command.startsWith('#')) continue;
    output.push(`-> ${line.trim()}`);
    if (command === 'exit') break;
    if (command !== 'list writers status') {
      output.push(`'${line.trim()}' is not recognized as a command.`);
      return { output: output.join('\r\n'), code: 1 };
    }
    output.push('', 'Listing writer status ...', ...WRITERS.flatMap(writerLines), '');
  }
  return { output: `${output.join('\r\n')}\r\n`, code: 0 };
}

function writerLines({ name, id, instance }: (typeof WRITERS)[number]): readonly string[] {
  return [
    '',
    `* WRITER "${name}"`,
    '\t- Status: 1 (VSS_WS_STABLE)',
    '\t- Writer Failure code: 0x00000000 (S_OK)',
    `\t- Writer ID: {${id}}`,
    `\t- Instance ID: {${instance}}`,
  ];
}
