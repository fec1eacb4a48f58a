import { fill } from '../../common/words/format.ts';
import { sentence } from '../../common/words/plain-text.ts';
import { SIDES, type CompareWords } from './compare-words.ts';
import type { CompareModel } from './store.ts';

/** Text in place of the comparison. */
interface ScreenText {
  /** Empty: there is a comparison to show. */
  readonly text: string;
  /** Opening the images again may help. */
  readonly retries: boolean;
}

/** Returns what is shown in place of a comparison that is loading, has failed, or has no disk to compare. */
export function screenText(
  { status, failure, opened }: CompareModel,
  { strings, names }: CompareWords,
): ScreenText {
  if (status === 'failed') {
    const reason = sentence(failure?.message ?? '');
    const next = failure?.code === 'view.notFile' ? strings.notFileNext : undefined;
    const lines = [strings.failed, reason, ...(next === undefined ? [] : [next])];
    return { text: lines.join(' '), retries: next === undefined };
  }
  if (opened === undefined) return { text: strings.loading, retries: false };
  const side = SIDES.find((each) => opened.images[each].virtualSize === null);
  const text = side === undefined ? '' : fill(strings.noDisk, names[side]);
  return { text, retries: false };
}
