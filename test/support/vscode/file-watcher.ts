import { EventEmitter } from './events.ts';
import type { Uri } from './uri.ts';

export class RelativePattern {
  readonly baseUri: Uri;
  readonly pattern: string;

  constructor(base: Uri, pattern: string) {
    this.baseUri = base;
    this.pattern = pattern;
  }
}

/** A watcher whose events a test fires. */
export class FakeFileWatcher {
  readonly pattern: RelativePattern;
  readonly changed = new EventEmitter<Uri>();
  readonly created = new EventEmitter<Uri>();
  readonly deleted = new EventEmitter<Uri>();
  readonly onDidChange = this.changed.event;
  readonly onDidCreate = this.created.event;
  readonly onDidDelete = this.deleted.event;
  disposed = false;

  constructor(pattern: RelativePattern) {
    this.pattern = pattern;
  }

  dispose(): void {
    this.disposed = true;
  }
}
