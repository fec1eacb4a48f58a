import { COMMANDS, type CommandSpec } from './command-table.ts';
import { EXPLORER_MENU, FOR_SEVERAL, FOR_TWO, ITEM_MENU, TITLE_MENU } from './menu-table.ts';
import { localised, type TextOf } from './localised.ts';
import { SETTINGS } from './setting-table.ts';
import { CONTAINER, VIEWS, WELCOMES } from './view-table.ts';
import { ACTIVATION_EVENTS, ANATOMY_EDITOR, ANATOMY_OPTION, TRACE_EDITOR } from './view-types.ts';
import { WALKTHROUGH, WALKTHROUGH_THEMES } from './walkthrough-table.ts';

/** The parts of package.json that come from the tables, and the English texts of package.nls.json. */
export interface Manifest {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly texts: Readonly<Record<string, string>>;
}

const CONTAINER_ICON = 'media/refpoint.svg';

/** `refpoint.addHost` is `addHost` where the key says what it is a text of. */
const short = (id: string): string => id.replace(/^refpoint\./, '');

export function manifest(): Manifest {
  const texts: Record<string, string> = {};
  const text: TextOf = (key, english) => {
    if (key in texts && texts[key] !== english) throw new Error(`two texts are called ${key}`);
    texts[key] = english;
    return `%${key}%`;
  };
  const fields = {
    description: text(
      'description',
      'Backs up Hyper-V virtual machines through reference points and Resilient Change Tracking, and shows what changed.',
    ),
    activationEvents: ACTIVATION_EVENTS,
    capabilities: capabilities(text),
    contributes: {
      commands: commands(text),
      viewsContainers: {
        activitybar: [
          { id: CONTAINER, title: text('container', 'Refpoint'), icon: CONTAINER_ICON },
        ],
      },
      views: views(text),
      viewsWelcome: WELCOMES.map(({ view, when, contents }, i) => ({
        view,
        when,
        contents: text(`welcome.${short(view)}.${i + 1}`, contents),
      })),
      menus: menus(),
      configuration: configuration(text),
      customEditors: customEditors(text),
      jsonValidation: [{ fileMatch: 'point.chain.json', url: './dist/point.schema.json' }],
      walkthroughs: [walkthrough(text)],
    },
  };
  return { fields, texts };
}

const capabilities = (text: TextOf): unknown => ({
  untrustedWorkspaces: {
    supported: 'limited',
    description: text(
      'untrusted',
      'Hosts and stores keep working; disk images follow no parents and open nothing outside their own folder.',
    ),
  },
  virtualWorkspaces: {
    supported: 'limited',
    description: text(
      'virtual',
      'Hosts, stores and jobs work; disk images can be opened from a file system only.',
    ),
  },
});

const commands = (text: TextOf): unknown =>
  Object.entries<CommandSpec>(COMMANDS).map(([command, { title, icon, enablement }]) => ({
    command,
    category: text('category', 'Refpoint'),
    title: text(`command.${short(command)}`, title),
    ...(icon === undefined ? {} : { icon: `$(${icon})` }),
    ...(enablement === undefined ? {} : { enablement }),
  }));

const views = (text: TextOf): unknown => ({
  [CONTAINER]: Object.entries(VIEWS).map(([id, { name }]) => ({
    id,
    name: text(`view.${short(id)}`, name),
    icon: CONTAINER_ICON,
    contextualTitle: text('container', 'Refpoint'),
  })),
});

const menus = (): unknown => ({
  commandPalette: Object.entries<CommandSpec>(COMMANDS).flatMap(([command, { palette }]) =>
    palette === undefined ? [] : [{ command, when: palette }],
  ),
  'view/title': TITLE_MENU,
  'view/item/context': ITEM_MENU.map((item) => {
    if (item.group.startsWith('inline') || FOR_SEVERAL.includes(item.command)) return item;
    const one = `${item.when} && !listMultiSelection`;
    const two = `${item.when} && listDoubleSelection`;
    return { ...item, when: FOR_TWO.includes(item.command) ? `${one} || ${two}` : one };
  }),
  'explorer/context': EXPLORER_MENU,
});

const configuration = (text: TextOf): unknown => ({
  title: text('settings', 'Refpoint'),
  properties: Object.fromEntries(
    Object.entries(SETTINGS).map(([id, { description, ...rest }], order) => {
      const key = `setting.${short(id)}`;
      const inner = localised(rest, key, text) as object;
      return [id, { order, ...inner, markdownDescription: text(key, description) }];
    }),
  ),
});

/** Two entries for disks, since what is opened by default and what is only offered cannot share one. */
const customEditors = (text: TextOf): unknown => [
  {
    viewType: ANATOMY_EDITOR,
    displayName: text('editor.anatomy', 'Disk Anatomy'),
    selector: [{ filenamePattern: '*.vhdx' }, { filenamePattern: '*.avhdx' }],
    priority: 'default',
  },
  {
    viewType: TRACE_EDITOR,
    displayName: text('editor.trace', 'Recorded Exchanges'),
    selector: [{ filenamePattern: '*.rptrace' }],
    priority: 'default',
  },
  {
    viewType: ANATOMY_OPTION,
    displayName: text('editor.anatomy', 'Disk Anatomy'),
    selector: [
      { filenamePattern: '*.vhd' },
      { filenamePattern: '*.avhd' },
      { filenamePattern: '*.vhds' },
      { filenamePattern: '*.qcow2' },
    ],
    priority: 'option',
  },
];

const walkthrough = (text: TextOf): unknown => ({
  id: WALKTHROUGH.id,
  title: text('walkthrough.title', WALKTHROUGH.title),
  description: text('walkthrough.description', WALKTHROUGH.description),
  steps: WALKTHROUGH.steps.map(({ id, title, description, alt, completionEvents }) => ({
    id,
    title: text(`walkthrough.${id}.title`, title),
    description: text(`walkthrough.${id}.description`, description),
    completionEvents,
    media: {
      altText: text(`walkthrough.${id}.alt`, alt),
      image: Object.fromEntries(
        Object.entries(WALKTHROUGH_THEMES).map(([theme, ending]) => [
          theme,
          `media/walkthrough/${id}-${ending}.png`,
        ]),
      ),
    },
  })),
});
