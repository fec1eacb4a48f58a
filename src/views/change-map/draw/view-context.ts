import type { MapInfo, PlaceInfo } from '../../../engine/api/change-map.ts';
import { setText } from '../../common/dom.ts';
import type { Camera, Viewport } from '../scene/camera.ts';
import { levelFor } from '../scene/geometry.ts';
import type { MapPane } from './map-pane.ts';
import { TIMEOUTS, type Channel } from '../state/requests.ts';
import { cameraIn, reduce, type Action, type ViewModel } from '../state/store.ts';
import type { Words } from '../state/words.ts';

/** What the parts of the view share: the model and how it changes, the place that it is drawn in, and whom to ask. */
export class ViewContext {
  readonly channel: Channel;
  readonly words: Words;
  readonly pane: MapPane;
  readonly #status: HTMLElement;
  readonly #onChange: (model: ViewModel) => void;
  #model: ViewModel;

  constructor(
    model: ViewModel,
    channel: Channel,
    words: Words,
    pane: MapPane,
    status: HTMLElement,
    onChange: (model: ViewModel) => void,
  ) {
    this.#model = model;
    this.channel = channel;
    this.words = words;
    this.pane = pane;
    this.#status = status;
    this.#onChange = onChange;
  }

  get model(): ViewModel {
    return this.#model;
  }

  /** The map that is open; asked for only while one is. */
  get info(): MapInfo {
    const { info } = this.#model;
    if (info === undefined) throw new Error('No map is open');
    return info;
  }

  get isOpen(): boolean {
    return this.#model.status === 'open' && this.#model.info !== undefined;
  }

  get mapId(): string {
    return this.#model.info?.mapId ?? '';
  }

  get size(): number {
    return this.info.virtualSize;
  }

  get view(): Viewport {
    return this.pane.viewport(this.info);
  }

  get camera(): Camera {
    return cameraIn(this.#model, this.view);
  }

  /** Bytes of a cell as it is drawn. */
  get cell(): number {
    const ratio = globalThis.devicePixelRatio || 1;
    return 2 ** levelFor(this.camera.bytesPerRow, this.view.width * ratio);
  }

  do(action: Action): void {
    this.#model = reduce(this.#model, action);
    this.#onChange(this.#model);
  }

  move(change: (camera: Camera, view: Viewport, size: number) => Camera): void {
    if (!this.isOpen) return;
    this.do({ type: 'camera', camera: change(this.camera, this.view, this.size) });
  }

  /** In the line that screen readers read as it changes. */
  say(text: string): void {
    setText(this.#status, text);
  }

  /** The change after or before the one under the focus; null: there is none. */
  seek(direction: 'next' | 'previous'): Promise<PlaceInfo | null> {
    const { frame, focus: offset } = this.#model;
    const params = { mapId: this.mapId, frame, offset, direction };
    return this.channel.request('seek', params, { timeoutMs: TIMEOUTS.place });
  }

  place(offset: number, signal: AbortSignal): Promise<PlaceInfo> {
    const params = { mapId: this.mapId, frame: this.#model.frame, offset };
    return this.channel.request('place', params, { timeoutMs: TIMEOUTS.place, signal });
  }
}
