import type { Command } from '../contract/command.ts';
import { TRACE_OPTION } from '../options/trace-option.ts';
import { runDemo } from '../demo/run-demo.ts';

export const DEMO_COMMANDS: readonly Command[] = [
  {
    name: 'demo',
    summary:
      'Runs a complete example: lab host, full backup, guest writes, incremental, restore, proof.',
    args: [],
    options: {
      image: {
        type: 'value',
        value: 'FILE',
        help: 'Your own disk (raw or VHDX), which is only read; default a generated one.',
      },
      keep: {
        type: 'value',
        value: 'DIR',
        help: 'Work in this folder and keep everything; default a temporary folder.',
      },
      ...TRACE_OPTION,
    },
    run: runDemo,
  },
];
