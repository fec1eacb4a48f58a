import type { MapInfo, PlaceInfo } from '../../../engine/api/change-map.ts';
import { ModelContext } from '../../common/frame/model-context.ts';
import type { Camera, Viewport } from '../scene/camera.ts';
import { levelFor } from '../scene/geometry.ts';
import type { MapPane } from './map-pane.ts';
import { TIMEOUTS, type Channel } from '../state/requests.ts';
import { cameraIn, type Action, type ViewModel } from '../state/store.ts';
import type { Words } from '../state/words.ts';

/** Also holds the viewport in which the map is drawn. */
export class ViewContext extends ModelContext<ViewModel, Action, Channel, Words> {
  readonly pane: MapPane;

  constructor(
    pane: MapPane,
    options: ConstructorParameters<typeof ModelContext<ViewModel, Action, Channel, Words>>[0],
  ) {
    super(options);
    this.pane = pane;
  }

  /** The open map; must be used only while one is open. */
  get info(): MapInfo {
    const { info } = this.model;
    if (info === undefined) throw new Error('No map is open');
    return info;
  }

  get isOpen(): boolean {
    return this.model.status === 'open' && this.model.info !== undefined;
  }

  get mapId(): string {
    return this.model.info?.mapId ?? '';
  }

  get size(): number {
    return this.info.virtualSize;
  }

  get view(): Viewport {
    return this.pane.viewport(this.info);
  }

  get camera(): Camera {
    return cameraIn(this.model, this.view);
  }

  /** Bytes of a cell as drawn. */
  get cell(): number {
    const ratio = globalThis.devicePixelRatio || 1;
    return 2 ** levelFor(this.camera.bytesPerRow, this.view.width * ratio);
  }

  move(change: (camera: Camera, view: Viewport, size: number) => Camera): void {
    if (!this.isOpen) return;
    this.do({ type: 'camera', camera: change(this.camera, this.view, this.size) });
  }

  /** Returns the change after or before the focused one; null if there is not one. */
  seek(direction: 'next' | 'previous'): Promise<PlaceInfo | null> {
    const { frame, focus: offset } = this.model;
    const params = { mapId: this.mapId, frame, offset, direction };
    return this.channel.request('seek', params, { timeoutMs: TIMEOUTS.place });
  }

  place(offset: number, signal: AbortSignal): Promise<PlaceInfo> {
    const params = { mapId: this.mapId, frame: this.model.frame, offset };
    return this.channel.request('place', params, { timeoutMs: TIMEOUTS.place, signal });
  }
}
