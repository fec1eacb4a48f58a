import type { PageDocument, PageNote, PagePart, PageSection } from '../../views/api/report-page.ts';
import { block, code, fact, prose } from './markdown.ts';

/** A page as Markdown, for tickets and notes: without its links, which lead to commands of the editor. */
export function pageMarkdown({ title, sections }: PageDocument): string {
  return [`# ${prose(title)}`, '', ...sections.flatMap(sectionLines)].join('\n');
}

function sectionLines(section: PageSection): readonly string[] {
  const { heading, depth, facts, notes, none, commands = [] } = section;
  const lines = notes.map((each) => `- ${noteLine(each)}`);
  return [
    ...(heading === '' ? [] : [`${'#'.repeat(depth)} ${prose(heading)}`, '']),
    ...facts.flatMap(({ name, value }) => fact(name, partsText(value))),
    ...(facts.length === 0 ? [] : ['']),
    ...(lines.length > 0 ? lines : none === '' ? [] : [none]),
    ...(lines.length > 0 || none !== '' ? [''] : []),
    ...commands.flatMap(({ title, text }) => [prose(title), '', ...block(text), '']),
  ];
}

const noteLine = ({ label, parts }: PageNote): string =>
  `${label === '' ? '' : `**${prose(label)}** `}${partsText(parts)}`;

function partsText(parts: readonly PagePart[]): string {
  const texts = parts.map((part) =>
    part.kind === 'link' ? '' : part.kind === 'code' ? code(part.text) : prose(part.text),
  );
  return texts.join('').trim();
}
