import * as vscode from 'vscode';
import type {
  PageDocument,
  PageFact,
  PageLink,
  PageNote,
  PagePart,
} from '../../views/api/report-page.ts';
import type { CommandId } from '../contributions/command-table.ts';
import type { AnyNode } from '../nodes/nodes.ts';
import type { Page } from './page-uri.ts';

const { t } = vscode.l10n;

/** Target of a link of a page: a command of the extension, or another page. */
export type LinkTarget =
  | {
      readonly command: CommandId;
      readonly node: AnyNode | undefined;
      readonly args?: readonly unknown[];
    }
  | { readonly page: Page; readonly name: string; readonly source?: boolean }
  | { readonly copy: string };

/** A page and what its links do. */
export interface MadePage {
  readonly document: PageDocument;
  readonly targets: readonly LinkTarget[];
}

/** Numbers the links of a page. */
export class PageLinks {
  readonly targets: LinkTarget[] = [];

  add(text: string, target: LinkTarget): PageLink {
    this.targets.push(target);
    return { kind: 'link', text, link: this.targets.length - 1 };
  }
}

/** A sentence, which may hold names. */
export const prose = (text: string): PagePart => ({ kind: 'text', text });
/** A name, a path or an ID. */
export const code = (text: string): PagePart => ({ kind: 'code', text });

/** A row of facts; none if every part of the value is empty. */
export function fact(name: string, ...value: readonly PagePart[]): PageFact[] {
  const parts = value.filter(({ text }) => text !== '');
  return parts.length === 0 ? [] : [{ name, value: parts }];
}

/** The parts that are not empty, with a space between them. */
export const spaced = (...parts: readonly PagePart[]): PagePart[] =>
  parts
    .filter(({ text }) => text !== '')
    .flatMap((part, i) => (i === 0 ? [part] : [prose(' '), part]));

/** A sentence with the code that names it in logs and on the command line. */
export const coded = (text: string, name: string): PagePart[] => [
  prose(`${text} (`),
  code(name),
  prose(')'),
];

/** A note without a severity. */
export const note = (...parts: readonly PagePart[]): PageNote => ({
  severity: null,
  label: '',
  parts,
});

/** A finding or a warning with its code and what helps against it. */
export function findingNote(
  found: { readonly severity: string; readonly message: string; readonly code: string },
  ...links: readonly PageLink[]
): PageNote {
  const labels = { error: t('error'), warning: t('warning'), info: t('info') };
  const severity = Object.hasOwn(labels, found.severity)
    ? (found.severity as keyof typeof labels)
    : 'info';
  const parts = [
    ...coded(found.message, found.code),
    ...links.flatMap((link) => [prose(' '), link]),
  ];
  return { severity, label: labels[severity], parts };
}
