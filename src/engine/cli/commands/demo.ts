import type { Command } from '../contract/command.ts';
import { runDemo } from '../demo/run-demo.ts';

export const DEMO_COMMANDS: readonly Command[] = [
  {
    name: 'demo',
    summary:
      'The main job from nothing: lab host, full backup, guest writes, incremental, restore, proof.',
    args: [],
    options: {
      image: {
        type: 'value',
        value: 'FILE',
        help: 'Your own disk (raw or VHDX), which is only read; else a filled one is made.',
      },
      keep: {
        type: 'value',
        value: 'DIR',
        help: 'Work here and leave everything; else nothing is left.',
      },
    },
    run: runDemo,
  },
];
