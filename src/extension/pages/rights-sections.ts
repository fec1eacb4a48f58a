import * as vscode from 'vscode';
import {
  GRANTING_COMMANDS,
  type FeatureRight,
  type MissingRight,
} from '../../engine/api/windows/rights.ts';
import type { PageCommand, PageSection } from '../../views/api/report-page.ts';
import { fact, prose, type PageLinks } from './page-parts.ts';
import { FEATURES, MISSING } from './rights-words.ts';

const { t } = vscode.l10n;

/** Makes the sections on what the account may do, feature by feature, and on the commands that grant what is missing; none if no right is known. */
export function rightsSections(
  rights: readonly FeatureRight[],
  user: string | undefined,
  links: PageLinks,
): readonly PageSection[] {
  if (rights.length === 0) return [];
  const facts = rights.flatMap(({ feature, ok, missing }) =>
    fact(
      FEATURES[feature](),
      prose(ok ? t('yes') : [t('no'), ...missing.map((each) => MISSING[each]())].join(' · ')),
    ),
  );
  const shared = { links: [], notes: [], none: '' } as const;
  const missing = [...new Set(rights.flatMap((right) => right.missing))];
  const commands = missing.flatMap((each) => grant(each, user, links));
  return [
    { ...shared, heading: t('Rights of the Account'), depth: 2, facts },
    ...(commands.length === 0
      ? []
      : [
          {
            ...shared,
            heading: t('Grant What Is Missing'),
            depth: 3,
            facts: [],
            none: t(
              'Run on the host, in Windows PowerShell as an administrator. Begin with the first; disconnect and connect again after it.',
            ),
            commands,
          } as const,
        ]),
  ];
}

function grant(
  missing: MissingRight,
  user: string | undefined,
  links: PageLinks,
): readonly PageCommand[] {
  const text = GRANTING_COMMANDS[missing].map((line) => withAccount(line, user)).join('\n');
  if (text === '') return [];
  return [{ title: MISSING[missing](), text, copy: links.add(t('Copy'), { copy: text }) }];
}

/** Puts the user's name where commands have it, as PowerShell quotes it: a name cannot end its quotes. */
function withAccount(line: string, user: string | undefined): string {
  if (user === undefined || /\p{Cc}/u.test(user)) return line;
  const name = user.replace(/^\.\\/, '').replaceAll(/['‘’‚‛]/g, '$&$&');
  return line.replaceAll('ACCOUNT', () => name);
}
