import { COMMANDS, type CommandSpec } from './command-table.ts';
import { ITEM_MENU, TITLE_MENU } from './menu-table.ts';
import { SETTINGS } from './setting-table.ts';
import { CONTAINER, VIEWS, WELCOMES } from './view-table.ts';
import { WALKTHROUGH } from './walkthrough-table.ts';

/** What package.json contributes, and the English texts of package.nls.json, both from the tables. */
export interface Contributed {
  readonly contributes: Readonly<Record<string, unknown>>;
  readonly texts: Readonly<Record<string, string>>;
}

/** The custom editor of disk images, and those that it is offered for only. */
export const ANATOMY_EDITOR = 'refpoint.diskAnatomy';

export function contributed(): Contributed {
  const texts: Record<string, string> = {};
  const text = (key: string, english: string): string => {
    texts[key] = english;
    return `%${key}%`;
  };
  const short = (id: string): string => id.replace(/^refpoint\./, '');
  const contributes = {
    commands: Object.entries<CommandSpec>(COMMANDS).map(([command, spec]) => ({
      command,
      category: text('category', 'Refpoint'),
      title: text(`command.${short(command)}`, spec.title),
      ...(spec.icon === undefined ? {} : { icon: `$(${spec.icon})` }),
    })),
    viewsContainers: {
      activitybar: [
        { id: CONTAINER, title: text('container', 'Refpoint'), icon: 'media/refpoint.svg' },
      ],
    },
    views: {
      [CONTAINER]: Object.entries(VIEWS).map(([id, { name }]) => ({
        id,
        name: text(`view.${short(id)}`, name),
      })),
    },
    viewsWelcome: WELCOMES.map(({ view, when, contents }, i) => ({
      view,
      when,
      contents: text(`welcome.${i + 1}`, contents),
    })),
    menus: {
      commandPalette: Object.entries<CommandSpec>(COMMANDS).flatMap(([command, { palette }]) =>
        palette === undefined ? [] : [{ command, when: palette }],
      ),
      'view/title': TITLE_MENU,
      'view/item/context': ITEM_MENU,
    },
    configuration: {
      title: text('settings', 'Refpoint'),
      properties: Object.fromEntries(
        Object.entries(SETTINGS).map(([id, { description, ...rest }], order) => [
          id,
          { order, ...rest, markdownDescription: text(`setting.${short(id)}`, description) },
        ]),
      ),
    },
    customEditors: [
      {
        viewType: ANATOMY_EDITOR,
        displayName: text('editor.anatomy', 'Disk Anatomy'),
        selector: [{ filenamePattern: '*.vhdx' }, { filenamePattern: '*.avhdx' }],
        priority: 'default',
      },
      {
        viewType: `${ANATOMY_EDITOR}.option`,
        displayName: text('editor.anatomy', 'Disk Anatomy'),
        selector: [
          { filenamePattern: '*.vhd' },
          { filenamePattern: '*.avhd' },
          { filenamePattern: '*.vhds' },
        ],
        priority: 'option',
      },
    ],
    jsonValidation: [{ fileMatch: '*.chain.json', url: './schema/point.schema.json' }],
    walkthroughs: [
      {
        id: WALKTHROUGH.id,
        title: text('walkthrough.title', WALKTHROUGH.title),
        description: text('walkthrough.description', WALKTHROUGH.description),
        steps: WALKTHROUGH.steps.map((step) => ({
          id: step.id,
          title: text(`walkthrough.${step.id}.title`, step.title),
          description: text(`walkthrough.${step.id}.description`, step.description),
          completionEvents: step.completionEvents,
          media: {
            altText: text(`walkthrough.${step.id}.alt`, step.alt),
            image: {
              dark: `media/walkthrough/${step.id}-dark.png`,
              light: `media/walkthrough/${step.id}-light.png`,
              hc: `media/walkthrough/${step.id}-hc.png`,
              hcLight: `media/walkthrough/${step.id}-hc-light.png`,
            },
          },
        })),
      },
    ],
  };
  return { contributes, texts };
}
