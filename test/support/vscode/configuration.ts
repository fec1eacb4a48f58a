import { SETTINGS } from '../../../src/extension/contributions/setting-table.ts';
import { EventEmitter } from './events.ts';
import { ConfigurationTarget } from './values.ts';

interface Values {
  readonly globalValue?: unknown;
  readonly workspaceValue?: unknown;
  readonly workspaceFolderValue?: unknown;
}

const PLACES = {
  [ConfigurationTarget.Global]: 'globalValue',
  [ConfigurationTarget.Workspace]: 'workspaceValue',
  [ConfigurationTarget.WorkspaceFolder]: 'workspaceFolderValue',
} as const;

interface ChangeEvent {
  affectsConfiguration(section: string): boolean;
}

/** Settings with their scopes: what a workspace says of a setting that is not its to set does not count, as in the editor. */
export class FakeSettings {
  readonly #values = new Map<string, Values>();
  readonly changed = new EventEmitter<ChangeEvent>();

  reset(): void {
    this.#values.clear();
    this.changed.dispose();
  }

  /** What stands in a file of settings, whatever the scope. */
  put(id: string, value: unknown, target: keyof typeof PLACES = ConfigurationTarget.Global): void {
    this.#values.set(id, { ...this.#values.get(id), [PLACES[target]]: structuredClone(value) });
    this.changed.fire({
      affectsConfiguration: (section) => id === section || id.startsWith(`${section}.`),
    });
  }

  inspect(
    id: string,
  ): (Values & { readonly key: string; readonly defaultValue: unknown }) | undefined {
    const spec = specOf(id);
    const { globalValue, workspaceValue, workspaceFolderValue } = this.#values.get(id) ?? {};
    const own = { key: id, defaultValue: spec?.default, globalValue };
    return ofWorkspaces(id) ? { ...own, workspaceValue, workspaceFolderValue } : own;
  }

  get(id: string): unknown {
    const found = this.inspect(id);
    return frozen(
      found?.workspaceFolderValue ??
        found?.workspaceValue ??
        found?.globalValue ??
        found?.defaultValue,
    );
  }

  /** What `workspace.getConfiguration` answers. */
  section(section = ''): object {
    const full = (key: string): string => (section === '' ? key : `${section}.${key}`);
    return {
      get: (key: string, otherwise?: unknown) => this.get(full(key)) ?? otherwise,
      has: (key: string) => this.get(full(key)) !== undefined,
      inspect: (key: string) => frozen(this.inspect(full(key))),
      update: async (key: string, value: unknown, target: unknown) => {
        const id = full(key);
        const place = target === true ? ConfigurationTarget.Global : target;
        if (!isTarget(place)) throw new Error(`no target for ${id}`);
        if (specOf(id) === undefined) {
          throw new Error(`Unable to write to settings because ${id} is not registered.`);
        }
        if (place !== ConfigurationTarget.Global && !ofWorkspaces(id)) {
          throw new Error(`Unable to write ${id} to Workspace Settings.`);
        }
        this.put(id, value, place);
      },
    };
  }
}

const isTarget = (value: unknown): value is keyof typeof PLACES =>
  typeof value === 'number' && value in PLACES;

function specOf(id: string): { readonly scope: string; readonly default: unknown } | undefined {
  return (
    SETTINGS as Readonly<Record<string, { readonly scope: string; readonly default: unknown }>>
  )[id];
}

function ofWorkspaces(id: string): boolean {
  const scope = specOf(id)?.scope ?? 'window';
  return scope !== 'application' && scope !== 'machine';
}

/** Values of settings cannot be changed in place. */
function frozen<T>(value: T): T {
  const copy = structuredClone(value);
  const freeze = (each: unknown): void => {
    if (typeof each !== 'object' || each === null) return;
    Object.freeze(each);
    for (const inner of Object.values(each)) freeze(inner);
  };
  freeze(copy);
  return copy;
}
