/* The work of one cell: read, test, hash and write, or compare. */
#include "pump.h"

#include <string.h>

/* Zeros are left out in pieces of this size, at multiples of it on the disk. Smaller pieces split data into many writes. */
static size_t piece_size(const rp_options *options) { return options->flags & RP_FINE_ZEROS ? 4096 : 65536; }

/* A cell while a thread works on it. */
typedef struct {
  rp_pump *pump;
  rp_batch *batch;
  const rp_cell *cell;
  uint64_t start;
  /* Bytes of the cell on the disk. */
  size_t length;
  uint64_t read_bytes;
  uint64_t stored_bytes;
} work;

/* The part of an extent within the cell, relative to the cell. */
typedef struct {
  size_t start;
  size_t end;
  uint64_t offset;
} part;

static part part_of(const work *w, const rp_extent *e) {
  const uint64_t behind = w->start + w->length;
  const uint64_t from = e->start > w->start ? e->start : w->start;
  const uint64_t to = e->start + e->length < behind ? e->start + e->length : behind;
  return (part){(size_t)(from - w->start), (size_t)(to - w->start), e->offset + (from - e->start)};
}

/*
 * Fills the buffer with one side of the cell; what no extent covers is zeros. Only leaves that an extent touches are looked at
 * later, so that a small extent does not cost the memory of its cell; a comparison looks at all of it. Returns 0 after a failure.
 */
static int fill(work *w, int side_number, uint8_t *buffer) {
  const rp_side *side = &w->batch->sides[side_number];
  const rp_options *options = &w->pump->options;
  const size_t unit = options->flags & RP_COMPARE ? RP_CELL : options->leaf_size == 0 ? 1 : options->leaf_size;
  size_t at = 0, clean = 0; /* End of the last extent; end of the last leaf that it touches. */
  for (size_t i = w->cell->first[side_number]; i < side->count && side->extents[i].start < w->start + w->length; i++) {
    const rp_extent *e = &side->extents[i];
    const part p = part_of(w, e);
    const size_t leaf = p.start / unit * unit;
    if (leaf < clean) memset(buffer + at, 0, p.start - at);
    else {
      memset(buffer + at, 0, clean - at);
      memset(buffer + leaf, 0, p.start - leaf);
    }
    const rp_outcome read = rp_read_fully(w->pump->files[e->file], buffer + p.start, p.end - p.start, p.offset);
    if (read.error != RP_OK) {
      rp_fail(w->pump, read, RP_READ, e->file, p.offset, p.end - p.start);
      return 0;
    }
    w->read_bytes += p.end - p.start;
    at = p.end;
    clean = (p.end + unit - 1) / unit * unit;
    if (clean > w->length) clean = w->length;
  }
  if (options->flags & RP_COMPARE) clean = w->length;
  memset(buffer + at, 0, clean - at);
  return 1;
}

/* Returns the offset of the cell in the target; gives its block a place if it has none. */
static uint64_t place(work *w) {
  const rp_options *options = &w->pump->options;
  if (options->block_size == 0) return options->end + w->start;
  rp_block *block = &w->batch->blocks[w->cell->block];
  rp_lock_take(&w->pump->lock);
  if (block->offset == 0) {
    block->offset = w->pump->progress.end;
    w->pump->progress.end += options->block_size;
  }
  const uint64_t offset = block->offset;
  rp_lock_give(&w->pump->lock);
  return offset + w->start % options->block_size;
}

static int put(work *w, const uint8_t *bytes, size_t length, uint64_t offset) {
  const rp_outcome written = rp_write_fully(w->pump->options.target, bytes, length, offset);
  if (written.error != RP_OK) {
    rp_fail(w->pump, written, RP_WRITE, 0, offset, length);
    return 0;
  }
  w->stored_bytes += length;
  rp_pump *pump = w->pump;
  if (!(pump->options.flags & RP_FLUSH_EARLY)) return 1;
  rp_lock_take(&pump->lock);
  if (pump->unflushed == 0 || offset < pump->flush_start) pump->flush_start = offset;
  if (pump->unflushed == 0 || offset + length > pump->flush_end) pump->flush_end = offset + length;
  pump->unflushed += length;
  rp_lock_give(&pump->lock);
  return 1;
}

/* Whether a piece, which may lie in several leaves, has only zeros: by the states of its leaves if they are whole pieces. */
static int is_zero_piece(const work *w, const uint8_t *buffer, size_t from, size_t to, const uint8_t *states) {
  const rp_options *options = &w->pump->options;
  const size_t leaf = options->leaf_size;
  if (states != NULL && leaf == piece_size(options) && states[from / leaf] == RP_ZERO) return 1;
  return rp_is_zero(buffer + from, to - from, options->paths);
}

/* Writes what extents cover and is not zero; neighbouring pieces by one call. Returns 0 after a failure. */
static int write_parts(work *w, const uint8_t *buffer, const uint8_t *states) {
  const rp_side *side = &w->batch->sides[0];
  const size_t piece = piece_size(&w->pump->options);
  uint64_t target = 0;
  size_t from = 0, to = 0; /* The run that is not yet written. */
  for (size_t i = w->cell->first[0]; i < side->count && side->extents[i].start < w->start + w->length; i++) {
    const part p = part_of(w, &side->extents[i]);
    for (size_t at = p.start; at < p.end;) {
      const size_t border = (at / piece + 1) * piece, end = border < p.end ? border : p.end;
      if (!is_zero_piece(w, buffer, at, end, states)) {
        if (target == 0 && from == to) target = place(w);
        if (to == at && to > from) to = end;
        else {
          if (to > from && !put(w, buffer + from, to - from, target + from)) return 0;
          from = at;
          to = end;
        }
      }
      at = end;
    }
  }
  return to == from || put(w, buffer + from, to - from, target + from);
}

static void compare(work *w, uint8_t *buffers) {
  uint8_t *other = buffers + RP_CELL;
  if (!fill(w, 0, buffers) || !fill(w, 1, other)) return;
  const size_t at = rp_first_difference(buffers, other, w->length, w->pump->options.paths);
  if (at == w->length) return;
  rp_lock_take(&w->pump->lock);
  if (w->start + at < w->pump->progress.difference) w->pump->progress.difference = w->start + at;
  rp_lock_give(&w->pump->lock);
}

static void copy(work *w, uint8_t *buffer, size_t index) {
  const rp_options *options = &w->pump->options;
  const size_t leaves = rp_leaves_per_cell(options);
  uint8_t *states = leaves == 0 ? NULL : w->batch->states + index * leaves;
  if (!fill(w, 0, buffer)) return;
  if (leaves > 0) {
    uint8_t *digests = w->batch->digests + index * leaves * RP_DIGEST;
    rp_hash_leaves(buffer, w->length, options->leaf_size, states, digests, options->paths);
  }
  if (options->target != RP_NO_FILE) write_parts(w, buffer, states);
}

void rp_do_cell(rp_pump *pump, rp_batch *batch, size_t index, uint8_t *buffers) {
  const rp_cell *cell = &batch->cells[index];
  const uint64_t start = cell->number * RP_CELL, rest = pump->options.disk_size - start;
  work w = {pump, batch, cell, start, rest < RP_CELL ? (size_t)rest : RP_CELL, 0, 0};
  if (pump->options.flags & RP_COMPARE) compare(&w, buffers);
  else copy(&w, buffers, index);
  rp_lock_take(&pump->lock);
  pump->progress.read_bytes += w.read_bytes;
  pump->progress.stored_bytes += w.stored_bytes;
  rp_lock_give(&pump->lock);
}
