import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { never } from '../../src/engine/base/abort.ts';
import { findVirtdiskObstacle } from '../../src/engine/virtdisk/find-obstacle.ts';
import { FORMAT_QUESTIONS } from './format-questions.ts';
import { HANDLE_QUESTIONS, PRIVILEGE_QUESTION } from './handle-questions.ts';
import { errorText, type Answer, type Question } from './question.ts';
import { VSS_QUESTIONS } from './vss-questions.ts';
import { TRACKING_QUESTIONS } from './tracking-questions.ts';

export interface Asked extends Answer {
  readonly question: Question;
  /** The question could not be asked; the text says why. */
  readonly failed: boolean;
}

export interface Probe {
  /** Versions and names of the system, none of which identify the computer. */
  readonly system: readonly (readonly [name: string, value: string])[];
  /** Why disks cannot be attached here; null if they can. */
  readonly obstacle: string | null;
  readonly asked: readonly Asked[];
}

const QUESTIONS = [
  PRIVILEGE_QUESTION,
  ...FORMAT_QUESTIONS,
  ...TRACKING_QUESTIONS,
  ...HANDLE_QUESTIONS,
  ...VSS_QUESTIONS,
];

/**
 * Asks Windows every question, each in a folder of its own below `parent`, which is removed
 * afterwards.
 */
export async function runProbe(parent: string): Promise<Probe> {
  const whole = await mkdtemp(path.join(parent, 'refpoint-probe-'));
  const asked: Asked[] = [];
  try {
    for (const [i, question] of QUESTIONS.entries()) {
      const folder = path.join(whole, String(i));
      await mkdir(folder);
      asked.push(await ask(question, folder));
    }
  } finally {
    await rm(whole, { recursive: true, force: true });
  }
  return {
    system: [
      ['Windows', `${os.version()}, ${os.release()}`],
      ['Node', `${process.version}, ${process.arch}`],
    ],
    // Asked last, since it enables a privilege.
    obstacle: findVirtdiskObstacle()?.message ?? null,
    asked,
  };
}

async function ask(question: Question, folder: string): Promise<Asked> {
  const file = (name: string): string => path.join(folder, name);
  try {
    const found = await question.ask({ folder, signal: never, file });
    return { ...found, question, failed: false };
  } catch (error) {
    return { text: errorText(error), contradicts: false, question, failed: true };
  }
}

/** Returns the report in Markdown. */
export function formatProbe({ system, obstacle, asked }: Probe): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
  const verdict = ({ failed, contradicts, question }: Asked): string =>
    failed ? 'could not be asked' : contradicts ? `EXPECTED: ${question.expected ?? ''}` : '';
  return [
    '# Answers of Windows’ virtual disk API',
    '',
    ...system.map(([name, value]) => `- ${name}: ${value}`),
    `- Attaching disks: ${obstacle ?? 'possible'}`,
    '',
    '| question | answer | remark |',
    '|---|---|---|',
    ...asked.map((each) =>
      [`| ${cell(each.question.question)}`, cell(each.text), `${cell(verdict(each))} |`].join(
        ' | ',
      ),
    ),
    '',
  ].join('\n');
}
