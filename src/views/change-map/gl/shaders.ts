/*
 * One instance is a piece of a row: a rectangle in device pixels, the cells of a tile that it
 * covers, and the layer of the atlas that holds the tile (-1: all cells are `fill`). shade.ts
 * documents the fragment shader.
 */
export const VERTEX = `#version 300 es
in vec4 rect;   // x0, x1, y0, y1
in vec3 cells;  // first, last, layer
in vec4 fill;
uniform vec2 size;
out float cell;
flat out float layer;
flat out vec4 value;
void main() {
  vec2 corner = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1));
  vec2 at = mix(rect.xz, rect.yw, corner) / size * 2.0 - 1.0;
  gl_Position = vec4(at.x, -at.y, 0.0, 1.0);
  cell = mix(cells.x, cells.y, corner.x);
  layer = cells.z;
  value = fill;
}`;

export const FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2DArray;
in float cell;
flat in float layer;
flat in vec4 value;
uniform sampler2DArray atlas;
uniform vec3 empty, changed, data, zero, unknown;
uniform bool patterns;
uniform float least;
uniform float height;
out vec4 colour;
vec3 lay(vec3 under, float coverage, vec3 over, bool shown) {
  if (coverage == 0.0 || !shown) return under;
  return mix(under, over, least + (1.0 - least) * coverage);
}
void main() {
  vec4 c = value;
  if (layer >= 0.0) {
    int i = clamp(int(floor(cell)), 0, 4095);
    c = texelFetch(atlas, ivec3(i & 63, i >> 6, int(layer)), 0);
  }
  int x = int(gl_FragCoord.x);
  int y = int(height - gl_FragCoord.y);
  vec3 shown = empty;
  shown = lay(shown, c.a, unknown, !patterns || (x % 6 == 0 && y % 6 == 2));
  shown = lay(shown, c.b, zero, !patterns || (x % 4 < 2 && y % 4 < 2));
  shown = lay(shown, c.g, data, !patterns || (x + y) % 6 < 3);
  shown = lay(shown, c.r, changed, true);
  colour = vec4(shown, 1.0);
}`;
