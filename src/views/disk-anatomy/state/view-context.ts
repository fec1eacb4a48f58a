import type { AnatomyInfo } from '../../../engine/api/anatomy.ts';
import { ModelContext } from '../../common/frame/model-context.ts';
import type { Channel } from './requests.ts';
import type { Action, Marked, ViewModel } from './store.ts';
import type { Words } from './words.ts';

/** Also scrolls bytes into view. */
export class ViewContext extends ModelContext<ViewModel, Action, Channel, Words> {
  readonly #onJump: (marked: Marked) => void;

  constructor(
    onJump: (marked: Marked) => void,
    options: ConstructorParameters<typeof ModelContext<ViewModel, Action, Channel, Words>>[0],
  ) {
    super(options);
    this.#onJump = onJump;
  }

  /** The open file; must be used only while one is open. */
  get info(): AnatomyInfo {
    const { info } = this.model;
    if (info === undefined) throw new Error('No file is open');
    return info;
  }

  get isOpen(): boolean {
    return this.model.info !== undefined && this.model.status !== 'failed';
  }

  get anatomyId(): string {
    return this.model.info?.anatomyId ?? '';
  }

  /** Selects bytes and brings them into view. */
  jump(offset: number, length: number): void {
    this.do({ type: 'mark', marked: { offset, length } });
    this.#onJump(this.model.marked);
  }
}
