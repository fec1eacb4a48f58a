import type { Colour, Palette } from '../scene/colours.ts';
import type { Renderer, Scene } from '../scene/scene.ts';
import { leastOf } from '../scene/shade.ts';
import { Atlas } from './atlas.ts';
import { makeProgram } from './program.ts';
import { FRAGMENT, VERTEX } from './shaders.ts';

/** Floats of one instance: rect 4, cells 3, fill 4. */
const FLOATS = 11;
const ATTRIBUTES = [
  ['rect', 4, 0],
  ['cells', 3, 4],
  ['fill', 4, 7],
] as const;

/**
 * Measured on two cores: 4 s of pan and zoom had a p95 of 33 ms on SwiftShader, of 17 ms on a 2D
 * canvas.
 */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/** Draws a scene with WebGL2 in one call. Zoom and pan change instances, themes change uniforms. */
export class GlRenderer implements Renderer {
  readonly name: string;
  readonly #gl: WebGL2RenderingContext;
  readonly #program: WebGLProgram;
  readonly #atlas: Atlas;
  readonly #buffer: WebGLBuffer;
  #instances = new Float32Array(FLOATS * 256);
  #ratio = 1;

  private constructor(gl: WebGL2RenderingContext, program: WebGLProgram) {
    this.#gl = gl;
    this.#program = program;
    this.#atlas = new Atlas(gl);
    this.#buffer = gl.createBuffer();
    this.name = `WebGL2, ${rendererName(gl)}`;
    gl.useProgram(program);
    gl.uniform1i(gl.getUniformLocation(program, 'atlas'), 0);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffer);
    for (const [name, size, offset] of ATTRIBUTES) {
      const at = gl.getAttribLocation(program, name);
      gl.enableVertexAttribArray(at);
      gl.vertexAttribPointer(at, size, gl.FLOAT, false, FLOATS * 4, offset * 4);
      gl.vertexAttribDivisor(at, 1);
    }
  }

  /**
   * Returns undefined if WebGL2 is not available, or if it is rendered by software and not
   * `forced`: a 2D canvas is then faster.
   */
  static create(canvas: HTMLCanvasElement, forced: boolean): GlRenderer | undefined {
    // The drawing buffer is not preserved: that costs a copy of every frame. Pictures are read
    // right after drawing.
    const gl = canvas.getContext('webgl2', { alpha: true, antialias: false, depth: false });
    if (gl === null || (!forced && SOFTWARE.test(rendererName(gl)))) return undefined;
    const program = makeProgram(gl, VERTEX, FRAGMENT);
    return program === undefined ? undefined : new GlRenderer(gl, program);
  }

  resize(width: number, height: number, devicePixelRatio: number): void {
    const gl = this.#gl;
    this.#ratio = devicePixelRatio;
    gl.viewport(0, 0, width, height);
    gl.uniform2f(gl.getUniformLocation(this.#program, 'size'), width, height);
    gl.uniform1f(gl.getUniformLocation(this.#program, 'height'), height);
  }

  setPalette(palette: Palette): void {
    const gl = this.#gl;
    const set = (name: string, [red, green, blue]: Colour): void =>
      gl.uniform3f(gl.getUniformLocation(this.#program, name), red / 255, green / 255, blue / 255);
    set('empty', palette.empty);
    set('changed', palette.changed);
    set('data', palette.data);
    set('zero', palette.zero);
    set('unknown', palette.unknown);
    gl.uniform1i(gl.getUniformLocation(this.#program, 'patterns'), palette.patterns ? 1 : 0);
    gl.uniform1f(gl.getUniformLocation(this.#program, 'least'), leastOf(palette));
  }

  draw(scene: Scene, cellHeight: number): void {
    const gl = this.#gl;
    const count = this.#fill(scene, cellHeight);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.bufferData(gl.ARRAY_BUFFER, this.#instances.subarray(0, count * FLOATS), gl.DYNAMIC_DRAW);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, count);
  }

  forgetTiles(): void {
    this.#atlas.clear();
  }

  dispose(): void {
    this.#gl.getExtension('WEBGL_lose_context')?.loseContext();
  }

  #fill({ pieces }: Scene, cellHeight: number): number {
    if (pieces.length * FLOATS > this.#instances.length) {
      this.#instances = new Float32Array(pieces.length * FLOATS * 2);
    }
    const out = this.#instances;
    const ratio = this.#ratio;
    let count = 0;
    for (const { x0, x1, y, cell0, cell1, loaded } of pieces) {
      if (loaded === undefined) continue;
      const at = count++ * FLOATS;
      out[at] = x0 * ratio;
      out[at + 1] = x1 * ratio;
      out[at + 2] = Math.round(y * ratio);
      out[at + 3] = Math.round((y + cellHeight) * ratio);
      out[at + 4] = cell0;
      out[at + 5] = cell1;
      out[at + 6] = this.#atlas.layerOf(loaded);
      for (let c = 0; c < 4; c++) out[at + 7 + c] = (loaded.fill[c] as number) / 255;
    }
    return count;
  }
}

function rendererName(gl: WebGL2RenderingContext): string {
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  return String(gl.getParameter(info === null ? gl.RENDERER : info.UNMASKED_RENDERER_WEBGL));
}
