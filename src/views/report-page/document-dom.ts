import type {
  PageDocument,
  PageLink,
  PageNote,
  PagePart,
  PageSection,
} from '../api/report-page.ts';
import { button, element } from '../common/dom.ts';
import { plainText } from '../common/words/plain-text.ts';

/**
 * Maximum length of a part's text: Windows paths have up to 32767 characters, and a sentence may
 * hold several.
 */
const LONGEST = 4096;

type Follow = (link: number) => void;

/**
 * Creates the elements of a page. Every text is set as text, so that names cannot become markup.
 */
export function documentElements(
  { title, links, sections }: PageDocument,
  actionsLabel: string,
  follow: Follow,
): readonly HTMLElement[] {
  const heading = element('h1', { tabindex: -1 }, plainText(title, LONGEST));
  const header = element('header', {}, heading, ...actions(links, actionsLabel, follow));
  return [header, ...sections.map((section) => sectionElement(section, actionsLabel, follow))];
}

function sectionElement(section: PageSection, label: string, follow: Follow): HTMLElement {
  const { heading, depth, links, facts, notes, none } = section;
  const made = element('section', { class: `depth${depth}` });
  if (heading !== '') {
    const tag = depth === 2 ? 'h2' : 'h3';
    const text = element(tag, {}, plainText(heading, LONGEST));
    const name = `${heading}: ${label}`;
    made.append(element('div', { class: 'heading' }, text, ...actions(links, name, follow)));
  }
  if (facts.length > 0) {
    const rows = facts.flatMap(({ name, value }) => [
      element('dt', {}, plainText(name)),
      element('dd', {}, ...value.map((part) => partElement(part, follow))),
    ]);
    made.append(element('dl', {}, ...rows));
  }
  if (notes.length > 0) {
    made.append(element('ul', {}, ...notes.map((note) => noteElement(note, follow))));
  } else if (none !== '') {
    made.append(element('p', { class: 'none' }, plainText(none)));
  }
  return made;
}

function noteElement({ severity, label, parts }: PageNote, follow: Follow): HTMLElement {
  const made = element('li', {}, ...parts.map((part) => partElement(part, follow)));
  if (severity !== null) {
    made.prepend(element('span', { class: `severity ${severity}` }, plainText(label)), ' ');
  }
  return made;
}

function partElement(part: PagePart, follow: Follow): Node {
  if (part.kind === 'link') return linkElement(part, follow);
  const text = plainText(part.text, LONGEST);
  return part.kind === 'code' ? element('code', {}, text) : document.createTextNode(text);
}

/** A button, since it runs a command and has no address. */
function linkElement({ text, link }: PageLink, follow: Follow): HTMLElement {
  return button(plainText(text), () => follow(link), 'link');
}

function actions(links: readonly PageLink[], label: string, follow: Follow): HTMLElement[] {
  if (links.length === 0) return [];
  const made = links.map((link) => button(plainText(link.text), () => follow(link.link)));
  return [element('div', { class: 'actions', role: 'group', 'aria-label': label }, ...made)];
}
