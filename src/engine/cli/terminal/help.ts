import type { Command, OptionSpec } from '../contract/command.ts';
import { COMMON_OPTIONS } from '../options/parse-arguments.ts';
import { columns, wrap } from './text.ts';

const WIDTH = 80;

const GROUPS: readonly (readonly [string, string])[] = [
  ['Disk images', 'disk '],
  [
    'Hosts',
    'host |smb |rsvd |vss |vm |group |point |checkpoint |changes|export|backup|clean|ledger ',
  ],
  ['Stores', 'store |restore|verify|attach|files '],
  ['Jobs and recordings', 'jobs|trace '],
  ['Lab', 'lab '],
  ['Demo', 'demo'],
];

/** Returns the overall help: one line for each command, in groups. */
export function overallHelp(commands: readonly Command[], version: string): string {
  const lines = [
    `Refpoint ${version}: backs up Hyper-V virtual machines by reference points and RCT.`,
    '',
    'refpoint COMMAND [OPTIONS]      refpoint COMMAND --help shows one command',
  ];
  for (const [title, pattern] of GROUPS) {
    const own = commands.filter((each) => new RegExp(`^(?:${pattern})`).test(each.name));
    if (own.length === 0) continue;
    lines.push(
      '',
      `${title}:`,
      ...columns(
        own.map((each) => [`  ${each.name}`, each.summary]),
        WIDTH,
      ),
    );
  }
  lines.push(
    '',
    ...wrap(
      'The password comes from REFPOINT_PASSWORD, --password-stdin or --credential-file; REFPOINT_HOST and REFPOINT_USER stand in for --host and --user.',
      WIDTH,
    ),
    ...wrap(
      'Exit status: 0 done or yes, 1 the answer is no, 2 wrong usage, 3 failed, 130 interrupted.',
      WIDTH,
    ),
  );
  return `${lines.join('\n')}\n`;
}

/** Returns the help of one command. */
export function commandHelp(command: Command): string {
  const args = command.args
    .map((each) => ` ${each.name}${each.several === true ? '…' : ''}`)
    .join('');
  const lines = [`refpoint ${command.name}${args} [OPTIONS]`, '', ...wrap(command.summary, WIDTH)];
  if (command.args.length > 0) {
    lines.push(
      '',
      ...columns(
        command.args.map((each) => [`  ${each.name}`, each.help]),
        WIDTH,
      ),
    );
  }
  const own = Object.entries(command.options);
  if (own.length > 0) lines.push('', 'Options:', ...columns(own.map(optionRow), WIDTH));
  lines.push(
    '',
    'Every command:',
    ...columns(Object.entries(COMMON_OPTIONS).map(optionRow), WIDTH),
  );
  if (command.details !== undefined) {
    lines.push(
      '',
      ...command.details
        .split('\n')
        .flatMap((each) => (each.startsWith(' ') ? [each] : wrap(each, WIDTH))),
    );
  }
  return `${lines.join('\n')}\n`;
}

function optionRow([name, spec]: readonly [string, OptionSpec]): [string, string] {
  const value = spec.type === 'flag' ? '' : ` ${spec.value ?? 'VALUE'}`;
  return [`  --${name}${value}${spec.type === 'values' ? ' …' : ''}`, spec.help];
}
