import type {
  PageCommand,
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

/** Maximum length of the commands of one block. */
const LONGEST_COMMAND = 16 * 1024;

/** Runs a link. Settles when it is done, and rejects if it failed: the page has shown that. */
type Follow = (link: number) => Promise<void>;

/** Texts of the view that elements need. */
interface Labels {
  readonly actions: string;
  readonly copied: string;
}

/**
 * Creates the elements of a page. Every text is set as text, so that names cannot become markup.
 */
export function documentElements(
  { title, links, sections }: PageDocument,
  labels: Labels,
  follow: Follow,
): readonly HTMLElement[] {
  const heading = element('h1', { tabindex: -1 }, plainText(title, LONGEST));
  const header = element('header', {}, heading, ...actions(links, labels.actions, follow));
  return [header, ...sections.map((section) => sectionElement(section, labels, follow))];
}

function sectionElement(section: PageSection, labels: Labels, follow: Follow): HTMLElement {
  const { heading, depth, links, facts, notes, none, commands = [] } = section;
  const made = element('section', { class: `depth${depth}` });
  if (heading !== '') {
    const tag = depth === 2 ? 'h2' : 'h3';
    const text = element(tag, {}, plainText(heading, LONGEST));
    const name = `${heading}: ${labels.actions}`;
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
  made.append(...commands.map((command) => commandElement(command, labels, follow)));
  return made;
}

/** The block can be scrolled by keyboard, and the button says that it copied. */
function commandElement(command: PageCommand, { copied }: Labels, follow: Follow): HTMLElement {
  const title = plainText(command.title, LONGEST);
  const label = plainText(command.copy.text);
  const status = element('span', { class: 'copied', role: 'status' });
  const copy = button(label, () => {
    status.textContent = '';
    follow(command.copy.link).then(
      () => (status.textContent = copied),
      () => undefined,
    );
  });
  copy.setAttribute('aria-label', `${label}: ${title}`);
  const lines = command.text.split('\n').map((line) => plainText(line, LONGEST_COMMAND));
  const text = element(
    'pre',
    { tabindex: 0, role: 'region', 'aria-label': title },
    lines.join('\n'),
  );
  const head = element('figcaption', {}, element('span', {}, title), copy, status);
  return element('figure', { class: 'command' }, head, text);
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
  return button(plainText(text), () => ignore(follow(link)), 'link');
}

function actions(links: readonly PageLink[], label: string, follow: Follow): HTMLElement[] {
  if (links.length === 0) return [];
  const made = links.map((link) => button(plainText(link.text), () => ignore(follow(link.link))));
  return [element('div', { class: 'actions', role: 'group', 'aria-label': label }, ...made)];
}

const ignore = (done: Promise<void>): void => void done.catch(() => undefined);
