import type * as vscode from 'vscode';

/** A job that this window tells its person about, until it has. */
export interface FollowedJob {
  readonly id: string;
  /** `Back up web01`. */
  readonly title: string;
}

const KEY = 'refpoint.followedJobs';

/** Which jobs this window follows, kept over its reload. */
export class FollowedJobs {
  readonly #memento: vscode.Memento;

  constructor(memento: vscode.Memento) {
    this.#memento = memento;
  }

  get all(): readonly FollowedJob[] {
    const found = this.#memento.get<unknown>(KEY, []);
    if (!Array.isArray(found)) return [];
    return found.filter(
      (each): each is FollowedJob => typeof (each as FollowedJob | null)?.id === 'string',
    );
  }

  async add(jobs: readonly FollowedJob[]): Promise<void> {
    const ids = new Set(jobs.map(({ id }) => id));
    await this.#memento.update(KEY, [...this.all.filter(({ id }) => !ids.has(id)), ...jobs]);
  }

  async remove(id: string): Promise<void> {
    await this.#memento.update(
      KEY,
      this.all.filter((each) => each.id !== id),
    );
  }
}
