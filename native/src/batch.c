/* A batch: extents, and the cells and blocks that they touch. */
#include "pump.h"

#include <stdlib.h>
#include <string.h>

/* Checks that the extents are in order, disjoint, within the disk, in known files, and do not wrap around. */
static int valid(const rp_options *options, size_t files, rp_side side) {
  uint64_t end = 0;
  for (size_t i = 0; i < side.count; i++) {
    const rp_extent *e = &side.extents[i];
    if (e->length == 0 || e->start < end || e->start >= options->disk_size) return 0;
    if (e->length > options->disk_size - e->start || e->file >= files) return 0;
    if (e->offset > INT64_MAX || e->length > INT64_MAX - e->offset) return 0;
    end = e->start + e->length;
  }
  return 1;
}

/* Copies both sides into one allocation. */
static int copy_sides(rp_batch *batch, const rp_side sides[2]) {
  const size_t total = sides[0].count + sides[1].count;
  rp_extent *copies = malloc(total * sizeof *copies);
  if (copies == NULL) return 0;
  for (int s = 0; s < 2; s++) {
    if (sides[s].count > 0) memcpy(copies + (s == 0 ? 0 : sides[0].count), sides[s].extents, sides[s].count * sizeof *copies);
    batch->sides[s] = (rp_side){copies + (s == 0 ? 0 : sides[0].count), sides[s].count};
  }
  return 1;
}

/* Returns the next cell at or behind `cell` that an extent from first[] on touches; UINT64_MAX if none does. Moves first[]. */
static uint64_t next_cell(const rp_batch *batch, uint64_t cell, size_t first[2]) {
  uint64_t found = UINT64_MAX;
  for (int s = 0; s < 2; s++) {
    const rp_side *side = &batch->sides[s];
    while (first[s] < side->count) {
      const rp_extent *e = &side->extents[first[s]];
      if ((e->start + e->length - 1) / RP_CELL >= cell) {
        const uint64_t number = e->start / RP_CELL > cell ? e->start / RP_CELL : cell;
        if (number < found) found = number;
        break;
      }
      first[s]++;
    }
  }
  return found;
}

/* Counts the cells and blocks if `cells` is NULL, else writes them. Returns 0 if there are too many. */
static int list_cells(rp_batch *batch, const rp_options *options, int write) {
  size_t first[2] = {0, 0}, cells = 0, blocks = 0;
  uint64_t last_block = UINT64_MAX;
  for (uint64_t cell = next_cell(batch, 0, first); cell != UINT64_MAX; cell = next_cell(batch, cell + 1, first)) {
    const uint64_t block = options->block_size == 0 ? 0 : cell / (options->block_size / RP_CELL);
    if (cells == RP_MAX_CELLS) return 0;
    if (options->block_size != 0 && block != last_block) {
      if (write) batch->blocks[blocks] = (rp_block){block, 0};
      last_block = block;
      blocks++;
    }
    if (write) batch->cells[cells] = (rp_cell){cell, {first[0], first[1]}, blocks == 0 ? 0 : blocks - 1};
    cells++;
  }
  batch->cell_count = cells;
  batch->block_count = blocks;
  return 1;
}

/* Marks the leaves of a cell that an extent of side 0 touches. */
static void touch_leaves(rp_batch *batch, const rp_options *options, size_t index) {
  const size_t leaves = rp_leaves_per_cell(options);
  const uint64_t start = batch->cells[index].number * RP_CELL, end = start + RP_CELL;
  for (size_t i = batch->cells[index].first[0]; i < batch->sides[0].count; i++) {
    const rp_extent *e = &batch->sides[0].extents[i];
    if (e->start >= end) return;
    const uint64_t from = e->start > start ? e->start : start;
    const uint64_t to = e->start + e->length < end ? e->start + e->length : end;
    const size_t first = (size_t)((from - start) / options->leaf_size);
    const size_t last = (size_t)((to - 1 - start) / options->leaf_size);
    memset(batch->states + index * leaves + first, RP_DATA, last - first + 1);
  }
}

/* Allocates and fills what depends on the extents. */
static uint32_t build(rp_batch *batch, const rp_options *options, const rp_counts *after) {
  if (!list_cells(batch, options, 0) || batch->cell_count == 0) return RP_EINVAL;
  const size_t leaves = batch->cell_count * rp_leaves_per_cell(options);
  batch->cells = calloc(batch->cell_count, sizeof *batch->cells);
  batch->blocks = calloc(batch->block_count + 1, sizeof *batch->blocks);
  batch->states = calloc(leaves + 1, 1);
  batch->digests = calloc(leaves + 1, RP_DIGEST);
  if (batch->cells == NULL || batch->blocks == NULL || batch->states == NULL || batch->digests == NULL) return RP_ENOMEM;
  list_cells(batch, options, 1);
  if (batch->cells[0].number < after->cells) return RP_EINVAL;
  if (batch->block_count > 0 && batch->blocks[0].number < after->blocks) return RP_EINVAL;
  if (leaves > 0) {
    for (size_t i = 0; i < batch->cell_count; i++) touch_leaves(batch, options, i);
  }
  return RP_OK;
}

uint32_t rp_batch_create(const rp_options *options, size_t files, const rp_side sides[2], const rp_counts *after, rp_batch **out) {
  if (sides[0].count > RP_MAX_EXTENTS || sides[1].count > RP_MAX_EXTENTS) return RP_EINVAL;
  if (sides[0].count + sides[1].count == 0) return RP_EINVAL;
  if (!(options->flags & RP_COMPARE) && sides[1].count > 0) return RP_EINVAL;
  if (!valid(options, files, sides[0]) || !valid(options, files, sides[1])) return RP_EINVAL;
  rp_batch *batch = calloc(1, sizeof *batch);
  if (batch == NULL) return RP_ENOMEM;
  const uint32_t error = copy_sides(batch, sides) ? build(batch, options, after) : RP_ENOMEM;
  if (error == RP_OK) *out = batch;
  else rp_batch_free(batch);
  return error;
}

void rp_batch_free(rp_batch *batch) {
  if (batch == NULL) return;
  free((void *)batch->sides[0].extents);
  free(batch->cells);
  free(batch->blocks);
  free(batch->states);
  free(batch->digests);
  free(batch);
}
